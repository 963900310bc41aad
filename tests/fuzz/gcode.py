"""The G-code reader and what stands on it take any bytes: problems come as values, whatever stands in a program."""

from cnc.domain.gcode.check import Policy, check
from cnc.domain.gcode.control import Known
from cnc.domain.gcode.dialect import LATHE, MILL, MILL_5_AXIS, Bounds, Dialect
from cnc.domain.gcode.diff import diff
from cnc.domain.gcode.reader import read
from cnc.domain.gcode.source import Source
from cnc.domain.gcode.toolpath import toolpath, unpack
from tests.fuzz.target import Target

_BOUNDS = Bounds(
    line_length=512, lines=2_000, loop=200, steps_per_block=500, expanded=10_000, scan_bytes=1 << 20, variables=200
)
_DIALECTS = (
    MILL,
    LATHE,
    MILL_5_AXIS,
    Dialect(kind="lathe", system="B", axes="XZC"),
    Dialect(kind="lathe", system="C", axes="XZ"),
)
_POLICY = Policy(
    program="O1000",
    clearance_mm=2.0,
    highest_speed=9_000,
    highest_feed_mm_min=5_000,
    travel={"X": (-500.0, 0.0), "Z": (-400.0, 0.0)},
)
_CONTROL = Known(offsets={"G54": {"X": 100.0, "Y": 50.0, "Z": -300.0}}, references={1: {"X": 0.0, "Y": 0.0, "Z": 0.0}})


def parse(data: bytes) -> None:
    """Read, judge, draw and compare; the first byte chooses the dialect."""
    dialect = _DIALECTS[data[0] % len(_DIALECTS)] if data else MILL
    control = _CONTROL if data[:1] > b"P" else Known()
    source = Source.of_bytes(data)
    check(source, policy=_POLICY, dialect=dialect, control=control, bounds=_BOUNDS)
    steps = read(source, dialect=dialect, control=control, bounds=_BOUNDS)
    unpack(toolpath(steps, dialect=dialect, limit=100).pack())
    diff(source, Source.of_bytes(data[: len(data) // 2] + data[-len(data) // 3 :]), dialect=dialect)


_WORDS = """
G0 G1 G2 G3 G4 G10 G12.1 G13.1 G7.1 G16 G15 G17 G18 G19 G20 G21 G28 G30 G31 G33 G40 G41 G43 G49 G50 G51 G51.1 G52 G53
G54 G54.1 G65 G66 G67 G68 G68.2 G69 G70 G71 G72 G73 G74 G75 G76 G80 G81 G83 G84 G87 G90 G91 G92 G93 G95 G96 G98 G99
M98P1 M99 M30 M6 T0101 X1. Y-2. Z#1 R2. I1. J1. K1 P1 Q2 L9999 K3 F100 S500 #1=1 #1=#0 #3000=1 #[#1] IF[#1EQ#0]GOTO10
WHILE[#1LT5]DO1 END1 N10 O1 % SIN[30] ATAN[1]/[2] POW[2,3] [[1]] -[-1] SQRT[-1] /0 MOD0 ( ) /2 , ; <A> M98<A> GOTO10
THEN#2=1 #5041 #4001 #500 G54.1P1 N100 N200
"""

TARGET = Target(
    parse,
    words=(*(word.encode() for word in _WORDS.split()), b"\n", b"\n%\n", b"\nN20 ", b"\r\n"),
    seconds=20.0,
)
