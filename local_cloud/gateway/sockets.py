"""WebSocket APIs: $connect, messages to routes, $disconnect, and posting to connections.

Limits ("Quotas for WebSocket APIs"): idle 10 min, 2 h per connection, 32 KB per frame, 128 KB per message out.
A message in is refused above 32 KB: browsers and common clients send a message as one frame.
"""

import asyncio
import base64
import json
import logging
import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import WSCloseCode, WSMsgType, web

from local_cloud.gateway.events import headers
from local_cloud.gateway.http_api import Invoker
from local_cloud.gateway.model import Api, Route
from local_cloud.service_client import DoorRefused, InvokeResult

log = logging.getLogger(__name__)
IDLE_S = 600.0
LIFE_S = 7200.0
MAX_FRAME_BYTES = 32 * 1024
MAX_POST_BYTES = 128 * 1024
TIMEOUT_S = 29.0
SEND_TIMEOUT_S = 10.0
MAX_AT_WORK = 16  # messages of one connection that are with Lambda at the same time


@dataclass(slots=True)
class Connected:
    """One open connection; times are wall clock, ISO 8601 for people, monotonic for limits."""

    id: str
    api: Api
    socket: web.WebSocketResponse
    identity: dict[str, str]
    connected_at: datetime
    started_s: float
    active_s: float
    active_at: datetime
    at_work: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_AT_WORK))
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def touch(self) -> None:
        self.active_s, self.active_at = time.monotonic(), datetime.now(UTC)


class Sockets:
    """All connections of all WebSocket APIs."""

    def __init__(self, invoker: Invoker, *, idle_s: float = IDLE_S, life_s: float = LIFE_S) -> None:
        self.invoker, self.idle_s, self.life_s = invoker, idle_s, life_s
        self.open: dict[str, Connected] = {}

    async def handle(self, request: web.Request, api: Api, shown: Mapping[str, str]) -> web.StreamResponse:
        """The whole life of a connection; `shown` as in `events.headers`."""
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return web.json_response({"message": "Forbidden"}, status=403)
        connection_id = base64.urlsafe_b64encode(secrets.token_bytes(11)).decode()
        event = _event(api, "$connect", "CONNECT", connection_id, _identity(request))
        event |= _request_fields(request, f"{api.id}.execute-api.local", shown)
        accepted, protocol = await self._admit(api, event)
        if accepted is not None:
            return accepted
        socket = web.WebSocketResponse(
            max_msg_size=MAX_FRAME_BYTES, protocols=[protocol] if protocol else [], compress=False
        )
        await socket.prepare(request)
        now = datetime.now(UTC)
        mono = time.monotonic()
        connected = Connected(connection_id, api, socket, _identity(request), now, mono, mono, now)
        self.open[connection_id] = connected
        try:
            await self._serve(connected)
        finally:
            self.open.pop(connection_id, None)
            for task in connected.tasks:
                task.cancel()
            await asyncio.shield(self._goodbye(connected))
        return socket

    async def post(self, connection_id: str, data: bytes) -> int:
        """HTTP status of PostToConnection: 200, 410 gone, 413 too large."""
        connected = self.open.get(connection_id)
        if connected is None or connected.socket.closed:
            return 410
        if len(data) > MAX_POST_BYTES:
            return 413
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await connected.socket.send_str(data.decode())
        except UnicodeDecodeError:
            await connected.socket.send_bytes(data)
        except (TimeoutError, ConnectionError):
            return 410
        connected.touch()
        return 200

    def describe(self, connection_id: str) -> dict[str, Any] | None:
        found = self.open.get(connection_id)
        if found is None:
            return None
        return {
            "connectedAt": found.connected_at.isoformat(),
            "lastActiveAt": found.active_at.isoformat(),
            "identity": found.identity,
        }

    async def end(self, connection_id: str) -> bool:
        """False when there is no such connection."""
        found = self.open.get(connection_id)
        if found is None:
            return False
        await found.socket.close(code=WSCloseCode.OK)
        return True

    async def close(self) -> None:
        for connected in list(self.open.values()):
            await connected.socket.close(code=WSCloseCode.GOING_AWAY, message=b"shutting down")

    async def _admit(self, api: Api, event: dict[str, Any]) -> tuple[web.Response | None, str]:
        """(refusal, subprotocol that the function chose)."""
        route = api.named("$connect")
        if route is None:
            return None, ""
        result = await self._invoke(api, route, event)
        answer = _answer(result)
        if answer is None:
            return web.json_response({"message": "Internal server error"}, status=502), ""
        status = int(answer.get("statusCode", 200))
        if not 200 <= status < 300:
            return web.Response(status=status), ""
        chosen = {str(k).lower(): str(v) for k, v in (answer.get("headers") or {}).items()}
        return None, chosen.get("sec-websocket-protocol", "")

    async def _serve(self, connected: Connected) -> None:
        socket = connected.socket
        while not socket.closed:
            now = time.monotonic()
            left_s = min(connected.active_s + self.idle_s, connected.started_s + self.life_s) - now
            if left_s <= 0:
                await socket.close(code=WSCloseCode.GOING_AWAY, message=b"Going away")
                return
            try:
                message = await socket.receive(timeout=left_s)
            except TimeoutError:
                continue
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            connected.touch()
            await connected.at_work.acquire()
            task = asyncio.create_task(self._message(connected, message))
            connected.tasks.add(task)
            task.add_done_callback(connected.tasks.discard)

    async def _message(self, connected: Connected, message: aiohttp.WSMessage) -> None:
        api = connected.api
        try:
            text = message.type is WSMsgType.TEXT
            route = api.named(_selected(api.selection, message.data)) or api.named("$default") if text else None
            route = route or api.named("$default")
            if route is None:
                await connected.socket.send_json({"message": "Forbidden", "connectionId": connected.id})
                return
            event = _event(api, route.key, "MESSAGE", connected.id, connected.identity)
            event["body"] = message.data if text else base64.b64encode(message.data).decode()
            event["isBase64Encoded"] = not text
            answer = _answer(await self._invoke(api, route, event))
            if answer is None:
                context = {"connectionId": connected.id, "requestId": event["requestContext"]["requestId"]}
                await connected.socket.send_json({"message": "Internal server error", **context})
            elif route.answers and answer.get("body"):
                await connected.socket.send_str(str(answer["body"]))
        except (ConnectionError, RuntimeError) as gone:
            log.info("connection %s went away: %s", connected.id, gone)
        finally:
            connected.at_work.release()

    async def _goodbye(self, connected: Connected) -> None:
        route = connected.api.named("$disconnect")
        if route is None:
            return
        event = _event(connected.api, "$disconnect", "DISCONNECT", connected.id, connected.identity)
        event["requestContext"]["disconnectStatusCode"] = connected.socket.close_code or 1006
        event["requestContext"]["disconnectReason"] = ""
        await self._invoke(connected.api, route, event)

    async def _invoke(self, api: Api, route: Route, event: dict[str, Any]) -> InvokeResult | None:
        source = f"{api.arn_prefix}/{route.key}"
        try:
            async with asyncio.timeout(min(route.timeout_s, TIMEOUT_S)):
                return await self.invoker.invoke(route.function, json.dumps(event).encode(), source_arn=source)
        except (TimeoutError, aiohttp.ClientError, DoorRefused) as error:
            log.warning("%s: %r", route.key, error)
            return None


def _answer(result: InvokeResult | None) -> dict[str, Any] | None:
    if result is None or result.function_error:
        return None
    try:
        answer = json.loads(result.payload or b"{}")
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else {}


def _selected(expression: str, text: str) -> str:
    """Value of `$request.body.<path>` in the message, "" when there is none."""
    path = expression.removeprefix("$request.body.").split(".")
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) and not found.startswith("$") else ""


def _event(api: Api, route_key: str, kind: str, connection_id: str, identity: dict[str, str]) -> dict[str, Any]:
    at = datetime.now(UTC)
    return {
        "requestContext": {
            "routeKey": route_key,
            "eventType": kind,
            "messageDirection": "IN",
            "messageId": None if kind != "MESSAGE" else str(uuid.uuid4()),
            "extendedRequestId": str(uuid.uuid4()),
            "requestId": str(uuid.uuid4()),
            "requestTime": at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "requestTimeEpoch": int(at.timestamp() * 1000),
            "connectedAt": int(at.timestamp() * 1000),
            "connectionId": connection_id,
            "apiId": api.id,
            "stage": api.stage,
            "domainName": f"{api.id}.execute-api.local",
            "identity": identity,
        },
        "isBase64Encoded": False,
    }


def _request_fields(request: web.Request, domain: str, shown: Mapping[str, str]) -> dict[str, Any]:
    query = parse_qsl(request.query_string, keep_blank_values=True)
    sent = headers(request, domain, shown)
    fields: dict[str, Any] = {"headers": sent, "multiValueHeaders": {name: [value] for name, value in sent.items()}}
    if query:
        fields["queryStringParameters"] = dict(query)
        many: dict[str, list[str]] = {}
        for name, value in query:
            many.setdefault(name, []).append(value)
        fields["multiValueQueryStringParameters"] = many
    return fields


def _identity(request: web.Request) -> dict[str, str]:
    return {"sourceIp": request.remote or "", "userAgent": request.headers.get("User-Agent", "")}
