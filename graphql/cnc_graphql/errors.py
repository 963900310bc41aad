"""Errors as the answer carries them: a stable code, a sentence, and nothing of the inside."""

from typing import Any

from cnc.domain.base.errors import CODES, CncError
from graphql import GraphQLError, GraphQLSyntaxError

INTERNAL = "internal.error"


def cause(error: GraphQLError) -> BaseException | None:
    """What a resolver or a check raised, below the wrappers of the executor."""
    original = error.original_error
    while isinstance(original, GraphQLError) and original.original_error is not None:
        original = original.original_error
    return original


def wire_error(error: GraphQLError, *, request_id: str) -> dict[str, Any]:
    """One entry of `errors`. Errors that nobody meant for a caller say nothing but where to ask."""
    original = cause(error)
    if isinstance(original, CncError):
        wire = cnc_error(original, request_id=request_id)
    elif original is None or isinstance(original, GraphQLError):
        wire = _of_the_document(error, request_id=request_id)
    else:
        wire = internal_error(request_id=request_id)
    if error.path:
        wire["path"] = list(error.path)
    return wire


def internal_error(*, request_id: str) -> dict[str, Any]:
    """What a caller learns of a fault of ours."""
    return {"message": CODES[INTERNAL][1], "extensions": {"code": INTERNAL, "requestId": request_id}}


def cnc_error(error: CncError, *, request_id: str) -> dict[str, Any]:
    """An error of ours, without a path.

    What is not there, and what is somebody else's, answer alike to the byte: the request id is in the header only.
    """
    extensions = {"code": error.code} if error.status == 404 else {"code": error.code, "requestId": request_id}
    for name in ("seen", "expected", "todo"):
        if getattr(error, name):
            extensions[name] = getattr(error, name)
    return {"message": str(error), "extensions": extensions}


def _of_the_document(error: GraphQLError, *, request_id: str) -> dict[str, Any]:
    """Syntax, validation and coercion of variables: about the caller's own text only."""
    wire: dict[str, Any] = {
        "message": error.message[:300],
        "extensions": {"code": _document_code(error), "requestId": request_id},
    }
    if error.locations:
        wire["locations"] = [{"line": at.line, "column": at.column} for at in error.locations[:3]]
    return wire


def _document_code(error: GraphQLError) -> str:
    too_many = isinstance(error, GraphQLSyntaxError) and "tokens" in error.message
    return "limit.cost" if too_many else "query.invalid"
