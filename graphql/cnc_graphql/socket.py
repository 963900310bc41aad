"""The graphql-transport-ws protocol, message by message: no process holds a connection.

Client                                 here
  connection_init {authorization} ->     <- connection_ack
  ping                            ->     <- pong
  subscribe {id, query}           ->     <- next* (what holds now), later next per event from `fan_out`
  complete {id}                   ->

API Gateway knows no close codes: what the protocol closes a socket for is answered by an `error` message without an
operation, and then the connection is closed.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import orjson

from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller
from cnc.services.rates import RateLimited
from cnc.services.subscriptions import Registration, Sockets, complete, initialise, ready_caller, register
from cnc_graphql.context import Context
from cnc_graphql.documents import Documents
from cnc_graphql.errors import cnc_error, internal_error, wire_error
from cnc_graphql.execute import answer, known_text
from cnc_graphql.guard import check_nesting
from cnc_graphql.limits import BODY_BYTES
from cnc_graphql.prepare import Invalid, prepare
from cnc_graphql.request import GraphQLRequest, parse_payload
from cnc_graphql.run_subscription import Refused, run_subscription
from graphql import OperationType

LOG = logging.getLogger("cnc.graphql")
PROTOCOL = "graphql-transport-ws"
#: API Gateway's frame limit; a larger message would be cut into frames that many clients do not join.
FRAME_BYTES = 32_768
A_MESSAGE = 1  # points

Message = dict[str, Any]


class Post(Protocol):
    """Sends one message to a connection; False when the connection is gone."""

    def __call__(self, connection: str, message: bytes, /) -> bool: ...
    def end(self, connection: str, /) -> None: ...


def _free(_points: int) -> None:
    """Nothing is counted."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What handling one client message needs; everything is of the tenant that is acted for.

    `spend` takes points from the quotas of caller and connection. Raises RateLimited.
    """

    connection: str
    opened_by: Caller
    sockets: Sockets
    documents: Documents
    credential: Callable[[str | None], Caller]
    context_of: Callable[[Caller], Context]
    now: datetime
    request_id: str
    spend: Callable[[int], None] = _free


def handle(text: str, *, exchange: Exchange, post: Post) -> None:
    """Handle one message of the client and post what follows from it. Never raises: a client waits for words."""
    operation = ""
    try:
        message = _parse(text)
        operation = _text(message, "id", default="")
        exchange.spend(A_MESSAGE)
        for reply in _HANDLERS[message["type"]](message, exchange):
            post(exchange.connection, encoded(reply))
    except CncError as error:
        post(exchange.connection, encoded(error_message(operation, [cnc_error(error, request_id=exchange.request_id)])))
        # A connection that floods is closed; where somebody else spent the quota, this operation alone is refused.
        floods = isinstance(error, RateLimited) and error.policy == "connection"
        if not operation or error.code == "auth.missing" or floods:
            post.end(exchange.connection)
    except Exception as error:
        LOG.error("failed %s on the socket", exchange.request_id, exc_info=error)
        post(exchange.connection, encoded(error_message(operation, [internal_error(request_id=exchange.request_id)])))


def encoded(message: Message) -> bytes:
    """The bytes of one frame; a message too large for one becomes an error of its operation."""
    body = orjson.dumps(message)
    if len(body) <= FRAME_BYTES:
        return body
    error = CncError("limit.size", seen=f"{len(body)} bytes", expected=f"at most {FRAME_BYTES} in one message")
    return orjson.dumps(error_message(str(message.get("id", "")), [cnc_error(error, request_id="")]))


def next_message(operation: str, payload: dict[str, Any]) -> Message:
    return {"id": operation, "type": "next", "payload": payload}


def error_message(operation: str, errors: list[dict[str, Any]]) -> Message:
    return {"id": operation, "type": "error", "payload": errors}


def _init(message: Message, exchange: Exchange) -> Sequence[Message]:
    payload = message.get("payload")
    # Clients write the name as HTTP does, in any case.
    named = {name.lower(): value for name, value in payload.items()} if isinstance(payload, dict) else {}
    header = named.get("authorization")
    shown = exchange.credential(header if isinstance(header, str) else None)
    initialise(
        exchange.connection, shown=shown, opened_by=exchange.opened_by, sockets=exchange.sockets, now=exchange.now
    )
    return [{"type": "connection_ack"}]


def _ping(message: Message, _: Exchange) -> Sequence[Message]:
    payload = message.get("payload")
    return [{"type": "pong", "payload": payload} if isinstance(payload, dict) else {"type": "pong"}]


def _pong(_: Message, __: Exchange) -> Sequence[Message]:
    return []


def _subscribe(message: Message, exchange: Exchange) -> Sequence[Message]:
    operation = _text(message, "id")
    caller = ready_caller(exchange.connection, sockets=exchange.sockets, now=exchange.now)
    context = exchange.context_of(caller)
    request = parse_payload(message.get("payload"))
    text = known_text(request, context=context, documents=exchange.documents)
    try:
        prepared = prepare(text, variables=request.variables, operation_name=request.operation_name)
    except Invalid as invalid:
        return [error_message(operation, [wire_error(e, request_id=exchange.request_id) for e in invalid.errors])]
    if prepared.operation is not OperationType.SUBSCRIPTION:
        return _once(operation, request, context, exchange)
    context.charge(prepared.cost)
    registration = Registration(
        connection=exchange.connection,
        operation=operation,
        text=text,
        variables=request.variables,
        caller=caller,
        operation_name=request.operation_name,
    )
    # First the row, then what holds now: an event in between comes twice, and never not at all.
    register(registration, sockets=exchange.sockets, now=exchange.now)
    try:
        payloads = run_subscription(registration, context=context)
    except Exception as error:
        # An error ends the operation for the client, so it ends here too.
        exchange.sockets.registrations.remove(exchange.connection, operations=[operation])
        if isinstance(error, Refused):
            return [error_message(operation, error.errors)]
        raise
    return [next_message(operation, payload) for payload in payloads]


def _once(operation: str, request: GraphQLRequest, context: Context, exchange: Exchange) -> Sequence[Message]:
    """A query or mutation over the socket: one result, then the end."""
    answered = answer(request, context=context, documents=exchange.documents)
    payload = orjson.loads(answered.body)
    if not answered.executed:
        return [error_message(operation, payload["errors"])]
    return [next_message(operation, payload), {"id": operation, "type": "complete"}]


def _complete(message: Message, exchange: Exchange) -> Sequence[Message]:
    complete(exchange.connection, operation=_text(message, "id"), sockets=exchange.sockets)
    return []


_HANDLERS: dict[str, Callable[[Message, Exchange], Sequence[Message]]] = {
    "connection_init": _init,
    "ping": _ping,
    "pong": _pong,
    "subscribe": _subscribe,
    "complete": _complete,
}


def _parse(text: str) -> Message:
    if len(text) > BODY_BYTES:
        raise CncError("limit.size", seen=f"{len(text)} characters", expected=f"at most {BODY_BYTES}")
    check_nesting(text)
    try:
        message = orjson.loads(text)
    except ValueError as error:
        raise CncError("request.malformed", seen="no JSON", expected=f"a message of {PROTOCOL}") from error
    if not isinstance(message, dict) or message.get("type") not in _HANDLERS:
        raise CncError("request.malformed", seen="another message", expected=f"one of {', '.join(_HANDLERS)}")
    return message


def _text(message: Message, name: str, *, default: str | None = None) -> str:
    value = message.get(name, default)
    if not isinstance(value, str):
        raise CncError("request.malformed", seen=f"{name} of type {type(value).__name__}", expected="a text")
    return value
