"""What an agent answers: requests with their parameters in, documents or errors out. HTTP is in `server`."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from greengrass_components.edge_kit.mtconnect import documents
from greengrass_components.edge_kit.mtconnect.buffer import DEFAULT_SIZE, Buffer, Observation
from greengrass_components.edge_kit.mtconnect.documents import Header
from greengrass_components.edge_kit.mtconnect.model import Device
from greengrass_components.edge_kit.mtconnect.paths import BadPath, select

DEFAULT_COUNT: Final = 100
DEFAULT_HEARTBEAT_MS: Final = 10_000
MAX_MS: Final = 2**31 - 1


class AgentError(Exception):
    """A request that cannot be answered: HTTP status, error code of MTConnect and what to change."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status, self.code = status, code


@dataclass(frozen=True, slots=True)
class Parameters:
    """Of `current` and `sample`; times in milliseconds, None = not given."""

    path: str = ""
    at: int | None = None
    start: int | None = None
    to: int | None = None
    count: int | None = None
    interval_ms: int | None = None
    heartbeat_ms: int = DEFAULT_HEARTBEAT_MS

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Parameters":
        """Raises AgentError. `frequency` is the name that `interval` had before 1.2."""
        interval = _integer(query, "interval", 0, MAX_MS)
        heartbeat = _integer(query, "heartbeat", 1, MAX_MS)
        count = _integer(query, "count", -MAX_MS, MAX_MS)
        if count == 0:
            raise AgentError(400, "OUT_OF_RANGE", "count 0, expected a number above or below 0")
        return cls(
            path=query.get("path", ""),
            at=_integer(query, "at", 0, 2**64),
            start=_integer(query, "from", 0, 2**64),
            to=_integer(query, "to", 0, 2**64),
            count=count,
            interval_ms=_integer(query, "frequency", 0, MAX_MS) if interval is None else interval,
            heartbeat_ms=DEFAULT_HEARTBEAT_MS if heartbeat is None else heartbeat,
        )


def _integer(query: Mapping[str, str], name: str, low: int, high: int) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdigit() or len(text) > 21:
        raise AgentError(400, "INVALID_REQUEST", f"{name}={text[:40]!r}, expected an integer")
    if not low <= int(text) <= high:
        raise AgentError(400, "OUT_OF_RANGE", f"{name}={text}, expected {low} to {high}")
    return int(text)


class Agent:
    """Devices and what was seen of them. `instance_id` must differ from every run before (seconds since 1970)."""

    def __init__(
        self,
        devices: Sequence[Device],
        *,
        sender: str,
        instance_id: int,
        clock_ms: Callable[[], int],
        size: int = DEFAULT_SIZE,
        version: str = "2.0",
    ) -> None:
        self.devices = tuple(devices)
        self.buffer = Buffer(size)
        self.closed = False
        self._sender, self._instance_id, self._clock_ms, self._version = sender, instance_id, clock_ms, version
        self._made_ms = clock_ms()
        self._device_of = {item.id: device for device in self.devices for item in device.all_items()}
        self._waiting: set[asyncio.Future[None]] = set()

    def add(self, found: Iterable[Observation]) -> None:
        """Take observations; what says the same as before is no observation, but for discrete items."""
        before = self.buffer.next_sequence
        for seen in found:
            if self._is_news(seen):
                self.buffer.add(seen)
        if self.buffer.next_sequence > before:
            self.wake()

    def _is_news(self, seen: Observation) -> bool:
        now, item = self.buffer.now, self._device_of[seen.item].where[seen.item][1]
        if not seen.level:
            last = now.values.get(seen.item)
            return last is None or last.value != seen.value or item.discrete
        active = now.conditions.get(seen.item, {})
        if seen.level == "NORMAL" and seen.native_code:
            return seen.native_code in active
        held = active.get(seen.native_code)
        return held is None or (held.level, held.value, held.qualifier) != (seen.level, seen.value, seen.qualifier)

    def close(self) -> None:
        """End all streams."""
        self.closed = True
        self.wake()

    def wake(self) -> None:
        """Let every stream look again whether it goes on."""
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def news(self, timeout_s: float) -> bool:
        """Whether something was added, or the agent closed, within `timeout_s`."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            async with asyncio.timeout(timeout_s):
                await future
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(future)
        return True

    def chosen(self, device: str, path: str) -> set[str]:
        """Ids of the data items a request is about. Raises AgentError."""
        devices = [self._named(device)] if device else list(self.devices)
        if not path:
            return {item.id for found in devices for item in found.all_items()}
        try:
            ids = select(path, devices)
        except BadPath as error:
            raise AgentError(400, "INVALID_XPATH", str(error)) from error
        if not ids:
            raise AgentError(400, "INVALID_XPATH", f"the path {path[:200]!r} chooses no data item")
        return ids

    def probe(self, device: str = "") -> bytes:
        return documents.devices(self._header(), [self._named(device)] if device else self.devices)

    def current(self, device: str, asked: Parameters) -> bytes:
        """Raises AgentError."""
        ids = self.chosen(device, asked.path)
        state = self.buffer.now
        if asked.at is not None:
            self._check_range("at", asked.at, self.buffer.last_sequence)
            state = self.buffer.state_at(asked.at)
        found = sorted((seen for seen in state.observations() if seen.item in ids), key=lambda seen: seen.sequence)
        return self._streams(found, self.buffer.next_sequence)

    def sample(self, asked: Parameters, ids: set[str], start: int | None = None) -> tuple[bytes, int, int]:
        """The document, how many observations it has, and the sequence to go on with. Raises AgentError."""
        buffer = self.buffer
        count = min(DEFAULT_COUNT, buffer.size) if asked.count is None else asked.count
        if abs(count) > buffer.size:
            raise AgentError(400, "OUT_OF_RANGE", f"count {count}, expected at most {buffer.size}")
        start = asked.start if start is None else start
        if start is not None:
            self._check_range("from", start, buffer.next_sequence)
        if count < 0:
            newest = buffer.last_sequence if start is None else start
            found, next_sequence = buffer.back_from(newest, -count, ids)
        else:
            found, next_sequence = buffer.from_on(start or buffer.first_sequence, count, ids)
        if asked.to is not None:
            self._check_range("to", asked.to, buffer.last_sequence)
            if start is not None and asked.to < start:
                raise AgentError(400, "INVALID_REQUEST", f"to={asked.to}, expected at least from={start}")
            found = [seen for seen in found if seen.sequence <= asked.to]
            next_sequence = min(next_sequence, asked.to + 1)
        return self._streams(found, next_sequence), len(found), next_sequence

    def assets(self) -> bytes:
        return documents.assets(self._header())

    def error(self, error: AgentError) -> bytes:
        return documents.errors(self._header(), [(error.code, str(error))])

    def _check_range(self, name: str, sequence: int, last: int) -> None:
        if not self.buffer.first_sequence <= sequence <= last:
            first = self.buffer.first_sequence
            raise AgentError(400, "OUT_OF_RANGE", f"'{name}' is {sequence}, expected {first} to {last}")

    def _named(self, name: str) -> Device:
        for device in self.devices:
            if name in (device.name, device.uuid):
                return device
        known = ", ".join(device.name for device in self.devices)
        raise AgentError(404, "NO_DEVICE", f"no device {name[:80]!r}, this agent has {known or 'none yet'}")

    def _streams(self, found: Iterable[Observation], next_sequence: int) -> bytes:
        return documents.streams(self._header(next_sequence), self._of_devices(found))

    def _of_devices(self, found: Iterable[Observation]) -> Iterator[tuple[Device, Observation]]:
        for seen in found:
            yield self._device_of[seen.item], seen

    def _header(self, next_sequence: int = 0) -> Header:
        return Header(
            created_ms=self._clock_ms(),
            sender=self._sender,
            instance_id=self._instance_id,
            buffer_size=self.buffer.size,
            model_changed_ms=self._made_ms,
            version=self._version,
            first_sequence=self.buffer.first_sequence,
            last_sequence=self.buffer.last_sequence,
            next_sequence=next_sequence,
        )
