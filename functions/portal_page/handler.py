"""Serve the portal's page on every page path; assets are static and come from the bucket."""

from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes
from typing import Any

from cnc.cloud.observability import Observer
from cnc.cloud.settings import Oidc, Process, load
from functions.portal_page.page import Page

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


settings = load(Settings)
observer = Observer("portal_page")
page = Page.of(
    _template(), issuer=settings.oidc_issuer, client_id=settings.oidc_client_id, origin=settings.portal_origin
)


@observer.observed
def lambda_handler(_event: Any, _context: Any) -> dict[str, Any]:
    return page.load(token_bytes)
