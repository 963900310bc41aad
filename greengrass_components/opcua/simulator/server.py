"""The server of one simulated machine: `async with OpcUaSimulator(control, host, port)`."""

import asyncio
import contextlib
import logging
import zlib
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

from asyncua import Server, ua
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.user_managers import UserManager

from greengrass_components.opcua import nodeset
from greengrass_components.opcua.simulator import plain
from greengrass_components.opcua.simulator.alerts import Alerts
from greengrass_components.opcua.simulator.control import Control
from greengrass_components.opcua.simulator.machine_tool import INSTANCES, MachineTool
from greengrass_components.opcua.simulator.space import Space
from greengrass_components.opcua.simulator.types import add_types

REFRESH_EVERY_S: Final = 0.25
URI: Final = "urn:cnc-copilot:simulated-machine:server"

logging.getLogger("asyncua").setLevel(logging.CRITICAL)


class _Users(UserManager):  # type: ignore[misc]
    """Lets in whoever knows a name and its password; everyone when there are none."""

    def __init__(self, users: dict[str, str]) -> None:
        self._users = users

    def get_user(
        self, iserver: Any, username: str | None = None, password: str | None = None, certificate: Any = None
    ) -> User | None:
        del iserver, certificate
        if self._users and self._users.get(username or "") != password:
            return None
        return User(role=UserRole.User, name=username)


class OpcUaSimulator:
    """Serves one machine; `port` 0 picks a free one, `port` then says which. Clients may read and never write.

    `companion`: the machine stands under Machines by 40501-1 and 40001-1, beside its plain variables.
    `certificate`, `private_key`: files; with them signed and encrypted connections are offered as well.
    """

    def __init__(
        self,
        control: Control,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        name: str = "Machine 1",
        companion: bool = True,
        users: dict[str, str] | None = None,
        certificate: str = "",
        private_key: str = "",
    ) -> None:
        self._control, self._name, self._companion = control, name, companion
        self._users = {} if users is None else users
        self._certificate, self._private_key = certificate, private_key
        self.host, self.port = host, port
        self._server: Server | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._refreshers: list[Callable[[], Any]] = []

    @property
    def server(self) -> Server:
        """asyncua's server, once it is started."""
        assert self._server is not None
        return self._server

    async def start(self) -> Self:
        """Listen. Raises OSError when the port is taken."""
        server = Server(user_manager=_Users(self._users))
        await server.init()
        server.name, server.product_uri = f"Simulated {self._name}", "urn:cnc-copilot:simulator"
        await server.set_application_uri(URI)
        server.set_endpoint(f"opc.tcp://{self.host}:{self.port}/")
        if self._certificate:
            await server.load_certificate(self._certificate)
            await server.load_private_key(self._private_key)
        else:
            server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        if self._users:
            server.set_identity_tokens([ua.UserNameIdentityToken])
        await self._build(server)
        await server.start()
        self._server = server
        self.port = server.bserver._server.sockets[0].getsockname()[1]
        self._refreshing = asyncio.create_task(self._refresh_for_ever(), name="opcua simulator")
        return self

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._refreshing
            self._refreshing = None
        if self._server is not None:
            await self._server.stop()
            self._server = None

    async def refresh(self) -> None:
        """Show the machine as it is now."""
        for refresher in self._refreshers:
            await refresher()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _build(self, server: Server) -> None:
        space = Space(server)
        await plain.build(space, self._control, await server.register_namespace(plain.PLAIN))
        self._refreshers = [lambda: space.refresh(self._control.now)]
        if not self._companion:
            return
        types = await add_types(server, space)
        own = await server.register_namespace(INSTANCES)
        serial = f"{zlib.crc32(self._name.encode()) % 10**8:08d}"
        messages = await MachineTool(space, types, self._control, own, self._name, serial).build()
        alerts = Alerts(server, self._control, alert_type=types.tool(nodeset.ALERT_TYPE), messages=messages)
        alerts.link()
        self._refreshers.append(lambda: alerts.refresh(self._control.now))

    async def _refresh_for_ever(self) -> None:
        while True:
            await self.refresh()
            await asyncio.sleep(REFRESH_EVERY_S)
