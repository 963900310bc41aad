"""The three routes of the WebSocket API: who may open a socket, what comes over it, and its end."""

from base64 import b64decode
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from cnc.domain.base.errors import CncError
from cnc.services.attached import attach, still_open
from cnc.services.caller import Caller
from cnc.services.sessions import SessionRows
from cnc.services.subscriptions import Sockets, connect, disconnect, owner
from cnc.services.tickets import OpenTickets, redeem
from cnc_graphql.errors import cnc_error
from cnc_graphql.socket import PROTOCOL, Exchange, Post, encoded, error_message, handle

Response: TypeAlias = dict[str, Any]


def _free(_caller: Caller) -> None:
    """Nothing is counted."""


@dataclass(frozen=True, slots=True)
class Door:
    """What opening, using and closing sockets needs. `origin` is the one page that browsers may connect from.

    `spend` takes what opening a socket costs from the caller's quota. Raises RateLimited.
    """

    origin: str
    tickets: OpenTickets
    sockets: Sockets
    sessions: SessionRows
    credential: Callable[[str | None], Caller]
    acting_for: Callable[[str], AbstractContextManager[object]]
    exchange_of: Callable[[str, Caller, str], Exchange]
    post: Post
    spend: Callable[[Caller], None] = _free


def route(event: Mapping[str, Any], *, door: Door, now: datetime) -> Response:
    """Answer one event of the API. Raises CncError when a socket may not be opened."""
    request = event["requestContext"]
    connection = str(request["connectionId"])
    if request["eventType"] == "CONNECT":
        return _connect(event, connection, door, now)
    if request["eventType"] == "DISCONNECT":
        return _disconnect(connection, door)
    opened_by = owner(connection, sockets=door.sockets)
    try:
        still_open(opened_by, sessions=door.sessions, now=now)
    except CncError as error:
        door.post(connection, encoded(error_message("", [cnc_error(error, request_id="")])))
        door.post.end(connection)
        return {"statusCode": 200}
    with door.acting_for(opened_by.tenant):
        exchange = door.exchange_of(connection, opened_by, str(request.get("requestId", "")))
        handle(_text(event), exchange=exchange, post=door.post)
    return {"statusCode": 200}


def refused(error: CncError) -> Response:
    """Before a socket is open the answer is HTTP; afterwards API Gateway drops it."""
    return {"statusCode": error.status, "body": str(error)}


def _connect(event: Mapping[str, Any], connection: str, door: Door, now: datetime) -> Response:
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    offered = [name.strip() for name in headers.get("sec-websocket-protocol", "").split(",")]
    if PROTOCOL not in offered:
        raise CncError("request.malformed", seen=", ".join(filter(None, offered)), expected=f"protocol {PROTOCOL}")
    # Programs send no Origin; a browser always does, and then it must be our own page.
    if headers.get("origin", door.origin) != door.origin:
        raise CncError("auth.forbidden", seen=headers["origin"], expected=door.origin)
    ticket = (event.get("queryStringParameters") or {}).get("ticket")
    caller = (
        door.credential(headers.get("authorization"))
        if ticket is None
        else redeem(ticket, tickets=door.tickets, now=now)
    )
    door.spend(caller)
    attach(connection, caller=caller, sessions=door.sessions)
    connect(connection, caller=caller, sockets=door.sockets, now=now)
    return {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": PROTOCOL}}


def _disconnect(connection: str, door: Door) -> Response:
    try:
        opened_by = owner(connection, sockets=door.sockets)
    except CncError:
        return {"statusCode": 200}  # forgotten already, by an event that met a closed connection
    with door.acting_for(opened_by.tenant):
        disconnect(connection, sockets=door.sockets)
    if opened_by.session:
        door.sessions.detach(opened_by.session, connection)
    return {"statusCode": 200}


def _text(event: Mapping[str, Any]) -> str:
    body: str = event.get("body") or ""
    return b64decode(body).decode("utf-8", "replace") if event.get("isBase64Encoded") else body
