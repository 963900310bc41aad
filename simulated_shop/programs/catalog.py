"""The programs of the demo shop by number."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from simulated_shop.kinds import KINDS
from simulated_shop.nc.blocks import read_program
from simulated_shop.nc.interpreter import Interpreter
from simulated_shop.nc.steps import Step
from simulated_shop.nc.stock import BarStock, MillStock, Stock
from simulated_shop.nc.tools import ALUMINIUM, STEEL, TITANIUM, Material, Tool

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Program:
    """A program with what it needs. `load_s` is the usual time to take a part out and put the next one in."""

    number: int
    part: str
    kind: str
    material: Material
    tools: tuple[Tool, ...]
    load_s: float
    stock: Callable[[], Stock]

    @property
    def text(self) -> str:
        return (_FOLDER / f"O{self.number}.nc").read_text()


def _bar() -> Stock:
    return BarStock(diameter_mm=45.0, length_mm=90.0)


_FACE_MILL = Tool(1, "face mill D50", 50, 32, 1.2, 5_400)
_ROUGHER = Tool(2, "end mill D16 rough", 16, 11.0, 4.0, 3_900)
_FINISHER = Tool(3, "end mill D10 finish", 10, 0.35, 12.0, 6_600)
_DRILL = Tool(4, "drill D8.5", 8.5, 8.5, 8.5, 2_700)
_CHAMFER = Tool(5, "chamfer mill D12", 12, 0.8, 1.0, 7_200)
_TURN_ROUGH = Tool(1, "CNMG 120408 rough", 0, 1.0, 1.5, 1_500)
_TURN_FINISH = Tool(3, "DNMG 110404 finish", 0, 0.5, 0.5, 2_100)
_GROOVE = Tool(5, "groove insert 3 mm", 0, 3.0, 3.0, 1_800)
_TURN_DRILL = Tool(7, "insert drill D20", 20, 10.0, 10.0, 2_400)

PROGRAMS: dict[int, Program] = {
    program.number: program
    for program in (
        Program(1001, "Bearing housing", "mill", STEEL, (_FACE_MILL, _ROUGHER, _FINISHER, _DRILL), 32, MillStock),
        Program(1002, "Clamp plate", "mill", ALUMINIUM, (_ROUGHER, _DRILL, _CHAMFER), 26, MillStock),
        Program(2001, "Shaft D36", "lathe", STEEL, (_TURN_ROUGH, _TURN_FINISH, _GROOVE), 9, _bar),
        Program(2002, "Flange bush", "lathe", STEEL, (_TURN_ROUGH, _TURN_FINISH, _TURN_DRILL), 11, _bar),
        Program(
            5001,
            "Impeller hub",
            "5-axis",
            TITANIUM,
            (
                Tool(1, "bull nose D20 R3", 20, 12.0, 3.0, 3_000),
                Tool(2, "ball nose D8", 8, 2.4, 0.6, 4_200),
                Tool(3, "drill D6.8", 6.8, 6.8, 6.8, 2_100),
            ),
            18,
            MillStock,
        ),
    )
}


@cache
def steps_of(number: int) -> tuple[Step, ...]:
    """The steps of a program, interpreted once. Raises KeyError for a number that is not in PROGRAMS."""
    program = PROGRAMS[number]
    tools: Mapping[int, Tool] = {tool.number: tool for tool in program.tools}
    interpreter = Interpreter(kind=KINDS[program.kind], tools=tools, material=program.material, stock=program.stock())
    _, blocks = read_program(program.text)
    return tuple(interpreter.run(blocks))
