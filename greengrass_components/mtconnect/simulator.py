"""A simulated machine behind an MTConnect agent: the agent core of the product, fed from what the machine shows.

`Shown` is what a machine offers; the words of its control are FANUC's (statinfo), as in the FOCAS simulator.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Protocol, Self

from cnc.domain.base.mtconnect import ControllerMode, EmergencyStop, Execution, FunctionalMode
from cnc.domain.telemetry.schema import Schema, Signal
from greengrass_components.edge_kit.mtconnect.agent import Agent
from greengrass_components.edge_kit.mtconnect.buffer import DEFAULT_SIZE
from greengrass_components.edge_kit.mtconnect.machine import About, MachineDevice, name_token
from greengrass_components.edge_kit.mtconnect.server import AgentServer
from greengrass_components.edge_kit.pace import wall_ms

REFRESH_S: Final = 0.1
SOURCE: Final = "control"
_ALARM_TYPES: Final = {3: "PS", 4: "OT", 5: "OH", 6: "SV", 9: "SP", 15: "EX"}


class Shown(Protocol):
    """One instant of a machine; read anew before every observation."""

    @property
    def axes(self) -> Sequence[Any]:
        """Each with name, rotary, absolute, machine, load_percent and temperature_c."""

    @property
    def spindles(self) -> Sequence[Any]:
        """Each with speed_rpm, load_percent and temperature_c."""

    @property
    def alarms(self) -> Sequence[Any]:
        """Each with number, type, axis (from 1) and text."""

    @property
    def commands(self) -> Mapping[str, float]:
        """The words in force, by letter."""

    mode: int
    run: int
    emergency: int
    program_number: int
    sequence_number: int
    feed_mm_min: float
    feed_override_percent: float
    rapid_override_percent: float
    spindle_override_percent: float
    part_count: int
    part_required: int
    power_on_ms: int
    operating_ms: int
    cycle_ms: int


def execution_of(shown: Shown) -> Execution:
    """How the adapter of such a machine words its state."""
    if shown.emergency:
        return Execution.STOPPED
    if shown.run == 3:
        return Execution.INTERRUPTED if shown.feed_override_percent == 0 else Execution.ACTIVE
    if shown.run == 2:
        return Execution.FEED_HOLD
    if shown.run == 1:
        stops = {0: Execution.PROGRAM_STOPPED, 1: Execution.OPTIONAL_STOP}
        stops |= dict.fromkeys((2, 30, 99), Execution.PROGRAM_COMPLETED)
        return Execution.STOPPED if shown.alarms else stops.get(int(shown.commands.get("M", -1)), Execution.STOPPED)
    return Execution.STOPPED if shown.alarms else Execution.READY


def _mode_of(shown: Shown) -> tuple[ControllerMode, FunctionalMode]:
    if shown.mode in (1, 10):
        return ControllerMode.AUTOMATIC, FunctionalMode.PRODUCTION
    if shown.mode == 0:
        return ControllerMode.MANUAL_DATA_INPUT, FunctionalMode.SETUP
    if shown.mode == 3:
        return ControllerMode.EDIT, FunctionalMode.PROCESS_DEVELOPMENT
    return ControllerMode.MANUAL, FunctionalMode.SETUP


def _values(shown: Shown) -> dict[str, float | str]:
    """Everything by signal key, in MTConnect's units."""
    mode, functional = _mode_of(shown)
    found: dict[str, float | str] = {
        "controller.execution": execution_of(shown),
        "controller.controller_mode": mode,
        "controller.functional_mode": functional,
        "controller.emergency_stop": EmergencyStop.TRIGGERED if shown.emergency else EmergencyStop.ARMED,
        "controller.equipment_timer.powered": shown.power_on_ms / 1000,
        "controller.equipment_timer.operating": shown.operating_ms / 1000,
        "path1.line": shown.sequence_number,
        "path1.tool_number": shown.commands.get("T", 0),
        "path1.part_count.all": shown.part_count,
        "path1.part_count.target": shown.part_required,
        "path1.path_feedrate.actual": shown.feed_mm_min / 60,
        "path1.path_feedrate.override": shown.feed_override_percent,
        "path1.path_feedrate.rapid_override": shown.rapid_override_percent,
        "path1.process_timer.process": shown.cycle_ms / 1000,
        "s1.rotary_velocity.override": shown.spindle_override_percent,
    }
    for axis in shown.axes:
        head, kind = axis.name.lower(), "angle" if axis.rotary else "position"
        found |= {
            f"{head}.{kind}.actual": axis.absolute,
            f"{head}.{kind}.machine": axis.machine,
            f"{head}.load": axis.load_percent,
            f"{head}.temperature": axis.temperature_c,
        }
    for number, spindle in enumerate(shown.spindles, start=1):
        found |= {
            f"s{number}.rotary_velocity.actual": spindle.speed_rpm,
            f"s{number}.load": spindle.load_percent,
            f"s{number}.temperature": spindle.temperature_c,
        }
    return found


_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "controller.execution": tuple(map(str, Execution)),
    "controller.controller_mode": tuple(map(str, ControllerMode)),
    "controller.functional_mode": tuple(map(str, FunctionalMode)),
    "controller.emergency_stop": tuple(map(str, EmergencyStop)),
}
_STEPS: Final = {"position": 0.001, "angle": 0.001, "path_feedrate": 0.01, "load": 0.1, "temperature": 0.1}


def _schema(keys: Sequence[str]) -> Schema:
    return Schema(
        tuple(
            Signal(key, "", "text", texts=_WORDS[key])
            if key in _WORDS
            else Signal(key, "", resolution=_STEPS.get(key.split(".")[1], 0.1))
            for key in keys
        )
    )


class MtconnectSimulator:
    """Serves one machine; `port` 0 picks a free one, `port` then says which."""

    def __init__(
        self,
        shown: Shown,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        name: str = "Machine",
        size: int = DEFAULT_SIZE,
        version: str = "2.0",
        clock_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._shown = shown
        self._clock_ms = clock_ms
        token = name_token(name)
        about = About(
            f"d_{token}", token, f"cnc-copilot.simulated.{token}", manufacturer="CNC Copilot",
            model="Simulated machine", serial_number="0", description=name,
        )  # fmt: skip
        self._schema = _schema(tuple(_values(shown)))
        self._machine = MachineDevice(about, {SOURCE: self._schema})
        self._alarms: dict[str, dict[str, Any]] = {}
        self.agent = Agent(
            [self._machine.device],
            sender="cnc-copilot-simulator",
            instance_id=int(time.time()),
            clock_ms=self._clock_ms,
            size=size,
            version=version,
        )
        self.agent.add(self._machine.begin(self._clock_ms()))
        self._server = AgentServer(lambda: self.agent, host, port)
        self._task: asyncio.Task[None] | None = None

    @property
    def host(self) -> str:
        return self._server.host

    @property
    def port(self) -> int:
        return self._server.port

    def refresh(self) -> None:
        """Look at the machine once."""
        now, machine, shown = self._clock_ms(), self._machine, self._shown
        self.agent.add(machine.event(now, "state", {"availability": "AVAILABLE"}))
        values = _values(shown)
        row = [signal.scaled(values[signal.key]) for signal in self._schema.signals]
        self.agent.add(machine.row(SOURCE, now, row))
        self.agent.add(machine.event(now, "program", {"name": f"O{shown.program_number:04d}"}))
        alarms = {f"{alarm.type}.{alarm.number}.{alarm.axis}": self._alarm(alarm) for alarm in shown.alarms}
        for key in self._alarms.keys() - alarms.keys():
            self.agent.add(machine.event(now, "alarm", {**self._alarms[key], "active": False}))
        for key in alarms.keys() - self._alarms.keys():
            self.agent.add(machine.event(now, "alarm", {**alarms[key], "active": True}))
        self._alarms = alarms

    def _alarm(self, alarm: Any) -> dict[str, Any]:
        axes = self._shown.axes
        axis = axes[alarm.axis - 1].name if 0 < alarm.axis <= len(axes) else ""
        return {"number": alarm.number, "type": _ALARM_TYPES.get(alarm.type, "SW"), "text": alarm.text, "axis": axis}

    async def start(self) -> Self:
        """Listen. Raises OSError when the port is taken."""
        self.refresh()
        await self._server.start()
        self._task = asyncio.create_task(self._run(), name="mtconnect simulator")
        return self

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        await self._server.stop()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_S)
            self.refresh()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
