"""Errors as RFC 9457 problem documents, with the same codes as everywhere."""

import json
from typing import Any

from cnc.domain.base.errors import CODES, CncError
from cnc.services.rates import RateLimited

MEDIA_TYPE = "application/problem+json"
#: Codes are stable; their page explains cause and cure.
TYPE = "https://docs.cnc-copilot.example/errors/"


def problem_body(error: CncError, *, request_id: str, **more: Any) -> str:
    """The document of an error of ours; `more` are further members."""
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
    if isinstance(error, RateLimited):
        document["violated-policies"] = [error.policy]  # draft-ietf-httpapi-ratelimit-headers
    return _text(document | more)


def fault_body(*, request_id: str) -> str:
    """The document when the fault is ours: a request id to ask with, and nothing of the inside."""
    status, sentence = CODES["internal.error"]
    return _text(
        {
            "type": f"{TYPE}internal.error",
            "title": sentence,
            "status": status,
            "code": "internal.error",
            "requestId": request_id,
        }
    )


def problem_headers(*, request_id: str) -> dict[str, str]:
    return {"content-type": MEDIA_TYPE, "cache-control": "no-store", "x-request-id": request_id}


def problem_response(error: CncError, *, request_id: str) -> dict[str, Any]:
    """A whole response of an HTTP API, payload 2.0."""
    return {
        "statusCode": error.status,
        "headers": problem_headers(request_id=request_id),
        "body": problem_body(error, request_id=request_id),
    }


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"), sort_keys=True)
