"""Which control the simulator pretends to be: everything about a control that is no machine state."""

from dataclasses import dataclass, field

from greengrass_components.focas.protocol.functions.identity import SystemInfo
from greengrass_components.focas.protocol.session import Dialect, Opening, PathSlot
from greengrass_components.focas.simulator.control import Control


@dataclass(frozen=True, slots=True)
class Persona:
    """A model of control and its habits. The default is a 31i with PDU version 3."""

    version: int = 3
    cnc_type: str = "31"
    series: str = "G421"
    software: str = "52.0"
    info: int = 0x0202
    model: int = 31
    max_axes: int = 32
    max_spindles: int = 8
    slots: int = 10
    paths: int = 1
    cnc_id: tuple[int, int, int, int] = (0x31A0C0DE, 0x00010002, 0x20261122, 0x00000001)
    ethernet: tuple[int, int] = (1, 1)
    sessions: int = 10  # command connections and transfer connections, each
    idle_s: float = 3600.0  # a silent connection is dropped after this
    little_endian_timers: bool = False
    directory_page: int = 40  # most records of one directory reply
    tool_offsets: int = 200
    g_groups: int = 24
    refused: frozenset[int] = field(default_factory=frozenset)  # function codes answered with 1
    no_option: frozenset[int] = field(default_factory=frozenset)  # function codes answered with 6
    busy: frozenset[int] = field(default_factory=frozenset)  # function codes answered with -1
    deadly: frozenset[int] = field(default_factory=frozenset)  # function codes that end the connection
    delay_s: float = 0.0  # before each answer, whatever is asked

    @property
    def dialect(self) -> Dialect:
        """Sizes and codes."""
        return Dialect(self.version, self.max_axes, self.max_spindles)

    def opening(self, control: Control) -> Opening:
        """What this control tells when a session opens."""
        axes, spindles = len(control.axes), len(control.spindles)
        present = PathSlot(system(control), axes, axes, spindles)
        absent = PathSlot("", 0, 0, 0)
        slots = tuple(present if n < self.paths else absent for n in range(self.slots))
        unknown = (6, 5, 1, 3) if self.version > 2 else (0, 3, 0, 0)
        return Opening(
            version=self.version,
            max_axes=self.max_axes,
            max_spindles=self.max_spindles,
            axes=axes,
            servo_axes=axes,
            spindles=spindles,
            paths=self.paths,
            slots=slots,
            unknown=unknown,
        )

    def system_info(self, control: Control) -> SystemInfo:
        """The type plate."""
        return SystemInfo(
            info=self.info,
            max_axes=self.max_axes,
            cnc_type=self.cnc_type,
            mt_type=system(control).strip(),
            series=self.series,
            version=self.software,
            axes=len(control.axes),
        )


def system(control: Control) -> str:
    """ " T" for a lathe, " M" for everything else."""
    return " T" if control.kind == "lathe" else " M"


THIRTY_ONE_I = Persona()
ZERO_I_D = Persona(version=4, cnc_type="0", series="D4F1", software="30.0", info=0x0442, directory_page=8)
EIGHTEEN_I = Persona(
    version=2, cnc_type="18", series="BDF1", software="07", info=0x0002, max_axes=8, max_spindles=4, slots=2,
    directory_page=19, refused=frozenset({0x8D, 0x93, 0xD0}), tool_offsets=99,
)  # fmt: skip
PERSONAS = {"31i": THIRTY_ONE_I, "0i-d": ZERO_I_D, "18i": EIGHTEEN_I}
