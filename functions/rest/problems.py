"""Errors as RFC 9457 problem documents, with the same codes as everywhere."""

import json
from typing import Any

from aws_lambda_powertools.event_handler import Response

from cnc.domain.base.errors import CODES, CncError

MEDIA_TYPE = "application/problem+json"
#: Codes are stable; their page explains cause and cure.
TYPE = "https://docs.cnc-copilot.example/errors/"


def problem(error: CncError, *, request_id: str, headers: dict[str, str] | None = None, **more: Any) -> Response[str]:
    """The answer to a request that met an error of ours; `more` are further members of the document."""
    document: dict[str, Any] = {
        "type": f"{TYPE}{error.code}",
        "title": error.sentence,
        "status": error.status,
        "detail": str(error),
        "code": error.code,
    }
    # What is not there, and what is somebody else's, answer alike to the byte.
    document |= {} if error.status == 404 else {"requestId": request_id}
    document |= {name: value for name in ("seen", "expected", "todo") if (value := getattr(error, name))}
    return _response(document | more, error.status, {"x-request-id": request_id, **(headers or {})})


def fault(*, request_id: str) -> Response[str]:
    """The answer when the fault is ours: a request id to ask with, and nothing of the inside."""
    status, sentence = CODES["internal.error"]
    document = {
        "type": f"{TYPE}internal.error",
        "title": sentence,
        "status": status,
        "code": "internal.error",
        "requestId": request_id,
    }
    return _response(document, status, {"x-request-id": request_id})


def _response(document: dict[str, Any], status: int, headers: dict[str, str]) -> Response[str]:
    return Response(
        status_code=status,
        content_type=MEDIA_TYPE,
        body=json.dumps(document, separators=(",", ":"), sort_keys=True),
        headers={"cache-control": "no-store", **headers},
    )
