"""One session per control and process: several paths of one control are several sources over one connection."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from greengrass_components.focas.client.client import FocasClient
from greengrass_components.focas.protocol.blocks import Call
from greengrass_components.focas.protocol.session import Dialect, Opening

T = TypeVar("T")
Where = tuple[str, int]


class Session(Protocol):
    """What a driver needs of a control; `FocasClient` speaks the protocol, `VendorClient` has a library speak it."""

    @property
    def opening(self) -> Opening: ...

    @property
    def dialect(self) -> Dialect: ...

    @property
    def alive(self) -> bool: ...

    async def call(self, call: Call[T], *, path: int = 1) -> T: ...

    async def ask(self, calls: Sequence[Call[Any]]) -> list[Any]: ...

    async def close(self) -> None: ...


class Connect(Protocol):
    """Opens a session. Raises FocasError."""

    async def __call__(self, host: str, port: int, *, timeout_s: float) -> Session: ...


@dataclass(slots=True)
class _Shared:
    client: Session
    users: int = 0


@dataclass(slots=True)
class Sessions:
    """Sessions in use. A session that was lost is replaced for the next one who asks."""

    connect: Connect = FocasClient.connect
    _open: dict[Where, _Shared] = field(default_factory=dict)
    _opening: dict[Where, asyncio.Lock] = field(default_factory=dict)

    async def take(self, host: str, port: int, *, timeout_s: float) -> Session:
        """A live session; give it back by `release`. Raises what `connect` raises."""
        where = (host, port)
        async with self._opening.setdefault(where, asyncio.Lock()):
            shared = self._open.get(where)
            if shared is None or not shared.client.alive:
                shared = _Shared(await self.connect(host, port, timeout_s=timeout_s))
                self._open[where] = shared
            shared.users += 1
            return shared.client

    async def release(self, client: Session) -> None:
        """The last user closes it. A session that was replaced is closed by each of its users; once is enough."""
        for where, shared in list(self._open.items()):
            if shared.client is client:
                shared.users -= 1
                if shared.users > 0 and client.alive:
                    return
                if shared.users <= 0:
                    del self._open[where]
        await client.close()
