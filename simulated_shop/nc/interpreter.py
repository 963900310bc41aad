"""Running a program once, at 100 % override, into the steps a machine would take.

Understood: G0-G3, G4, G28, G80/G81/G83, G90/G91, G94/G95, G96/G97, G50 S (speed limit), M0-M9, M30, T, S, F.
Other G and M codes are taken as modal words that move nothing.
"""

import math
from collections.abc import Iterator, Mapping

from simulated_shop.kinds import Kind

from .arcs import chords
from .blocks import BadProgram, Block
from .modal import MOTIONS, Modal
from .steps import Step, StepKind
from .stock import Stock, cutting_power_w
from .tools import Material, Tool

FUNCTION_S = 0.4
PECK_MM = 6.0
_STOPS = {0: StepKind.STOP, 1: StepKind.OPTIONAL_STOP, 2: StepKind.END, 30: StepKind.END}


class Interpreter:
    """Walks the blocks of one program on one kind of machine."""

    def __init__(self, *, kind: Kind, tools: Mapping[int, Tool], material: Material, stock: Stock) -> None:
        self._kind, self._tools, self._material, self._stock = kind, tools, material, stock
        self._index = {name: at for at, name in enumerate(kind.axis_names)}
        self._home = [axis.home - axis.work_offset for axis in kind.axes]
        self._modal = Modal(position=list(self._home), speed_limit=kind.spindle_max_rpm)
        self._spinning_rpm = 0.0

    def run(self, blocks: list[Block]) -> Iterator[Step]:
        """Steps until M2 or M30. Raises BadProgram when the program never ends."""
        sequence = 0
        for block in blocks:
            number = block.value("N")
            sequence = int(number) if number is not None else sequence
            for step in self._block(block, sequence):
                yield step
                if step.kind is StepKind.END:
                    return
        raise BadProgram("the program runs off its end: expected M30 or M2 in the last block")

    def _block(self, block: Block, sequence: int) -> Iterator[Step]:
        modal = self._modal
        codes = block.codes("G")
        self._take_modals(block, codes)
        yield from self._functions(block, sequence)
        if 4 in codes:
            yield self._still(StepKind.DWELL, self._dwell_s(block), block, sequence)
        elif 28 in codes:
            yield from self._go_home(block, sequence)
        elif modal.motion in (81, 83) and any(letter in self._index for letter, _ in block.words):
            yield from self._drill(block, sequence)
        elif any(letter in self._index for letter, _ in block.words) and 50 not in codes:
            yield from self._move(block, sequence)
        for code in block.codes("M"):
            if int(code) in _STOPS:
                modal.m_code = int(code)
                modal.turning = modal.turning and int(code) == 1
                yield self._still(_STOPS[int(code)], 0.0, block, sequence)

    def _take_modals(self, block: Block, codes: tuple[float, ...]) -> None:
        modal = self._modal
        for code in map(int, codes):
            if code in MOTIONS:
                modal.motion = code
            elif code in (90, 91):
                modal.incremental = code == 91
            elif code in (94, 95):
                modal.per_revolution = code == 95
            elif code in (96, 97):
                modal.constant_speed = code == 96
        modal.feed = _or(block.value("F"), modal.feed)
        speed = block.value("S")
        if speed is not None and 50 in codes:
            modal.speed_limit = speed
        elif speed is not None:
            modal.speed = speed

    def _functions(self, block: Block, sequence: int) -> Iterator[Step]:
        modal = self._modal
        tool = block.value("T")
        if tool is not None:
            modal.next_tool = int(tool) // 100 if tool >= 100 else int(tool)
        turret = tool is not None and self._kind.name == "lathe"
        codes = [int(code) for code in block.codes("M")]
        if turret or 6 in codes:
            yield from self._change_tool(block, sequence)
        for code in codes:
            if code in (3, 4, 5):
                modal.turning = code != 5
            if code not in _STOPS:
                modal.m_code = code
        wanted = modal.rpm_at(modal.position[0])
        if wanted != self._spinning_rpm and codes:
            seconds = FUNCTION_S + 1.6 * abs(wanted - self._spinning_rpm) / self._kind.spindle_max_rpm
            self._spinning_rpm = wanted
            yield self._still(StepKind.FUNCTION, seconds, block, sequence)
        elif any(code in (7, 8, 9, 10, 11, 68, 69) for code in codes):
            yield self._still(StepKind.FUNCTION, FUNCTION_S, block, sequence)

    def _change_tool(self, block: Block, sequence: int) -> Iterator[Step]:
        modal = self._modal
        if modal.next_tool not in self._tools:
            raise BadProgram(f"line {block.line}: tool T{modal.next_tool} is not in {sorted(self._tools)}")
        if self._kind.name != "lathe":
            yield from self._rapid_to({2: self._home[2]}, block, sequence)
            modal.turning = False
            self._spinning_rpm = 0.0
        modal.tool = modal.next_tool
        modal.m_code = 6
        yield self._still(StepKind.FUNCTION, self._kind.tool_change_s, block, sequence)

    @staticmethod
    def _dwell_s(block: Block) -> float:
        """G4: P counts milliseconds, X and U seconds."""
        milliseconds = block.value("P")
        if milliseconds is not None:
            return milliseconds / 1000
        return _or(block.value("X"), _or(block.value("U"), 0.0))

    def _go_home(self, block: Block, sequence: int) -> Iterator[Step]:
        named = {"U": "X", "W": "Z"}
        axes = {named.get(letter, letter) for letter, _ in block.words} & set(self._index)
        yield from self._rapid_to({self._index[name]: self._home[self._index[name]] for name in axes}, block, sequence)

    def _target(self, block: Block) -> list[float]:
        target = list(self._modal.position)
        for letter, number in block.words:
            if letter in self._index:
                at = self._index[letter]
                target[at] = number + (target[at] if self._modal.incremental else 0.0)
        return target

    def _move(self, block: Block, sequence: int) -> Iterator[Step]:
        target = self._target(block)
        if self._modal.motion in (0, 80):
            yield from self._rapid_to(dict(enumerate(target)), block, sequence)
        elif self._modal.motion == 1:
            yield self._feed_to(target, block, sequence)
        else:
            yield from self._arc(target, block, sequence)

    def _arc(self, target: list[float], block: Block, sequence: int) -> Iterator[Step]:
        here, second = self._modal.position, 1 if "Y" in self._index else self._index["Z"]
        offsets = (block.value("I"), block.value("J" if second == 1 and "Y" in self._index else "K"))
        centre = None
        if offsets != (None, None):
            centre = (here[0] + _or(offsets[0], 0.0), here[second] + _or(offsets[1], 0.0))
        points = chords(
            (here[0], here[second]),
            (target[0], target[second]),
            clockwise=self._modal.motion == 2,
            centre=centre,
            radius=block.value("R"),
        )
        for step, (first, other) in enumerate(points, start=1):
            chord = [a + (b - a) * step / len(points) for a, b in zip(here, target, strict=True)]
            chord[0], chord[second] = first, other
            yield self._feed_to(chord, block, sequence)

    def _drill(self, block: Block, sequence: int) -> Iterator[Step]:
        hole = self._modal.hole
        hole.update({letter: number for letter, number in block.words if letter in "RZQ"})
        target = self._target(block)
        target[2] = self._modal.position[2]
        yield from self._rapid_to(dict(enumerate(target)), block, sequence)
        yield from self._rapid_to({2: hole["R"]}, block, sequence)
        bottom, peck = hole["Z"], hole.get("Q", PECK_MM)
        depth = bottom if self._modal.motion == 81 else hole["R"]
        while True:
            depth = max(bottom, depth - peck)
            plunge = list(self._modal.position)
            plunge[2] = depth
            yield self._feed_to(plunge, block, sequence)
            yield from self._rapid_to({2: hole["R"]}, block, sequence)
            if depth <= bottom:
                return

    def _rapid_to(self, wanted: dict[int, float], block: Block, sequence: int) -> Iterator[Step]:
        start = tuple(self._modal.position)
        end = list(start)
        for at, value in wanted.items():
            end[at] = value
        minutes = max(
            (abs(b - a) / axis.rapid_per_min for a, b, axis in zip(start, end, self._kind.axes, strict=True)),
            default=0.0,
        )
        if minutes > 0.0:
            yield self._step(StepKind.RAPID, minutes * 60, block, sequence, end=tuple(end), feed=0.0, power_w=0.0)

    def _feed_to(self, target: list[float], block: Block, sequence: int) -> Step:
        modal = self._modal
        start, end = tuple(modal.position), tuple(target)
        rpm = modal.rpm_at((start[0] + end[0]) / 2)
        feed = modal.feed_per_min(rpm)
        if feed <= 0.0:
            raise BadProgram(f"line {block.line}: {block.text!r}: a feed move needs F above 0, feed is {feed:g} mm/min")
        self._spinning_rpm = rpm
        tool = self._tools.get(modal.tool)
        removal = self._stock.removal(start, end, tool=tool, feed=feed, rpm=rpm) if tool else 0.0
        seconds = 60 * math.dist(start, end) / feed
        power_w = cutting_power_w(removal, material=self._material)
        return self._step(StepKind.FEED, seconds, block, sequence, end=end, feed=feed, power_w=power_w)

    def _still(self, kind: StepKind, seconds: float, block: Block, sequence: int) -> Step:
        end = tuple(self._modal.position)
        return self._step(kind, seconds, block, sequence, end=end, feed=0.0, power_w=0.0)

    def _step(
        self,
        kind: StepKind,
        seconds: float,
        block: Block,
        sequence: int,
        *,
        end: tuple[float, ...],
        feed: float,
        power_w: float,
    ) -> Step:
        modal = self._modal
        start = tuple(modal.position)
        modal.position = list(end)
        return Step(
            kind=kind,
            seconds=seconds,
            line=block.line,
            sequence=sequence,
            start=start,
            end=end,
            feed=feed,
            rpm=modal.rpm_at((start[0] + end[0]) / 2),
            tool=modal.tool,
            power_w=power_w,
            motion_code=modal.motion,
            m_code=modal.m_code,
            commands=(modal.feed, modal.speed),
        )


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value
