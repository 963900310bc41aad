"""An output component as a process: it shows what the drivers read to someone beside, and changes nothing.

Off unless the configuration document has `outputs.<name>.enabled`. It follows the document and the journals, and
begins its output anew when the machines, their signals or its settings change.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from greengrass_components.edge_kit.config import Bootstrap, GatewayConfig
from greengrass_components.edge_kit.floor import Floor, MachineView
from greengrass_components.edge_kit.follow import Declared, EventSeen, Follower, RowSeen
from greengrass_components.edge_kit.in_time import in_time
from greengrass_components.edge_kit.nucleus import SelfCheck
from greengrass_components.edge_kit.pace import wall_ms
from greengrass_components.edge_kit.runtime import ConfigFile, begun, stop_on_signals
from greengrass_components.edge_kit.status import ComponentStatus, write_status

log = logging.getLogger(__name__)

STEP_S: Final = 0.1
REPORT_EVERY_S: Final = 1.0
#: Machines found one after the other at a start become one model.
MODEL_QUIET_S: Final = 1.5
RETRY_S: Final = 5.0


class OutputError(Exception):
    """Settings that cannot be used, a port that is taken: said in the status, tried again."""


class Output(Protocol):
    """One run of an output, for one model of the machines."""

    async def start(self, machines: Sequence[MachineView]) -> None:
        """Show the machines as they stand. Raises OutputError or OSError."""

    def take(self, seen: RowSeen | EventSeen) -> None:
        """A row or an event, as it was written."""

    async def step(self) -> None:
        """Ten times a second."""

    @property
    def state(self) -> str:
        """`running`, or in a word what it waits for."""

    @property
    def error(self) -> str:
        """What keeps it from running now, else ""."""

    async def stop(self) -> None:
        """May be called at any time, and must not raise."""


@dataclass(frozen=True, slots=True)
class OutputSettings:
    """Of one output component, as the document has them."""

    of: Mapping[str, Any]
    bootstrap: Bootstrap

    @property
    def enabled(self) -> bool:
        return self.of.get("enabled") is True

    @property
    def names(self) -> Mapping[str, Any]:
        """Names of machines by id."""
        names = self.of.get("names", {})
        return names if isinstance(names, dict) else {}

    def text(self, name: str, otherwise: str = "") -> str:
        """Raises OutputError."""
        value = self.of.get(name, otherwise)
        if not isinstance(value, str) or len(value) > 255:
            raise OutputError(f"{name}: {value!r:.60}, expected a text of at most 255 characters")
        return value

    def whole(self, name: str, low: int, high: int, otherwise: int) -> int:
        """Raises OutputError."""
        value = self.of.get(name, otherwise)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise OutputError(f"{name}: {value!r:.60}, expected a whole number from {low} to {high}")
        return value

    def flag(self, name: str) -> bool:
        """Raises OutputError."""
        value = self.of.get(name, False)
        if not isinstance(value, bool):
            raise OutputError(f"{name}: {value!r:.60}, expected true or false")
        return value

    def secret_file(self, name: str) -> bytes | None:
        """The content of a file in `<data>/secrets`, which the document can name but not hold. Raises OutputError."""
        file = self.text(name)
        if not file:
            return None
        if "/" in file or "\\" in file or file.startswith("."):
            raise OutputError(f"{name}: {file!r}, expected the name of a file in {self.bootstrap.data / 'secrets'}")
        try:
            return (self.bootstrap.data / "secrets" / file).read_bytes()
        except OSError as error:
            raise OutputError(f"{name}: {error}") from error


MakeOutput = Callable[[OutputSettings], Output]


@dataclass(slots=True)
class OutputProcess:
    """Runs one output as the document wants it."""

    name: str
    bootstrap: Bootstrap
    make: MakeOutput
    config: ConfigFile
    at_work: Callable[[], None] = lambda: None
    version: int = 0
    error: str = ""
    _settings: OutputSettings | None = None
    _sources: tuple[tuple[str, str], ...] = ()
    _document: GatewayConfig | None = None
    _floor: Floor = field(default_factory=Floor)
    _follower: Follower | None = None
    _output: Output | None = None
    _shown: tuple[Any, ...] = ()
    _wanted: tuple[Any, ...] = ()
    _quiet_since_s: float = 0.0
    _retry_s: float = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        reported = 0.0
        try:
            while not stop.is_set():
                if loop.time() >= reported + REPORT_EVERY_S:
                    reported = loop.time()
                    await self._use_document()
                    self._report()
                await self._step(loop.time())
                self.at_work()
                behind = self._follower is not None and not self._follower.caught_up
                with contextlib.suppress(TimeoutError):
                    await in_time(0.001 if behind else STEP_S, stop.wait())
        finally:
            await self._end()
            self._report(stopped=True)

    async def _use_document(self) -> None:
        document = self.config.changed()
        if document is None:
            return
        self.version, self._document = document.version, document
        settings = OutputSettings(document.outputs.get(self.name, {}), self.bootstrap)
        sources = tuple((source.id, source.machine) for source in document.sources)
        if self._settings is not None and (self._settings.of, self._sources) == (settings.of, sources):
            return
        await self._end()
        self._settings, self._sources = settings, sources
        self._floor, self._shown, self._wanted, self.error = Floor.of(document), (), (), ""
        self._retry_s = 0.0
        if self._follower is not None:
            self._follower.close()
        self._follower = Follower(self.bootstrap.data / "journal") if settings.enabled else None
        log.info("%s: configuration %d, %s", self.name, document.version, "on" if settings.enabled else "off")

    async def _step(self, now_s: float) -> None:
        if self._follower is None or self._settings is None:
            return
        for seen in self._news(self._follower):
            if self._output is not None:
                self._output.take(seen)
        model = self._floor.model
        if model != self._wanted:
            self._wanted, self._quiet_since_s = model, now_s
        changed = self._wanted != self._shown and now_s >= self._quiet_since_s + MODEL_QUIET_S
        if self._follower.caught_up and self._wanted and (changed or self._output is None) and now_s >= self._retry_s:
            await self._begin(self._settings, now_s)
        if self._output is not None:
            await self._output.step()

    def _news(self, follower: Follower) -> Iterator[RowSeen | EventSeen]:
        for seen in follower.poll():
            if self._floor.take(seen) and not isinstance(seen, Declared):
                yield seen

    async def _begin(self, settings: OutputSettings, now_s: float) -> None:
        await self._end()
        try:
            output = self.make(settings)
            await output.start(self._floor.machines(settings.names))
        except (OutputError, OSError) as error:
            if str(error) != self.error:
                log.error("%s: %s", self.name, error)
            self.error, self._retry_s = str(error), now_s + RETRY_S
            return
        self._output, self._shown, self.error = output, self._wanted, ""

    async def _end(self) -> None:
        output, self._output = self._output, None
        if output is not None:
            await output.stop()

    def _report(self, *, stopped: bool = False) -> None:
        """`<data>/output/<name>/status.json`, which the relay reports."""
        output = self._output
        state = "failed" if self.error else output.state if output else "waiting" if self._follower else "off"
        error = self.error or (output.error if output else "")
        told = {"output": error[:500]}
        status = ComponentStatus(wall_ms(), self.version, "stopped" if stopped else state, told)
        folder = self.bootstrap.data / "output" / self.name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_status(folder, status)
        except OSError as failure:
            log.error("status cannot be written: %s", failure)


def main(name: str, make: MakeOutput, argv: Sequence[str] | None = None) -> int:
    """Exit code 2 for a bootstrap that cannot be used, 1 for an output that did not come to work, else 0."""
    bootstrap = begun(name, argv)
    if bootstrap is None:
        return 2

    async def run() -> bool:
        stop, check = stop_on_signals(), SelfCheck()
        checking = asyncio.create_task(check.run(stop))
        await OutputProcess(name, bootstrap, make, ConfigFile(bootstrap.config_path), check.passed).run(stop)
        checking.cancel()
        return not check.failed

    return 0 if asyncio.run(run()) else 1
