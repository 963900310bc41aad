"""The clock of the shop: wall time, or a time-lapse that starts in the past and catches up with wall time."""

import asyncio
import time
from dataclasses import dataclass
from typing import Protocol

from greengrass_components.edge_kit.config import ShopClock


class Pace(Protocol):
    """Rows are stamped by it; links, leases and timeouts are not."""

    def now_ms(self) -> int:
        """Milliseconds UTC of the shop."""

    async def sleep_until(self, at_ms: int) -> None:
        """Return at `at_ms` of the shop, at once when that has passed."""

    def wall_s(self, shop_ms: int) -> float:
        """How many seconds of wall time `shop_ms` of the shop take now."""


def wall_ms() -> int:
    """Milliseconds UTC of this computer."""
    return time.time_ns() // 1_000_000


class WallPace:
    """The shop runs on wall time. Who sleeps until the same instant is woken by the same timer."""

    def __init__(self) -> None:
        self._asleep: dict[int, list[asyncio.Future[None]]] = {}

    def now_ms(self) -> int:
        return wall_ms()

    async def sleep_until(self, at_ms: int) -> None:
        left_s = at_ms / 1000 - time.time()
        if left_s <= 0:
            await asyncio.sleep(0)
            return
        loop = asyncio.get_running_loop()
        sleeper: asyncio.Future[None] = loop.create_future()
        sleepers = self._asleep.get(at_ms)
        if sleepers is None:
            self._asleep[at_ms] = [sleeper]
            loop.call_later(left_s, self._wake, at_ms)
        else:
            sleepers.append(sleeper)
        await sleeper

    def _wake(self, at_ms: int) -> None:
        for sleeper in self._asleep.pop(at_ms, ()):
            if not sleeper.done():
                sleeper.set_result(None)

    def wall_s(self, shop_ms: int) -> float:
        return shop_ms / 1000


@dataclass(frozen=True, slots=True)
class TimeLapse:
    """`speed` times faster than wall time until it has caught up; never ahead of it."""

    clock: ShopClock

    def now_ms(self) -> int:
        wall = wall_ms()
        return min(wall, self.clock.since_ms + round((wall - self.clock.started_ms) * self.clock.speed))

    async def sleep_until(self, at_ms: int) -> None:
        while (left := at_ms - self.now_ms()) > 0:
            await asyncio.sleep(max(0.001, self.wall_s(left)))

    def wall_s(self, shop_ms: int) -> float:
        caught_up = self.now_ms() == wall_ms()
        return shop_ms / 1000 / (1 if caught_up else self.clock.speed)


def pace_of(clock: ShopClock | None) -> Pace:
    """Wall time without a shop clock."""
    return WallPace() if clock is None or clock.speed <= 0 else TimeLapse(clock)
