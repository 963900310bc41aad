"""The one origin: loopback hosts only, then OIDC, connections, and the behaviours of the distribution."""

import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address

from aiohttp import web

from local_cloud.gateway.http_api import MAX_BODY_BYTES, HttpApis
from local_cloud.gateway.model import Host
from local_cloud.gateway.sockets import Sockets
from local_cloud.gateway.static import StaticFiles

log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Gateway:
    """Everything the `http` process serves. `key` opens `/_connections`; `origin` is the address people open."""

    def __init__(
        self, host: Host, *, apis: HttpApis, sockets: Sockets, static: StaticFiles, key: str, origin: str
    ) -> None:
        self.host, self.apis, self.sockets, self.static = host, apis, sockets, static
        self.key, self.origin = key, origin

    def application(self, *, also: Sequence[web.RouteDef] = ()) -> web.Application:
        app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[self._guard])
        app.add_routes(also)
        app.router.add_route("*", "/_connections/{id}", self._connection)
        app.router.add_route("*", "/{path:.*}", self._behave)
        app.on_shutdown.append(self._shutdown)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not is_loopback(request.headers.get("Host", "")):
            # A page elsewhere whose name was pointed at 127.0.0.1 must not reach us.
            return web.json_response({"message": "Misdirected Request: only loopback hosts are served"}, status=421)
        if request.headers.get("Sec-Fetch-Mode") == "navigate" and request.method == "GET":
            origin = f"{request.scheme}://{request.host}"
            if self.origin and origin != self.origin:
                return web.Response(status=307, headers={"Location": self.origin + request.raw_path})
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except Exception:
            log.exception("%s %s", request.method, request.path)
            return web.json_response({"message": "Internal Server Error"}, status=500)

    async def _behave(self, request: web.Request) -> web.StreamResponse:
        behavior = self.host.behavior(request.path)
        if behavior.api is None:
            return await self.static.handle(request, behavior.bucket)
        if behavior.api.id in self.host.sockets:
            return await self.sockets.handle(request, behavior.api)
        return await self.apis.handle(request, behavior.api)

    async def _connection(self, request: web.Request) -> web.StreamResponse:
        if not secrets.compare_digest(request.headers.get("X-Local-Key", "").encode(), self.key.encode()):
            return web.json_response({"message": "Forbidden"}, status=403)
        connection = request.match_info["id"]
        gone = web.json_response({"message": "Gone"}, status=410, headers={"x-amzn-ErrorType": "GoneException"})
        if request.method == "POST":
            status = await self.sockets.post(connection, await request.read())
            return gone if status == 410 else web.json_response({}, status=status)
        if request.method == "GET":
            found = self.sockets.describe(connection)
            return gone if found is None else web.json_response(found)
        if request.method == "DELETE":
            return web.Response(status=204) if await self.sockets.end(connection) else gone
        return web.json_response({"message": "Method Not Allowed"}, status=405)

    async def _shutdown(self, _: web.Application) -> None:
        await self.sockets.close()


def is_loopback(host: str) -> bool:
    """`Host` header, with or without port: localhost, 127.0.0.0/8 or ::1."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and not host.endswith("]") else host
    name = name.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
