"""Polling one source on absolute ticks: one row per tick, read or not.

Ticks are multiples of the period. A tick that cannot be read in time is a row of nulls, UNAVAILABLE; the connection
is then made anew beside the ticks, so that a dead device delays nobody, itself included.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cnc.domain.telemetry.facts import UNAVAILABLE
from cnc.domain.telemetry.schema import Schema
from greengrass_components.edge_kit.changes import Changes
from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.edge_kit.deadline import within
from greengrass_components.edge_kit.driver import Driver, DriverError, Reading, Recovering
from greengrass_components.edge_kit.journal import Journal, SourceJournal
from greengrass_components.edge_kit.pace import Pace

log = logging.getLogger(__name__)

#: Share of a period a read may take; what is left belongs to writing and to the other sources.
READ_SHARE: Final = 0.9
MIN_READ_S: Final = 0.02
CONNECT_TIMEOUT_S: Final = 10.0
BACKOFF_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
#: Ticks missed in one go that are still written as rows of nulls; beyond, the span is declared as not observed.
MAX_NULL_TICKS: Final = 60
#: How long unread ticks wait for a device that remembers what happened in them.
MAX_HELD_MS: Final = 600_000
CLOSE_TIMEOUT_S: Final = 2.0


@dataclass(slots=True)
class SourceState:
    """What health says of a source."""

    connected: bool = False
    last_error: str = ""
    rows: int = 0
    unread: int = 0


@dataclass(slots=True)
class PollLoop:
    """The loop of one source; `run` ends when its task is cancelled."""

    config: SourceConfig
    driver: Driver
    journal: Journal
    pace: Pace
    state: SourceState = field(default_factory=SourceState)
    _changes: Changes = field(default_factory=Changes)
    _source: SourceJournal | None = None
    _connecting: "asyncio.Task[Schema] | None" = None
    _failures: int = 0
    _retry_ms: int = 0
    _task: "asyncio.Task[None] | None" = None
    _held: list[int] = field(default_factory=list)

    async def run(self) -> None:
        period, self._task = self.config.period_ms, asyncio.current_task()
        if self.driver.schema is not None:
            self._begin(self.driver.schema)
        tick = self.pace.now_ms() // period * period + period
        try:
            while True:
                await self.pace.sleep_until(tick)
                await self._tick(tick)
                tick = self._next(tick)
        finally:
            await self._stop()

    async def _tick(self, tick: int) -> None:
        if not self.state.connected:
            self._reconnect()
        reading = await self._read(tick) if self.state.connected else None
        if self._source is None:
            return
        if reading is None:
            self._unread(tick)
            return
        for span in reading.unseen:
            self._source.unobserved(span.from_ms, span.to_ms, span.why)
        self._row(tick, reading)

    def _row(self, tick: int, reading: Reading) -> None:
        if self._source is None:
            return
        self._source.append(tick, reading.values, reading.quality)
        self.state.rows += 1
        for kind, data in self._changes.of(reading):
            self._source.event(tick, kind, data)

    def _unread(self, tick: int) -> None:
        """A row of nulls, at once or, where the device may still tell, when it has told or waited too long."""
        if not isinstance(self.driver, Recovering) or self.driver.schema is None:
            self._null_row(tick)
            return
        self._held.append(tick)
        self._tell_silence(tick)
        if len(self._held) * self.config.period_ms > MAX_HELD_MS:
            self._null_row(self._held.pop(0))

    def _recover(self, now_ms: int) -> None:
        """The rows of ticks that were missed, before any later one."""
        held, self._held = self._held, []
        if not held or not isinstance(self.driver, Recovering):
            return
        for tick, reading in zip(held, self.driver.recover(held, now_ms=now_ms), strict=True):
            if reading is None or self._source is None or len(reading.values) != len(self._source.schema.signals):
                self._null_row(tick)
            else:
                self._row(tick, reading)

    async def _read(self, tick: int) -> Reading | None:
        allowed_s = max(MIN_READ_S, self.pace.wall_s(self.config.period_ms) * READ_SHARE)
        self._recover(tick)
        try:
            with within(allowed_s, self._task):
                reading = await self.driver.read(tick_ms=tick)
        except TimeoutError:
            await self._lost(f"no answer within {allowed_s:.2f} s")
        except (DriverError, OSError, EOFError) as error:
            await self._lost(str(error) or type(error).__name__)
        else:
            if self._source and len(reading.values) == len(self._source.schema.signals):
                return reading
            await self._lost(f"{len(reading.values)} values, expected those of the schema")
        return None

    async def _lost(self, why: str) -> None:
        if self.state.connected or why != self.state.last_error:
            log.warning("source %s unreadable: %s", self.config.id, why)
        self.state.connected, self.state.last_error = False, why
        await self._close()

    def _reconnect(self) -> None:
        """Connect beside the ticks; look at the result at a later tick."""
        now = self.pace.now_ms()
        if self._connecting is None:
            if now >= self._retry_ms:
                self._connecting = asyncio.create_task(self._connect(), name=f"connect {self.config.id}")
            return
        if not self._connecting.done():
            return
        task, self._connecting = self._connecting, None
        error = task.exception()
        if error is None:
            self._failures = 0
            self.state.connected, self.state.last_error = True, ""
            self._begin(task.result())
            log.info("source %s connected", self.config.id)
            return
        if not isinstance(error, DriverError | OSError | EOFError):
            raise error
        why = str(error) or type(error).__name__
        if why != self.state.last_error:
            log.warning("source %s does not connect: %s", self.config.id, why)
        self.state.last_error = why
        delay_s = BACKOFF_S[min(self._failures, len(BACKOFF_S) - 1)]
        self._failures += 1
        self._retry_ms = now + round(delay_s * 1000)

    async def _connect(self) -> Schema:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                return await self.driver.connect()
        except BaseException:
            await self._close()
            raise

    def _begin(self, schema: Schema) -> None:
        self._source = self.journal.source(self.config.id, schema=schema, period_ms=self.config.period_ms)

    def _null_row(self, tick: int) -> None:
        if self._source is None:
            return
        self._source.append(tick, [None] * len(self._source.schema.signals), UNAVAILABLE)
        self.state.unread += 1
        self._tell_silence(tick)

    def _tell_silence(self, tick: int) -> None:
        if self._source is not None:
            for kind, data in self._changes.of_silence():
                self._source.event(tick, kind, data)

    def _next(self, tick: int) -> int:
        """The tick after `tick`; what lies between it and now gets its rows of nulls, or is declared."""
        period, now = self.config.period_ms, self.pace.now_ms()
        following = tick + period
        if now < tick - period:  # the clock was set back: go on from its new time, in rows of their own
            return now // period * period + period
        missed = (now - following) // period + 1 if now >= following else 0
        if missed <= 1:  # late by less than a period: that tick is read late, the ones after it in time
            return following
        if missed <= MAX_NULL_TICKS:
            for number in range(missed - 1):
                self._unread(following + number * period)
        elif self._source:
            self._source.unobserved(following, following + (missed - 1) * period, "suspended")
        return following + (missed - 1) * period

    async def _close(self) -> None:
        with contextlib.suppress(TimeoutError, OSError, DriverError):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self.driver.close()

    async def _stop(self) -> None:
        if self._connecting:
            self._connecting.cancel()
            with contextlib.suppress(asyncio.CancelledError, DriverError, OSError, EOFError):
                await self._connecting
        for tick in self._held:
            self._null_row(tick)
        await self._close()


MakeLoop = Callable[[SourceConfig], PollLoop]
