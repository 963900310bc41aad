"""The FOCAS driver: one control, two to three PDUs per tick, every signal with its own fate.

- A function the control does not have (codes 1 and 6) is remembered and not asked again.
- An answer that makes no sense, or a value that is physically impossible, leaves that signal without a value and the
  row UNCERTAIN. A frame that makes no sense ends the connection: the tick is unread, the next one reads anew.
- Names of programs and texts of alarms travel as events.
"""

from collections.abc import Sequence
from typing import Any, Final

from cnc.domain.telemetry.facts import GOOD, Quality
from cnc.domain.telemetry.schema import Schema
from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.edge_kit.driver import DriverError, Reading
from greengrass_components.focas.client import PORT, FocasClient
from greengrass_components.focas.driver.asks import Ask, Pace, asks
from greengrass_components.focas.driver.events import alarms, facts
from greengrass_components.focas.driver.execution import Run, State, plausible
from greengrass_components.focas.driver.machine import Machine, read_machine
from greengrass_components.focas.driver.sample import Sample
from greengrass_components.focas.driver.signals import STATE, Description, descriptions
from greengrass_components.focas.errors import FocasError, MalformedReply, Refused
from greengrass_components.focas.protocol.functions.clock import Elapsed
from greengrass_components.focas.protocol.functions.status import Status

SLOW_EVERY_MS: Final = 10_000
ANSWER_TIMEOUT_S: Final = 3.0
ABSENT_AT_FIRST: Final = (1, 3, 4, 6)  # refusals of a first contact that mean "this control has no such thing"
DERIVED: Final = {"tool": "commands", "motion": "status", "mstb": "status"}  # signal input -> the ask it comes from


class FocasDriver:
    """One source. Satisfies `edge_kit.driver.Driver`."""

    def __init__(self, config: SourceConfig) -> None:
        self._host, self._port = config.host, config.port or PORT
        self._path = int(config.settings.get("path", 1))
        self._period_ms = config.period_ms
        self._client: FocasClient | None = None
        self._machine: Machine | None = None
        self._asks: dict[str, Ask] = {}
        self._absent: set[str] = set()
        self._described: list[Description] = []
        self._schema: Schema | None = None
        self._sample = Sample()
        self._turn = 0
        self._timer_order = ""
        self._reported: tuple[Any, Any] = ({}, {})

    @property
    def schema(self) -> Schema | None:
        """None until the first contact: only the control knows its axes."""
        return self._schema

    @property
    def absent(self) -> frozenset[str]:
        """Names of asks this control does not have."""
        return frozenset(self._absent)

    async def connect(self) -> Schema:
        """Open a session, learn what the control is and has. Raises DriverError."""
        await self.close()
        try:
            self._client = await FocasClient.connect(self._host, self._port, timeout_s=ANSWER_TIMEOUT_S)
            machine = await read_machine(self._client, path=self._path)
            self._learn(machine)
            await self._probe(self._client)
        except FocasError as error:
            await self.close()
            raise DriverError(str(error)) from error
        self._described = [d for d in descriptions(machine) if self._has(d)]
        self._schema = Schema(tuple(description.signal for description in self._described))
        return self._schema

    def _learn(self, machine: Machine) -> None:
        if self._machine is None or machine.cnc_id != self._machine.cnc_id:
            self._absent.clear()  # another control answers at this address
        self._machine = machine
        self._asks = {ask.name: ask for ask in asks(machine)}
        self._sample = Sample(machine.series)

    async def _probe(self, client: FocasClient) -> None:
        for ask, result in await self._results(client, list(self._asks)):
            self._keep(ask, result)
            if isinstance(result, Refused) and result.code in ABSENT_AT_FIRST:
                self._absent.add(ask.name)
        for name, result in self._sample.results.items():
            if isinstance(result, Elapsed):  # a later timer may have told the order of an earlier one
                self._sample.results[name] = result.in_order(self._timer_order)

    def _has(self, description: Description) -> bool:
        return DERIVED.get(description.needs, description.needs) not in self._absent

    async def read(self, *, tick_ms: int) -> Reading:
        """One row. Raises DriverError when the tick is lost."""
        del tick_ms
        client = self._client
        if client is None or not client.alive:
            raise DriverError(f"{self._host}:{self._port}: not connected")
        self._sample.damaged.clear()
        before = self._sample.get("numbers")
        try:
            await self._take(client, self._of(Pace.FIRST))
            await self._take(client, [*self._of(Pace.SECOND), *self._wanted(before), *self._slow_turn()])
        except FocasError as error:
            raise DriverError(str(error)) from error
        return self._reading()

    def _of(self, pace: Pace) -> list[str]:
        return [ask.name for ask in self._asks.values() if ask.pace is pace]

    def _wanted(self, before: Any) -> list[str]:
        """What this tick's first answers call for."""
        wanted, sample = [], self._sample
        if sample.get("alarm_bits") != 0:
            wanted.append("alarms")
        else:
            sample.results["alarms"] = []
        status = sample.get("status")
        if status is not None and status.run == Run.STOP:
            wanted.append("m_codes")
        if sample.get("numbers") != before:
            wanted += ["program_path", "program_name"]
        return wanted

    def _slow_turn(self) -> list[str]:
        """The slow asks whose turn it is; names of programs take turns too, for those without a number."""
        slow = [*self._of(Pace.SLOW), "program_path"]
        share = -(-len(slow) * self._period_ms // SLOW_EVERY_MS)
        chosen = [slow[(self._turn + n) % len(slow)] for n in range(min(share, len(slow)))]
        self._turn = (self._turn + share) % len(slow)
        return chosen

    async def _take(self, client: FocasClient, names: Sequence[str]) -> None:
        for ask, result in await self._results(client, names):
            self._keep(ask, result)

    async def _results(self, client: FocasClient, names: Sequence[str]) -> list[tuple[Ask, Any]]:
        due = [self._asks[name] for name in dict.fromkeys(names) if name not in self._absent]
        return list(zip(due, await client.ask([ask.call for ask in due]), strict=True))

    def _keep(self, ask: Ask, result: Any) -> None:
        if isinstance(result, Status) and not plausible(result):
            result = MalformedReply(f"state words {result} are none that a control shows")
        if isinstance(result, Elapsed):
            self._timer_order = result.order or self._timer_order
            result = result.in_order(self._timer_order)
        if not isinstance(result, FocasError):
            self._sample.results[ask.name] = result
            return
        self._sample.results[ask.name] = None
        if not isinstance(result, Refused):
            self._sample.damaged.add(ask.name)
        elif result.permanent:
            self._absent.add(ask.name)

    def _reading(self) -> Reading:
        sample, state = self._sample, self._sample.state()
        inputs = _inputs(sample, state)
        values: list[int | None] = []
        doubtful = bool(sample.damaged) or state is None
        for description in self._described:
            value, plausible = _checked(description, inputs.get(description.needs))
            values.append(value)
            doubtful = doubtful or not plausible
        found, active = self._news(state)
        quality = Quality.UNCERTAIN if doubtful else GOOD
        if all(value is None for value in values):
            quality = Quality.UNAVAILABLE
        return Reading(values, int(quality), found, active)

    def _news(self, state: State | None) -> tuple[Any, Any]:
        """Facts and alarms; the objects of the tick before when nothing changed."""
        machine = self._machine
        names = {number: axis.name for number, axis in enumerate(machine.axes, start=1)} if machine else {}
        found, active = facts(self._sample, state), alarms(self._sample, axes=names)
        old_found, old_active = self._reported
        if self._sample.get("alarms") is None and "alarms" not in self._absent:
            active = old_active  # nobody saw them end
        self._reported = (old_found if found == old_found else found, old_active if active == old_active else active)
        return self._reported

    async def close(self) -> None:
        """Let go of the session."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()


def _inputs(sample: Sample, state: State | None) -> dict[str, Any]:
    """Results by the names that signals need."""
    status = sample.get("status")
    inputs = dict(sample.results)
    inputs[STATE] = state
    inputs["tool"] = sample.tool
    inputs["motion"] = None if status is None else status.motion
    inputs["mstb"] = None if status is None else status.mstb
    inputs["overrides"] = None if sample.get("overrides") is None else sample.overrides
    return inputs


def _checked(description: Description, source: Any) -> tuple[int | None, bool]:
    """The scaled value, and whether what was read is possible at all."""
    if source is None:
        return None, True
    value = description.value(source)
    if value is None:
        return None, description.signal.kind != "text"
    if isinstance(value, str):
        return description.signal.scaled(str(value)), True
    if not description.low <= value <= description.high:
        return None, False
    return description.signal.scaled(value), True


def open_driver(config: SourceConfig) -> FocasDriver:
    """The driver of one source; `settings.path` chooses a path of a control with several."""
    return FocasDriver(config)
