"""GraphQL over HTTP, as API Gateway's payload 2.0 carries it.

Order: method, media type, size, then the document; the authorizer has spoken before any of it.
"""

from base64 import b64decode
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller
from cnc_graphql.context import Context
from cnc_graphql.documents import Documents
from cnc_graphql.execute import Answer, answer, refused
from cnc_graphql.request import parse_body

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
Response: TypeAlias = dict[str, Any]


def respond(
    event: Mapping[str, Any],
    *,
    acting_for: Callable[[str], AbstractContextManager[object]],
    context_of: Callable[[Caller, str], Context],
    documents: Documents,
) -> Response:
    """One request to one response; the document runs inside `acting_for` the caller's tenant."""
    request_context = event["requestContext"]
    request_id = str(request_context.get("requestId", ""))
    media = _media(_header(event, "accept"))
    try:
        _check_envelope(event)
        request = parse_body(_body(event))
        caller = caller_of_event(event)
    except CncError as error:
        return _response(refused(error, request_id=request_id), media=media, request_id=request_id, read=False)
    with acting_for(caller.tenant):
        answered = answer(request, context=context_of(caller, request_id), documents=documents)
    return _response(answered, media=media, request_id=request_id, read=True)


def caller_of_event(event: Mapping[str, Any]) -> Caller:
    """The caller that the authorizer verified. Raises CncError(auth.missing)."""
    facts = event["requestContext"].get("authorizer", {}).get("lambda")
    if not facts:
        raise CncError("auth.missing", expected="Authorization: Bearer <access token or API key>")
    return Caller.of_facts(facts["tenant"], facts)


def _check_envelope(event: Mapping[str, Any]) -> None:
    method = event["requestContext"]["http"]["method"]
    if method != "POST":
        raise CncError("method.not_allowed", seen=method, expected="POST")
    content_type = _header(event, "content-type").partition(";")[0].strip().lower()
    if content_type != JSON:
        raise CncError("media.unsupported", seen=content_type, expected=JSON)


def _body(event: Mapping[str, Any]) -> bytes:
    text: str = event.get("body") or ""
    return b64decode(text) if event.get("isBase64Encoded") else text.encode("utf-8", "surrogatepass")


def _header(event: Mapping[str, Any], name: str) -> str:
    return str((event.get("headers") or {}).get(name, ""))


def _media(accept: str) -> str:
    """Which of the two answers: clients that know the newer type name it."""
    return GRAPHQL_JSON if GRAPHQL_JSON in accept.lower() else JSON


def _response(answered: Answer, *, media: str, request_id: str, read: bool) -> Response:
    # With plain JSON a document that never ran is still 200, as the specification of GraphQL over HTTP asks;
    # what is wrong with the HTTP request itself keeps its status in both.
    keeps_status = media == GRAPHQL_JSON or answered.status != 400 or not read
    headers = {
        "content-type": f"{media}; charset=utf-8",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-request-id": request_id,
    }
    if answered.status == 405:
        headers["allow"] = "POST"
    return {
        "statusCode": answered.status if keeps_status else 200,
        "headers": headers,
        "body": answered.body.decode("utf-8"),
    }
