"""GraphQL over HTTP, as API Gateway's payload 2.0 carries it.

Order: method, credential, media type, size, then the document.
"""

from base64 import b64decode
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller
from cnc.services.entrance import Response, serve
from cnc.services.rates import Gauge
from cnc_graphql.context import Context
from cnc_graphql.documents import Documents
from cnc_graphql.execute import Answer, answer, refused
from cnc_graphql.request import parse_body

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
_UTF_8 = ("utf-8", "utf8")


def respond(
    event: Mapping[str, Any],
    *,
    acting_for: Callable[[str], AbstractContextManager[object]],
    context_of: Callable[[Caller, str], Context],
    documents: Documents,
    gauge: Gauge | None = None,
) -> Response:
    """One request to one response; the document runs inside `acting_for` the caller's tenant."""
    request_id = str(event["requestContext"].get("requestId", ""))
    media = _media(_header(event, "accept"))

    def refuse(error: CncError) -> Response:
        return _response(refused(error, request_id=request_id), media=media, request_id=request_id, read=False)

    def run(caller: Caller) -> Response:
        _check_media(event)
        request = parse_body(_body(event))
        context = context_of(caller, request_id)
        if gauge is not None:
            context.charge = gauge.take_document
        with acting_for(caller.tenant):
            answered = answer(request, context=context, documents=documents)
        return _response(answered, media=media, request_id=request_id, read=True)

    return serve(event, methods=("POST",), answer=run, refuse=refuse, gauge=gauge)


def _check_media(event: Mapping[str, Any]) -> None:
    content_type, *parameters = (part.strip().lower() for part in _header(event, "content-type").split(";"))
    charsets = [part.partition("=")[2].strip('"') for part in parameters if part.startswith("charset=")]
    if content_type != JSON or not set(charsets) <= set(_UTF_8):
        raise CncError("media.unsupported", seen=_header(event, "content-type"), expected=f"{JSON} in UTF-8")


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
    return {
        "statusCode": answered.status if keeps_status else 200,
        "headers": headers,
        "body": answered.body.decode("utf-8"),
    }
