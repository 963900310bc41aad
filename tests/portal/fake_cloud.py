"""The cloud as the portal sees it: pages as `portal_page` makes them, sign-in, GraphQL over POST, the live socket.

GraphQL runs on the real schema text and accepts the persisted documents alone, so a portal that asks for
anything else fails here first.
"""

import asyncio
import json
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from functions.portal_page.page import Page
from graphql import ExecutionResult, build_schema, graphql, parse, subscribe
from tests.portal.fake_oidc import FakeOidc
from tests.portal.fake_shop import FakeShop

ROOT = Path(__file__).parents[2]
SCHEMA = build_schema((ROOT / "graphql" / "schema.graphql").read_text(encoding="utf-8"))
OPERATIONS = frozenset(path.read_text(encoding="utf-8") for path in (ROOT / "graphql" / "operations").glob("*.graphql"))
START_S = 10.0


class FakeCloud:
    """Serves on a free port of the loopback, in a thread of its own, until `close`."""

    def __init__(self, *, dist: Path) -> None:
        self.dist = dist
        self.oidc = FakeOidc(client="portal-client")
        self.shop = FakeShop(now=datetime.now(UTC))
        self.asked: list[str] = []
        self._refusing = False
        self._tickets: set[str] = set()
        self._sockets: set[web.WebSocketResponse] = set()
        self._loop = asyncio.new_event_loop()
        self._runner: web.AppRunner | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.origin = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(START_S)

    async def _start(self) -> str:
        app = web.Application()
        app.add_routes(
            [
                *self.oidc.routes(),
                web.post("/graphql", self._graphql),
                web.post("/v1/socket-tickets", self._ticket),
                web.get("/socket", self._socket),
                web.static("/assets", self.dist / "assets"),
                web.get("/{path:.*}", self._page),
            ]
        )
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "localhost", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        return f"http://localhost:{port}"

    def call(self, action: Callable[[], None]) -> None:
        """Run something on the server's loop and wait for it."""

        async def run() -> None:
            action()

        asyncio.run_coroutine_threadsafe(run(), self._loop).result(START_S)

    def refuse_sockets(self, refuse: bool) -> None:
        """Cut every live connection, as a network does, and let none in until told otherwise."""

        async def run() -> None:
            self._refusing = refuse
            for socket in list(self._sockets) if refuse else ():
                await socket.close(code=1012)

        asyncio.run_coroutine_threadsafe(run(), self._loop).result(START_S)

    def close(self) -> None:
        async def stop() -> None:
            for socket in list(self._sockets):
                await socket.close()
            if self._runner is not None:
                await self._runner.cleanup()

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result(START_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_S)
        self._loop.close()

    async def _page(self, request: web.Request) -> web.Response:
        nonce = secrets.token_urlsafe(18)
        page = Page.of(
            (self.dist / "index.html").read_text(encoding="utf-8"),
            issuer=f"{self.origin}/issuer",
            client_id=self.oidc.client,
            origin=self.origin,
        )
        return web.Response(text=page.html(nonce), headers=page.headers(nonce))

    def _signed_in(self, header: str | None) -> bool:
        return (header or "").removeprefix("Bearer ") in self.oidc.tokens

    async def _ticket(self, request: web.Request) -> web.Response:
        if not self._signed_in(request.headers.get("Authorization")):
            return web.json_response({"code": "auth.invalid"}, status=401)
        ticket = secrets.token_hex(8)
        self._tickets.add(ticket)
        return web.json_response({"ticket": ticket, "expiresAt": "2099-01-01T00:00:00.000Z"})

    async def _graphql(self, request: web.Request) -> web.Response:
        if not self._signed_in(request.headers.get("Authorization")):
            return web.json_response({"errors": [_error("auth.expired", "The credential has expired.")]}, status=401)
        body = await request.json()
        if body["query"] not in OPERATIONS:
            return web.json_response({"errors": [_error("document.unknown", "Not a persisted document.")]}, status=400)
        self.asked.append(body["operationName"])
        result = await graphql(SCHEMA, body["query"], self.shop.root(), variable_values=body.get("variables"))
        return web.json_response(_wire(result))

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        ticket = request.query.get("ticket", "")
        if self._refusing or ticket not in self._tickets:
            raise web.HTTPForbidden
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(protocols=["graphql-transport-ws"])
        await socket.prepare(request)
        self._sockets.add(socket)
        running: dict[str, asyncio.Task[None]] = {}
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._frame(socket, json.loads(message.data), running)
        finally:
            self._sockets.discard(socket)
            for task in running.values():
                task.cancel()
        return socket

    async def _frame(
        self, socket: web.WebSocketResponse, frame: dict[str, Any], running: dict[str, asyncio.Task[None]]
    ) -> None:
        match frame["type"]:
            case "connection_init" if self._signed_in(frame["payload"]["authorization"]):
                await socket.send_json({"type": "connection_ack"})
            case "connection_init":
                await socket.close(code=4403)
            case "ping":
                await socket.send_json({"type": "pong"})
            case "subscribe":
                running[frame["id"]] = asyncio.create_task(self._stream(socket, frame["id"], frame["payload"]))
            case "complete" if frame["id"] in running:
                running.pop(frame["id"]).cancel()
            case _:
                pass

    async def _stream(self, socket: web.WebSocketResponse, id_: str, payload: dict[str, Any]) -> None:
        assert payload["query"] in OPERATIONS, payload["query"]
        source = subscribe(SCHEMA, parse(payload["query"]), self.shop.root(), variable_values=payload.get("variables"))
        results = await source if asyncio.iscoroutine(source) or asyncio.isfuture(source) else source
        assert not isinstance(results, ExecutionResult), results
        async for result in results:
            await socket.send_json({"type": "next", "id": id_, "payload": _wire(result)})


def _error(code: str, message: str, todo: str = "") -> dict[str, Any]:
    return {"message": message, "extensions": {"code": code, "todo": todo, "requestId": "req-0000-fake"}}


def _wire(result: ExecutionResult) -> dict[str, Any]:
    if result.errors:
        todo = "Wait a moment and try again."
        return {
            "data": result.data,
            "errors": [_error("store.throttled", error.message, todo) for error in result.errors],
        }
    return {"data": result.data}
