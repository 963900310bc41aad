"""Problem documents as the router's responses."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from cnc.domain.base.errors import CODES, CncError
from cnc.services.problem import MEDIA_TYPE, fault_body, problem_body


def problem(error: CncError, *, request_id: str, headers: dict[str, str] | None = None, **more: Any) -> Response[str]:
    """The answer to a request that met an error of ours; `more` are further members of the document."""
    body = problem_body(error, request_id=request_id, **more)
    return _response(body, error.status, {"x-request-id": request_id, **(headers or {})})


def fault(*, request_id: str) -> Response[str]:
    """The answer when the fault is ours."""
    status, _ = CODES["internal.error"]
    return _response(fault_body(request_id=request_id), status, {"x-request-id": request_id})


def _response(body: str, status: int, headers: dict[str, str]) -> Response[str]:
    return Response(
        status_code=status, content_type=MEDIA_TYPE, body=body, headers={"cache-control": "no-store", **headers}
    )
