"""A simulated control: the machine it reads, the persona it plays, the memory it keeps."""

from datetime import datetime, timedelta

from greengrass_components.focas.protocol.functions.status import Status
from greengrass_components.focas.simulator.control import Control
from greengrass_components.focas.simulator.memory.diagnosis import Diagnoses
from greengrass_components.focas.simulator.memory.macros import Macros
from greengrass_components.focas.simulator.memory.offsets import ToolOffsets, WorkOffsets
from greengrass_components.focas.simulator.memory.parameters import Parameters
from greengrass_components.focas.simulator.memory.pmc import Pmc
from greengrass_components.focas.simulator.memory.programs import Programs, o_name
from greengrass_components.focas.simulator.persona import THIRTY_ONE_I, Persona

RUNNING = (3, 4)  # START, MSTR


class Cnc:
    """Everything the answers are made of."""

    def __init__(self, control: Control, persona: Persona = THIRTY_ONE_I) -> None:
        self.control = control
        self.persona = persona
        self.dialect = persona.dialect
        self.parameters = Parameters(control)
        self.diagnoses = Diagnoses(control)
        self.macros = Macros(control)
        self.tools = ToolOffsets(control, count=persona.tool_offsets)
        self.works = WorkOffsets(control)
        self.pmc = Pmc(control)
        self.programs = Programs(control)
        self.clock_offset = timedelta()
        self.executing_block = 0
        self._selected: tuple[str, int] | None = None

    @property
    def now(self) -> datetime:
        """The control's clock, as it was set."""
        return self.control.now + self.clock_offset

    @property
    def status(self) -> Status:
        """The present state words."""
        c = self.control
        return Status(
            aut=c.mode,
            run=c.run,
            motion=c.motion,
            mstb=c.mstb,
            emergency=c.emergency,
            alarm=1 if c.alarms else 0,
            edit=c.edit,
            tmmode=0 if c.kind == "lathe" else 1,
        )

    def select(self, path: str) -> None:
        """Make a file the main program until the machine itself changes to another one."""
        self._selected = (path, self.control.main_program_number)

    @property
    def main_path(self) -> str:
        """Full path of the main program."""
        if self._selected is not None and self._selected[1] == self.control.main_program_number:
            return self._selected[0]
        return self._home(self.control.main_program_number)

    @property
    def main_number(self) -> int:
        """O number of the main program, 0 when its name is no number."""
        name = self.main_path.rsplit("/", 1)[-1]
        return int(name[1:]) if name[1:].isdigit() else 0

    @property
    def running_path(self) -> str:
        """Full path of the running program."""
        return self._home(self.control.program_number)

    def _home(self, number: int) -> str:
        return self.programs.home + o_name(number)

    def in_use(self, path: str) -> bool:
        """A program that is being executed cannot be deleted; one that was only selected can."""
        executed = (self.running_path, self._home(self.control.main_program_number))
        return self.control.run in RUNNING and path in executed

    def forget(self, path: str) -> None:
        """A file is gone: what had selected it has not any more."""
        if self._selected is not None and self._selected[0] == path:
            self._selected = None
