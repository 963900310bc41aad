"""One session per control and process: several paths of one control are several sources over one connection."""

import asyncio
from dataclasses import dataclass, field

from greengrass_components.focas.client.client import FocasClient

Where = tuple[str, int]


@dataclass(slots=True)
class _Shared:
    client: FocasClient
    users: int = 0


@dataclass(slots=True)
class Sessions:
    """Sessions in use. A session that was lost is replaced for the next one who asks."""

    _open: dict[Where, _Shared] = field(default_factory=dict)
    _opening: dict[Where, asyncio.Lock] = field(default_factory=dict)

    async def take(self, host: str, port: int, *, timeout_s: float) -> FocasClient:
        """A live session; give it back by `release`. Raises what `FocasClient.connect` raises."""
        where = (host, port)
        async with self._opening.setdefault(where, asyncio.Lock()):
            shared = self._open.get(where)
            if shared is None or not shared.client.alive:
                shared = _Shared(await FocasClient.connect(host, port, timeout_s=timeout_s))
                self._open[where] = shared
            shared.users += 1
            return shared.client

    async def release(self, client: FocasClient) -> None:
        """The last user closes it. A session that was replaced is closed by each of its users; once is enough."""
        for where, shared in list(self._open.items()):
            if shared.client is client:
                shared.users -= 1
                if shared.users > 0 and client.alive:
                    return
                if shared.users <= 0:
                    del self._open[where]
        await client.close()
