"""The quick way for the blocks that fill a CAM program: N, G0 to G3, axes, I J K R and F in plain numbers.

One regular expression takes a block apart. This way is used while nothing but a block's own words and the motion
code decide its move (`usable`); everything else goes through `execute`.
"""

import math
import re
from collections.abc import Callable, Generator, Iterator
from typing import Final

from cnc.domain.gcode.arcs import by_radius, plane_axes, through
from cnc.domain.gcode.dialect import ROTARY, Dialect
from cnc.domain.gcode.facts import Arc, Kind, Modal, Position, Step
from cnc.domain.gcode.problems import GcodeError
from cnc.domain.gcode.settings import feed_factors
from cnc.domain.gcode.source import Place
from cnc.domain.gcode.state import PLANES, State

Match = Callable[[str], "re.Match[str] | None"]
Taken = tuple[str, Place]

#: At most nine digits before the point, as `words` has it; signs and points in odd places are left to `float`.
_NUMBER: Final = r"(?!.?[0-9]{10})[-+.0-9]{1,12}"
_ARC_WORD: Final = re.compile(rf"([IJKR])({_NUMBER})")
_MOTIONS: Final = {"0": "G0", "00": "G0", "1": "G1", "01": "G1", "2": "G2", "02": "G2", "3": "G3", "03": "G3"}
NONE: Final = Kind.NONE
ARC: Final = Kind.ARC
_KINDS: Final = {"G0": Kind.RAPID, "G1": Kind.LINE, "G2": ARC, "G3": ARC}
_CENTERS: Final = {"X": "I", "Y": "J", "Z": "K"}
_REMEMBERED: Final = 256


def pattern(dialect: Dialect) -> Match:
    """Groups: N, G, one for each axis, the arc words as one text, F. What is no number is found by `float`."""
    axes = "".join(rf"(?:{axis}({_NUMBER}) ?)?" for axis in dialect.axes)
    arc = rf"((?:[IJKR]{_NUMBER} ?)+)?"
    return re.compile(
        rf" *(?=[A-Z])(?:N([0-9]{{1,9}}) ?)?(?:G(0?[0-3]) ?)?{axes}{arc}(?:F([0-9.]{{1,9}}) ?)?;?\r?\Z"
    ).match


def usable(state: State) -> bool:
    """Whether a block's own words and the motion code decide its move."""
    modal = state.modal
    return (
        modal.absolute
        and modal.cycle == "G80"
        and modal.motion in ("G0", "G1", "G2", "G3")
        and not (modal.polar or modal.interpolation or state.data_entry)
        and state.plain
    )


def run(
    lines: Iterator[str], place: Place, *, state: State, match: Match, depth: int, program: str
) -> Generator[Step, None, Taken | None]:
    """Steps of the lines from `place` on until one is not of this kind; that line and its place, None at the end."""
    offset, line = place
    modal, here = state.modal, state.at
    move, (point, bare) = _mover(state), feed_factors(state)
    modals: dict[tuple[str, float], Modal] = {}
    new = tuple.__new__
    found, text = match("G0"), ""
    for text in lines:
        found = match(text)
        if found is None:
            break
        groups = found.groups()
        sequence, code, centers, feed = groups[0], groups[1], groups[-2], groups[-1]
        changed, arc = modal, None
        try:
            if code is not None or feed is not None:
                motion = modal.motion if code is None else _MOTIONS[code]
                rate = modal.feed if feed is None else float(feed) * (point if "." in feed else bare)
                changed = modals.get((motion, rate)) or _remember(modals, modal, motion, rate)
            end = move(here, groups)
            kind = _KINDS[changed.motion]
            if kind is ARC:
                if end is not here or centers is not None:
                    arc = _arc(state, centers or "", here, end, changed)
                else:
                    kind = NONE
            elif centers is not None:
                raise ValueError
            elif end is here:
                kind = NONE
        except (ValueError, GcodeError):
            found = None
            break
        modal = changed
        yield new(Step, (line, offset, sequence and int(sequence), 0, depth, program,
                         kind, here, end, modal, arc, 0.0, None, text, "", ()))  # fmt: skip
        here = end
        offset += len(text) + 1
        line += 1
    state.modal, state.at = modal, here
    return None if found else (text, Place(offset, line))


def _remember(modals: dict[tuple[str, float], Modal], modal: Modal, motion: str, feed: float) -> Modal:
    if len(modals) >= _REMEMBERED:
        modals.clear()
    made = modals[(motion, feed)] = modal._replace(motion=motion, feed=feed)
    return made


def _mover(state: State) -> Callable[[Position, tuple[str | None, ...]], Position]:
    """Makes the end of a move from its start and the groups of a block; the start itself when no axis is named."""
    factors = []
    for axis in state.axes:
        unit = 1.0 if axis in ROTARY else state.unit
        if axis == "X" and state.dialect.kind == "lathe" and state.dialect.diameter:
            unit *= 0.5
        factors.append((unit, unit * state.bare(angle=axis in ROTARY)))
    if len(factors) == 3:
        return _three(*factors)
    nothing, last = (None,) * len(factors), 2 + len(factors)

    def move(here: Position, groups: tuple[str | None, ...]) -> Position:
        axes = groups[2:last]
        if axes == nothing:
            return here
        return tuple(
            [
                at if text is None else float(text) * (point if "." in text else bare)
                for at, text, (point, bare) in zip(here, axes, factors, strict=True)
            ]
        )

    return move


def _three(
    first: tuple[float, float], second: tuple[float, float], third: tuple[float, float]
) -> Callable[[Position, tuple[str | None, ...]], Position]:
    """The same for three axes, written out: it is the inner loop of most programs."""
    (px, bx), (py, by), (pz, bz) = first, second, third

    def move(here: Position, groups: tuple[str | None, ...]) -> Position:
        _, _, x, y, z, _, _ = groups
        if x is None and y is None and z is None:
            return here
        return (
            here[0] if x is None else float(x) * (px if "." in x else bx),
            here[1] if y is None else float(y) * (py if "." in y else by),
            here[2] if z is None else float(z) * (pz if "." in z else bz),
        )

    return move


def _arc(state: State, words: str, start: Position, end: Position, modal: Modal) -> Arc:
    """Raises GcodeError or ValueError when anything about it is to be remarked: the thorough way takes it then."""
    state.modal = modal
    a, b = axes = plane_axes(state)
    first, second = PLANES[modal.plane]
    s, e = (start[a], start[b]), (end[a], end[b])
    unit, bare = state.unit, state.unit * state.bare()
    values = {k: float(t) * (unit if "." in t else bare) for k, t in _ARC_WORD.findall(words)}
    clockwise, tolerance = modal.motion == "G2", state.dialect.arc_tolerance_mm
    r = values.get("R")
    if r is not None:
        center = by_radius(s, e, r, clockwise=clockwise, tolerance=tolerance)
    elif _CENTERS[first] in values or _CENTERS[second] in values:
        center = (s[0] + values.get(_CENTERS[first], 0.0), s[1] + values.get(_CENTERS[second], 0.0))
    else:
        raise ValueError
    arc = through(s, e, center, clockwise=clockwise, axes=axes)
    if not abs(math.dist(e, center) - arc.radius) <= tolerance:
        raise ValueError
    return arc
