"""The one origin: loopback hosts only, then OIDC, connections, and the behaviours of the distribution.

The APIs behind it also answer at names of their own, `<api id>.execute-api.localhost`, as in AWS: past the front.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address

from aiohttp import web

from local_cloud.gateway.firewall import Firewall
from local_cloud.gateway.front import Front
from local_cloud.gateway.http_api import MAX_BODY_BYTES, HttpApis
from local_cloud.gateway.model import Api, Host
from local_cloud.gateway.response_headers import add
from local_cloud.gateway.sockets import Sockets
from local_cloud.gateway.static import StaticFiles

log = logging.getLogger(__name__)
OWN_NAME = ".execute-api.localhost"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Gateway:
    """Everything the `http` process serves. `key` opens `/_connections`; `origin` is the address people open."""

    def __init__(
        self,
        host: Host,
        *,
        apis: HttpApis,
        sockets: Sockets,
        static: StaticFiles,
        front: Front,
        key: str,
        origin: str,
        firewall: Firewall | None = None,
    ) -> None:
        self.front, self.firewall = front, firewall or Firewall()
        self.host, self.apis, self.sockets, self.static = host, apis, sockets, static
        self.key, self.origin = key, origin

    def application(self, *, also: Sequence[web.RouteDef] = ()) -> web.Application:
        app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[self._guard])
        app.add_routes(also)
        app.router.add_route("*", "/_connections/{id}", self._connection)
        app.router.add_route("*", r"/{path:[\s\S]*}", self._behave)  # a line break is a letter of a path too
        app.on_shutdown.append(self._shutdown)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        name, own, _ = _name(request.headers.get("Host", "")).partition(OWN_NAME)
        api = self.host.apis.get(name) if own else None
        if api is None and not is_loopback(request.headers.get("Host", "")):
            # A page elsewhere whose name was pointed at 127.0.0.1 must not reach us.
            return web.json_response({"message": "Misdirected Request: only loopback hosts are served"}, status=421)
        if api is None and request.headers.get("Sec-Fetch-Mode") == "navigate" and request.method == "GET":
            origin = f"{request.scheme}://{request.host}"
            if self.origin and origin != self.origin:
                return web.Response(status=307, headers={"Location": self.origin + request.raw_path})
        if api is not None:
            return await _caught(self._direct(request, api), request)
        response = await _caught(handler(request), request)
        if not response.prepared:  # a socket has answered already
            add(response, self.host.behavior(request.path).added, secure=request.secure)
        return response

    async def _behave(self, request: web.Request) -> web.StreamResponse:
        blocked = self.firewall.refusal(request)
        if blocked is not None:
            return blocked
        behavior = self.host.behavior(request.path)
        if behavior.api is None:
            return await self.static.handle(request, behavior.bucket)
        kind = self.sockets if behavior.api.id in self.host.sockets else self.apis
        return await kind.handle(request, behavior.api, await self.front.shown(behavior.shown))

    async def _direct(self, request: web.Request, api: Api) -> web.StreamResponse:
        """A call of the API's own address: no front has added anything."""
        if api.id not in self.host.sockets:
            return await self.apis.handle(request, api, {})
        if request.path.strip("/") != api.stage:
            return web.json_response({"message": "Forbidden"}, status=403)
        return await self.sockets.handle(request, api, {})

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


async def _caught(answer: Awaitable[web.StreamResponse], request: web.Request) -> web.StreamResponse:
    try:
        return await answer
    except web.HTTPException as error:
        return web.Response(status=error.status, text=error.text, headers=error.headers)
    except Exception:
        log.exception("%s %s", request.method, request.path)
        return web.json_response({"message": "Internal Server Error"}, status=500)


def _name(host: str) -> str:
    """The name in a `Host` header, without port and brackets."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and not host.endswith("]") else host
    return name.strip("[]").lower()


def is_loopback(host: str) -> bool:
    """`Host` header, with or without port: localhost, 127.0.0.0/8 or ::1."""
    name = _name(host)
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
