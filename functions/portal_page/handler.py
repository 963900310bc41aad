"""Serve the portal's page on every page path, and say what is not there on all others.

Assets are static and come from the bucket. That a request came through the front was asked by the authorizer.
"""

from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes
from typing import Any

from cnc.cloud.observability import Observer
from cnc.cloud.settings import Oidc, Process, load
from cnc.domain.base.errors import CncError
from cnc.services.problem import problem_response
from functions.portal_page.page import REPORTS, Page
from functions.portal_page.paths import is_page, may_be_meant_for_people
from functions.portal_page.reports import reports_in

_HERE = Path(__file__).resolve().parent
#: In a package the page lies beside this file; in the source tree it is where the portal's build puts it.
_PLACES = (_HERE / "index.html", _HERE.parents[1] / "portal" / "dist" / "index.html")


@dataclass(frozen=True, kw_only=True)
class Settings(Process, Oidc):
    """What this function reads from its environment."""

    portal_origin: str


class NotBuilt(RuntimeError):
    """There is no built portal to serve; the text says where it was looked for."""


def _template() -> str:
    for place in _PLACES:
        if place.is_file():
            return place.read_text(encoding="utf-8")
    raise NotBuilt(f"no portal at {' or '.join(map(str, _PLACES))}: build it with `npm run build` in portal/")


METHODS = ("GET", "HEAD")

settings = load(Settings)
observer = Observer("portal_page")
page = Page.of(
    _template(), issuer=settings.oidc_issuer, client_id=settings.oidc_client_id, origin=settings.portal_origin
)


@observer.observed
def lambda_handler(event: Any, _context: Any) -> dict[str, Any]:
    path, method = event["rawPath"], event["requestContext"]["http"]["method"]
    if is_page(path):
        if method in METHODS:
            return page.load(token_bytes)
        return _problem(event, "method.not_allowed", seen=method, expected=", ".join(METHODS))
    if path == REPORTS:
        return (
            _reported(event)
            if method == "POST"
            else _problem(event, "method.not_allowed", seen=method, expected="POST")
        )
    navigates = "text/html" in (event.get("headers") or {}).get("accept", "")
    if method in METHODS and navigates and may_be_meant_for_people(path):
        return page.load(token_bytes) | {"statusCode": 404}
    return _problem(event, "path.not_found", seen=path)


def _reported(event: Any) -> dict[str, Any]:
    for report in reports_in(event):
        observer.log.warning("the policy kept something out", extra=report)
    return {"statusCode": 204, "headers": {"cache-control": "no-store"}}


def _problem(event: Any, code: str, *, seen: str, expected: str = "") -> dict[str, Any]:
    error = CncError(code, seen=seen, expected=expected)
    response = problem_response(error, request_id=str(event["requestContext"].get("requestId", "")))
    if error.status == 405:
        response["headers"]["allow"] = expected
    return response
