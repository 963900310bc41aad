"""Telemetry of a machine or of all of them as files: hours as Parquet, events as JSON Lines, whatever their age."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from cnc.domain.base.clock import from_ms, to_ms
from cnc.domain.base.errors import MalformedMessage
from cnc.domain.telemetry.events import event_to
from cnc.domain.telemetry.minute import unpack_minute_events
from cnc.domain.telemetry.rollup import HOUR_MS
from cnc.services.hours.parquet import REMADE_FOR, ParquetStores, write_hour
from cnc.services.privacy.exports import Member, Section
from cnc.services.privacy.readable import line
from cnc.services.stored import ChunkReader

DAY_MS: Final = 24 * HOUR_MS
#: Chunks of this age are still all there; older hours come from their objects.
FROM_CHUNKS: Final = REMADE_FOR - timedelta(days=1)


class HourFiles(Protocol):
    """Objects of closed hours of the tenant acted for."""

    def of_machine(self, hour_ms: int, machine: str) -> bytes | None:
        """The rows of one machine, as a file of the same form; None without any."""
        ...


@dataclass(slots=True)
class _Taken:
    """Takes what would become an object."""

    body: bytes = b""

    def put(self, body: bytes, /, *, at: datetime) -> None:  # noqa: ARG002 - the port's word
        self.body = body


@dataclass(frozen=True, kw_only=True)
class TelemetryFiles:
    """`hours` reads chunks and writes Parquet; `files` are the objects of closed hours."""

    hours: ParquetStores
    files: HourFiles

    def machine_hour(self, machine: str, hour_ms: int, *, now: datetime) -> bytes | None:
        """One hour of one machine as Parquet, from its chunks or its object; None without rows."""
        if now - from_ms(hour_ms) < FROM_CHUNKS:
            return self._from_chunks(hour_ms, [machine], now=now) or None
        return self.files.of_machine(hour_ms, machine)

    def open_hour(self, hour_ms: int, *, now: datetime) -> bytes | None:
        """One hour of all machines from their chunks, as it is by now."""
        return self._from_chunks(hour_ms, self.hours.machines(), now=now) or None

    def _from_chunks(self, hour_ms: int, machines: Sequence[str], *, now: datetime) -> bytes:
        taken = _Taken()
        write_hour(hour_ms, stores=replace(self.hours, machines=lambda: machines, objects=taken), now=now)
        return taken.body

    def events(self, machine: str, *, from_ms: int, to_ms: int) -> bytes:
        """JSON Lines of what changed within [from, to), as far as its chunks are there."""
        return b"".join(_event_lines(self.hours.chunks, machine, from_ms=from_ms, to_ms=to_ms))


def _event_lines(chunks: ChunkReader, machine: str, *, from_ms: int, to_ms: int) -> Iterator[bytes]:
    for stored in chunks.between(machine, from_ms=from_ms, to_ms=to_ms - 1, consistent=True):
        try:
            events = unpack_minute_events(stored.events)
        except MalformedMessage as error:
            yield line({"at_ms": stored.extent.t0_ms, "unreadable": str(error)})
            continue
        yield from (line(event_to(event)) for event in events)


def machine_hours(
    machine: str, *, files: TelemetryFiles, from_ms: int, to_ms: int, now: Callable[[], datetime]
) -> Section:
    """Every hour of one machine within [from, to)."""

    def members(after: str) -> Iterator[Member]:
        first = from_ms // HOUR_MS * HOUR_MS
        for hour_ms in range(max(first, int(after) + HOUR_MS) if after else first, to_ms, HOUR_MS):
            body = files.machine_hour(machine, hour_ms, now=now())
            if body is not None:
                percent = 100 * (hour_ms - first) // max(HOUR_MS, to_ms - first)
                yield Member(f"telemetry/{stamp(hour_ms)}.parquet", body, str(hour_ms), percent)

    return Section("telemetry", members, weight=10)


def machine_events(machines: Sequence[str], *, files: TelemetryFiles, from_ms: int, to_ms: int) -> Section:
    """Events by machine and day, of the days whose chunks are there."""
    first = from_ms // DAY_MS * DAY_MS
    days = [(machine, day) for machine in machines for day in range(first, to_ms, DAY_MS)]

    def members(after: str) -> Iterator[Member]:
        begin = int(after) + 1 if after else 0
        for number in range(begin, len(days)):
            machine, day = days[number]
            body = files.events(machine, from_ms=max(day, from_ms), to_ms=min(day + DAY_MS, to_ms))
            if body:
                name = f"events/{machine}/{day_of(day)}.jsonl"
                yield Member(name, body, str(number), 100 * number // len(days))

    return Section("events", members, weight=3)


def open_hours(hours: Sequence[int], *, files: TelemetryFiles, now: Callable[[], datetime]) -> Section:
    """Hours of all machines that have no object yet, or one that is behind."""

    def members(after: str) -> Iterator[Member]:
        for hour_ms in hours:
            body = files.open_hour(hour_ms, now=now()) if str(hour_ms) > after else None
            if body is not None:
                yield Member(f"telemetry/open/{stamp(hour_ms)}.parquet", body, str(hour_ms))

    return Section("telemetry of open hours", members)


def stamp(hour_ms: int) -> str:
    """`2026-11-25T08Z`: sorts by time."""
    return from_ms(hour_ms).strftime("%Y-%m-%dT%HZ")


def day_of(day_ms: int) -> str:
    return from_ms(day_ms).strftime("%Y-%m-%d")


def since_chunks(now: datetime) -> int:
    """From when on all chunks are there, ms."""
    return max(0, to_ms(now - FROM_CHUNKS))
