"""The MTConnect driver: one device of one agent, streamed where the agent can, polled where not.

- probe tells the signals, current the first state, sample everything after it, by sequence.
- After a cut the agent is asked for all since the last sequence we know; what it still holds fills the rows that
  could not be read meanwhile.
- What its buffer no longer holds, and the time in which the agent itself was down, is declared as not observed.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from cnc.domain.telemetry.schema import Schema
from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.edge_kit.driver import Driver, DriverError, Reading
from greengrass_components.edge_kit.unusable import Unusable
from greengrass_components.mtconnect.client import PORT, AgentClient
from greengrass_components.mtconnect.errors import Refused
from greengrass_components.mtconnect.history import OVERRUN, RESTARTED, History
from greengrass_components.mtconnect.items import columns
from greengrass_components.mtconnect.protocol import DeviceModel, Header, Streams, parse_devices, parse_streams
from greengrass_components.mtconnect.state import DeviceState

log = logging.getLogger(__name__)

MAX_COUNT: Final = 5_000
#: Documents read in one go while catching up; 5 million observations are more than any agent holds.
MAX_DOCUMENTS: Final = 1_000
HEARTBEAT_MS: Final = 4_000
SILENCE_S: Final = 3 * HEARTBEAT_MS / 1000
MOST_INTERVAL_MS: Final = 500
#: Less than this between our clock and the agent's is the way of the document, not a clock that is wrong.
CLOCK_NOISE_MS: Final = 500


class MtconnectDriver:
    """One source. Satisfies `edge_kit.driver.Driver` and `Recovering`."""

    def __init__(
        self, client: AgentClient, *, source: str, period_ms: int, device: str = "", stream: bool = True
    ) -> None:
        self._client, self._source, self._wanted = client, source, device
        self._interval_ms = min(MOST_INTERVAL_MS, max(50, period_ms // 2))
        self._streams = stream
        self._device: DeviceModel | None = None
        self._state: DeviceState | None = None
        self._schema: Schema | None = None
        self._header: Header | None = None
        self._received_s = 0.0
        self._next = 0
        self._history = History()
        self._settled = False
        self._lost_why = ""  # what lies before the next observation is lost, and why
        self._task: asyncio.Task[None] | None = None

    @property
    def schema(self) -> Schema | None:
        """None until the first contact: only the device knows its items."""
        return self._schema

    async def connect(self) -> Schema:
        """Learn what the device has, catch up with it and begin to listen. Raises DriverError."""
        await self.close()
        await self._client.open()
        header, devices = parse_devices(await self._client.get("probe", {}))
        device = _chosen(devices, self._wanted)
        learned = self._state is None or device != self._device
        if learned:
            self._learn(device)
        state, schema = self._state, self._schema
        if state is None or schema is None:
            raise DriverError(f"device {device.name}: it has no data item that can be a signal")
        before, self._settled = self._header, False
        if before is None:
            await self._begin(state)
        elif before.instance_id != header.instance_id:
            await self._begin_anew(state, RESTARTED)
        else:
            if learned:  # the agent has another model of the device: what does not change is told once more
                await self._current(state)
            await self._catch_up(state)
        if self._streams:
            self._task = asyncio.create_task(self._listen(), name=f"stream {self._source}")
        return schema

    def _learn(self, device: DeviceModel) -> None:
        found, left_out = columns(device)
        if left_out:
            log.warning("source %s: %d data items beyond the first %d are not read", self._source, left_out, len(found))
        self._device = device
        self._state = DeviceState(device, found) if found else None
        self._schema = Schema(tuple(column.signal for column in found)) if found else None

    # catching up
    async def _begin(self, state: DeviceState) -> None:
        """The first contact of this process: how everything stands now."""
        found = await self._current(state)
        self._note(found)
        self._next = found.header.next_sequence

    async def _current(self, state: DeviceState, **query: int) -> Streams:
        found = parse_streams(await self._ask("current", **query))
        state.reset()
        for seen in found.observations:
            state.take(seen)
        return found

    async def _catch_up(self, state: DeviceState) -> None:
        """All since the last sequence we know, or since the first one that is still held."""
        try:
            await self._read_on()
        except Refused as refusal:
            if "OUT_OF_RANGE" not in refusal.codes:
                raise
            await self._begin_anew(state, OVERRUN)

    async def _begin_anew(self, state: DeviceState, why: str) -> None:
        """From the first observation that is held; what lies between the last we know and that one is lost."""
        header = parse_streams(await self._ask("current")).header
        log.warning("source %s: %s, going on from sequence %d", self._source, why, header.first_sequence)
        self._history.waiting.clear()
        with contextlib.suppress(Refused):  # an agent without `at`: what does not change stays as it was known
            await self._current(state, at=header.first_sequence)
        self._header, self._next, self._lost_why = header, header.first_sequence, why
        await self._read_on()

    async def _read_on(self) -> None:
        """Read samples up to the present; a connect that is cut off here goes on from where it came to."""
        for _ in range(MAX_DOCUMENTS):
            found = parse_streams(await self._ask("sample", **{"from": self._next, "count": self._count()}))
            if not self._lost_why and (skipped := self._skipped(found)):
                raise Refused([("OUT_OF_RANGE", skipped)])
            if self._lost_why and found.observations:
                self._history.lose(found.observations, self._lost_why)
                self._lost_why = ""
            self._history.add(found.observations)
            self._note(found)
            if found.header.next_sequence <= self._next:
                return
            self._next = found.header.next_sequence
            if self._next > found.header.last_sequence:
                return

    async def _ask(self, request: str, **query: int) -> bytes:
        return await self._client.get(self._path(request), query)

    def _path(self, request: str) -> str:
        device = self._device
        name = (device.name or device.uuid) if device else ""
        return f"{name}/{request}" if name else request

    def _note(self, found: Streams) -> None:
        self._header, self._received_s = found.header, time.monotonic()
        self._history.note(found)

    # listening
    async def _listen(self) -> None:
        """Until the stream ends; an agent that answers with one document is polled from then on."""
        query = {
            "from": self._next,
            "count": self._count(),
            "interval": self._interval_ms,
            "heartbeat": HEARTBEAT_MS,
        }
        parts = 0
        try:
            async for document in self._client.stream(self._path("sample"), query, silence_s=SILENCE_S):
                self._take(parse_streams(document))
                parts += 1
        except Refused as refusal:
            if parts or "OUT_OF_RANGE" in refusal.codes:
                raise
            log.warning("source %s: no stream (%s), polling instead", self._source, refusal)
            self._streams = False
            return
        log.info("source %s: the agent does not stream, polling instead", self._source)
        self._streams = False

    def _count(self) -> int:
        size = self._header.buffer_size if self._header else 0
        return min(MAX_COUNT, size) if size else MAX_COUNT

    def _take(self, found: Streams) -> None:
        """A document in its turn. Raises DriverError where something lies between it and the one before."""
        header, before, state = found.header, self._header, self._state
        if before is None or state is None:
            raise DriverError("a document before the first contact")
        if header.instance_id != before.instance_id or header.next_sequence < self._next:
            raise DriverError(
                f"the agent was started again as {header.instance_id}, before it was {before.instance_id}"
            )
        if skipped := self._skipped(found):
            raise DriverError(skipped)
        news = [seen for seen in found.observations if seen.sequence >= self._next]
        if self._settled:
            for seen in news:
                state.take(seen)
        else:  # missed ticks are still to be replayed: in their turn
            self._history.add(news)
        self._next = header.next_sequence
        self._note(found)

    def _skipped(self, found: Streams) -> str:
        """What an agent left out without a word: some go on with the first observation they hold."""
        header = found.header
        oldest = found.observations[0].sequence if found.observations else header.next_sequence
        if header.first_sequence > self._next and oldest > self._next:
            return f"observations {self._next} to {header.first_sequence - 1} have left the agent's buffer"
        return ""

    async def _poll(self) -> None:
        for _ in range(MAX_DOCUMENTS):
            found = parse_streams(await self._ask("sample", **{"from": self._next, "count": self._count()}))
            before = self._next
            self._take(found)
            if self._next > found.header.last_sequence or self._next == before:
                return

    # the poll loop
    def recover(self, ticks: Sequence[int], *, now_ms: int) -> list[Reading | None]:
        """Readings of ticks that were missed, from what the agent still held."""
        if self._state is None:
            return [None] * len(ticks)
        return self._history.replay(self._state, ticks, behind_ms=self._behind_ms(now_ms))

    def _behind_ms(self, now_ms: int) -> int:
        """Our time less the agent's, from its newest document."""
        header = self._header
        if header is None or header.created_ms is None:
            return 0
        behind = now_ms - header.created_ms - round((time.monotonic() - self._received_s) * 1000)
        return behind if abs(behind) > CLOCK_NOISE_MS else 0

    async def read(self, *, tick_ms: int) -> Reading:
        """One row: how the device stands now."""
        state, task = self._state, self._task
        if state is None or self._header is None:
            raise DriverError("not connected")
        self._history.settle(state)
        self._settled = True
        if task is not None and task.done() and not task.cancelled():
            error = task.exception()
            if error is not None:
                raise error
            self._task = None
        if self._task is None:
            await self._poll()
        reading = state.reading()
        reading.unseen = self._history.take_lost(behind_ms=self._behind_ms(tick_ms))
        return reading

    async def close(self) -> None:
        """Let go of the agent; what is known of it stays, so that `connect` can go on from there."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                task.exception()  # it was reported when it was read, or does not matter any more
        await self._client.close()


def _chosen(devices: Sequence[DeviceModel], wanted: str) -> DeviceModel:
    """The device by name or uuid; without a name the only one. Raises DriverError."""
    known = ", ".join(device.name or device.uuid for device in devices)
    if wanted:
        for device in devices:
            if wanted in (device.name, device.uuid):
                return device
        raise DriverError(f"the agent has no device {wanted!r}, it has {known or 'none'}")
    machines = [device for device in devices if not device.is_agent]
    if len(machines) != 1:
        raise DriverError(f"the agent has {len(machines)} devices, expected one, or its name in `device`: {known}")
    return machines[0]


def open_driver(config: SourceConfig) -> Driver:
    """The driver of a source. Settings: `device` (name or uuid, needed where the agent has several), `path` (where the
    agent lies below its host), `tls` and `stream` (true when absent)."""
    device, path = config.settings.get("device", ""), config.settings.get("path", "")
    tls, stream = config.settings.get("tls", False), config.settings.get("stream", True)
    if not isinstance(device, str) or not isinstance(path, str) or len(device) > 200 or len(path) > 200:
        return Unusable(f"device {device!r:.40}, path {path!r:.40}: expected texts")
    if not isinstance(tls, bool) or not isinstance(stream, bool):
        return Unusable(f"tls {tls!r:.20}, stream {stream!r:.20}: expected true or false")
    host = f"[{config.host}]" if ":" in config.host else config.host
    base = f"{'https' if tls else 'http'}://{host}:{config.port or PORT}/{quote(path.strip('/'))}"
    return MtconnectDriver(
        AgentClient(base), source=config.id, period_ms=config.period_ms, device=device, stream=stream
    )
