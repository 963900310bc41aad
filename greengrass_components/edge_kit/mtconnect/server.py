"""An agent over HTTP: probe, current, sample and assets, plain or streamed as multipart/x-mixed-replace.

GET /[{device}/]probe   /[{device}/]current?path&at&interval   /[{device}/]sample?path&from&to&count&interval&heartbeat
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Final, Self

from aiohttp import web

from greengrass_components.edge_kit.mtconnect.agent import Agent, AgentError, Parameters

log = logging.getLogger(__name__)

XML: Final = "text/xml"
MAX_STREAMS: Final = 64
#: A client that takes nothing for so long is let go.
WRITE_TIMEOUT_S: Final = 30.0
CLOSE_TIMEOUT_S: Final = 2.0
REQUESTS: Final = ("probe", "current", "sample", "asset", "assets")


class AgentServer:
    """Serves what `agent()` gives at the time of a request; `port` 0 picks a free one, `port` then says which."""

    def __init__(self, agent: Callable[[], Agent], host: str = "127.0.0.1", port: int = 0) -> None:
        self._agent, self.host, self.port = agent, host, port
        self._runner: web.AppRunner | None = None
        self._streams = 0
        self._stopping = False

    async def start(self) -> Self:
        """Listen. Raises OSError when the port is taken."""
        application = web.Application(client_max_size=1024)
        application.router.add_route("*", "/{tail:.*}", self._answer)
        runner = web.AppRunner(
            application, access_log=None, handler_cancellation=True, shutdown_timeout=CLOSE_TIMEOUT_S
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self.host, self.port).start()
        except OSError:
            await runner.cleanup()
            raise
        self.port = runner.addresses[0][1]
        self._runner = runner
        return self

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._runner is not None:
            self._stopping = True
            self._agent().wake()
            await self._runner.cleanup()
            self._runner, self._stopping = None, False

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        agent = self._agent()
        try:
            if request.method not in ("GET", "HEAD"):
                raise AgentError(405, "UNSUPPORTED", f"{request.method}, expected GET: this agent is read only")
            return await self._route(agent, request)
        except AgentError as error:
            headers = {"Allow": "GET, HEAD"} if error.status == 405 else None
            return _document(agent.error(error), status=error.status, headers=headers)

    async def _route(self, agent: Agent, request: web.Request) -> web.StreamResponse:
        device, wanted, rest = _split(request.match_info["tail"])
        if wanted == "probe" and not rest:
            return _document(agent.probe(device))
        if wanted in ("asset", "assets"):
            if rest:
                raise AgentError(404, "ASSET_NOT_FOUND", f"no asset {rest[:80]!r}: this agent has none")
            agent.chosen(device, "")
            return _document(agent.assets())
        if wanted in ("current", "sample") and not rest:
            asked = Parameters.of(request.query)
            return await (self._current if wanted == "current" else self._sample)(agent, request, device, asked)
        raise AgentError(
            404, "INVALID_URI", f"/{request.match_info['tail'][:80]}, expected one of {', '.join(REQUESTS)}"
        )

    async def _current(self, agent: Agent, request: web.Request, device: str, asked: Parameters) -> web.StreamResponse:
        if asked.interval_ms is None or request.method == "HEAD":
            return _document(agent.current(device, asked))
        if asked.at is not None:
            raise AgentError(400, "INVALID_REQUEST", "at with interval, expected one of them")
        agent.chosen(device, asked.path)
        pause_s = max(0.01, asked.interval_ms / 1000)

        async def parts(send: Callable[[bytes], Awaitable[None]]) -> None:
            while self._goes_on(agent):
                await send(agent.current(device, asked))
                await asyncio.sleep(pause_s)

        return await self._stream(request, parts)

    async def _sample(self, agent: Agent, request: web.Request, device: str, asked: Parameters) -> web.StreamResponse:
        ids = agent.chosen(device, asked.path)
        if asked.interval_ms is None or request.method == "HEAD":
            return _document(agent.sample(asked, ids)[0])
        if (asked.count or 0) < 0 or asked.to is not None:
            raise AgentError(400, "INVALID_REQUEST", "interval with a count below 0 or with to, expected it without")
        agent.sample(asked, ids)  # what is wrong with the parameters is said before the stream begins

        async def parts(send: Callable[[bytes], Awaitable[None]]) -> None:
            await self._samples(agent, asked, ids, send)

        return await self._stream(request, parts)

    async def _stream(
        self, request: web.Request, parts: Callable[[Callable[[bytes], Awaitable[None]]], Awaitable[None]]
    ) -> web.StreamResponse:
        if self._streams >= MAX_STREAMS:
            raise AgentError(503, "TOO_MANY", f"{self._streams} streams are open, expected at most {MAX_STREAMS}")
        boundary = secrets.token_hex(16)
        response = web.StreamResponse(headers={"Cache-Control": "no-cache, private, max-age=0", "Expires": "-1"})
        response.headers["Content-Type"] = f"multipart/x-mixed-replace;boundary={boundary}"
        response.enable_chunked_encoding()
        response.force_close()

        async def send(body: bytes) -> None:
            head = f"--{boundary}\r\nContent-type: {XML}\r\nContent-length: {len(body)}\r\n\r\n"
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await response.write(head.encode() + body + b"\r\n")

        self._streams += 1
        try:
            await response.prepare(request)
            await parts(send)
            await response.write(f"--{boundary}--\r\n".encode())
        except (ConnectionError, TimeoutError) as error:
            log.info("%s: stream ended, %s", request.remote, error or type(error).__name__)
        finally:
            self._streams -= 1
        return response

    async def _samples(
        self, agent: Agent, asked: Parameters, ids: set[str], send: Callable[[bytes], Awaitable[None]]
    ) -> None:
        """Documents at most every `interval`, and an empty one after `heartbeat` without news."""
        loop = asyncio.get_running_loop()
        pause_s, heartbeat_s = (asked.interval_ms or 0) / 1000, asked.heartbeat_ms / 1000
        at = agent.buffer.first_sequence if asked.start is None else asked.start
        while self._goes_on(agent):
            try:
                body, _, at = agent.sample(asked, ids, at)
            except AgentError as error:  # the client was too slow: what it wants has left the buffer
                await send(agent.error(error))
                return
            await send(body)
            sent = loop.time()
            while self._goes_on(agent) and loop.time() < sent + heartbeat_s:
                found, after = agent.buffer.from_on(at, 1, ids)
                if found:
                    break
                at = max(at, after)
                await agent.news(max(0.0, sent + heartbeat_s - loop.time()))
            await asyncio.sleep(max(0.0, sent + pause_s - loop.time()))

    def _goes_on(self, agent: Agent) -> bool:
        return not self._stopping and not agent.closed


def _split(tail: str) -> tuple[str, str, str]:
    """(device, request, what follows) of a path; no request at all is a probe."""
    parts = [part for part in tail.split("/") if part]
    device = ""
    if parts and parts[0] not in REQUESTS:
        device = parts.pop(0)
    if not parts:
        return device, "probe", ""
    return device, parts[0], "/".join(parts[1:])


def _document(body: bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(body=body, status=status, headers=headers, content_type=XML, charset="utf-8")
