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

_NUMBER: Final = r"[-+]?(?:\d{1,9}\.?\d{0,9}|\.\d{1,9})"
_ARC_WORD: Final = re.compile(rf"([IJKR])({_NUMBER})")
_MOTIONS: Final = {"0": "G0", "00": "G0", "1": "G1", "01": "G1", "2": "G2", "02": "G2", "3": "G3", "03": "G3"}
_KINDS: Final = {"G0": Kind.RAPID, "G1": Kind.LINE}
_CENTERS: Final = {"X": "I", "Y": "J", "Z": "K"}
_REMEMBERED: Final = 256


def pattern(dialect: Dialect) -> Match:
    """Groups: N, G, one for each axis, the arc words as one text, F."""
    axes = "".join(rf"(?:{axis}({_NUMBER}) ?)?" for axis in dialect.axes)
    arc = rf"((?:[IJKR]{_NUMBER} ?)+)?"
    return re.compile(rf"(?:N(\d{{1,9}}) ?)?(?:G(0?[0-3]) ?)?{axes}{arc}(?:F(\d{{1,9}}\.?\d{{0,9}}) ?)?\r?\Z").match


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
    scale, (feed_point, feed_bare) = _factors(state), feed_factors(state)
    modals: dict[tuple[str, float], Modal] = {(modal.motion, modal.feed): modal}
    last = 2 + len(here)
    new, nothing = tuple.__new__, (None,) * len(here)
    for text in lines:
        found = match(text)
        if found is None:
            break
        groups = found.groups()
        sequence, code, feed_text = groups[0], groups[1], groups[-1]
        if code is not None or feed_text is not None:
            motion = modal.motion if code is None else _MOTIONS[code]
            feed = (
                modal.feed if feed_text is None else float(feed_text) * (feed_point if "." in feed_text else feed_bare)
            )
            changed = modals.get((motion, feed))
            if changed is None:
                changed = _remember(modals, modal, motion, feed)
        else:
            changed = modal
        axes = groups[2:last]
        arc, kind = None, _KINDS.get(changed.motion, Kind.ARC)
        if axes == nothing and groups[last] is None:
            kind, end = Kind.NONE, here
        else:
            end = tuple(
                [a if t is None else float(t) * (p if "." in t else b) for a, t, (p, b) in zip(here, axes, scale)]  # noqa: B905
            )
            if kind is Kind.ARC or groups[last] is not None:
                arc = _arc(state, groups[last] or "", here, end, changed) if kind is Kind.ARC else None
                if arc is None and kind is Kind.ARC:
                    break
        modal = changed
        yield new(Step, (line, offset, None if sequence is None else int(sequence), 0, depth, program,
                         kind, here, end, modal, arc, 0.0, None, text, "", ()))  # fmt: skip
        here = end
        offset += len(text) + 1
        line += 1
    else:
        state.modal, state.at = modal, here
        return None
    state.modal, state.at = modal, here
    return text, Place(offset, line)


def _remember(modals: dict[tuple[str, float], Modal], modal: Modal, motion: str, feed: float) -> Modal:
    if len(modals) >= _REMEMBERED:
        modals.clear()
    made = modals[(motion, feed)] = modal._replace(motion=motion, feed=feed)
    return made


def _factors(state: State) -> tuple[tuple[float, float], ...]:
    """For each axis what a number with, and one without decimal point is multiplied by."""
    made = []
    for axis in state.axes:
        unit = 1.0 if axis in ROTARY else state.unit
        if axis == "X" and state.dialect.kind == "lathe" and state.dialect.diameter:
            unit *= 0.5
        made.append((unit, unit * state.bare(angle=axis in ROTARY)))
    return tuple(made)


def _arc(state: State, words: str, start: Position, end: Position, modal: Modal) -> Arc | None:
    """The arc, None when anything about it is to be remarked: the thorough way takes it then."""
    state.modal = modal
    try:
        axes = plane_axes(state)
    except GcodeError:
        return None
    first, second = PLANES[modal.plane]
    a, b = axes
    s, e = (start[a], start[b]), (end[a], end[b])
    unit, bare = state.unit, state.unit * state.bare()
    values = {k: float(t) * (unit if "." in t else bare) for k, t in _ARC_WORD.findall(words)}
    clockwise, tolerance = modal.motion == "G2", state.dialect.arc_tolerance_mm
    i, j, r = values.get(_CENTERS[first]), values.get(_CENTERS[second]), values.get("R")
    if r is not None:
        try:
            center = by_radius(s, e, r, clockwise=clockwise, tolerance=tolerance)
        except GcodeError:
            return None
    elif i is None and j is None:
        return None
    else:
        center = (s[0] + (i or 0.0), s[1] + (j or 0.0))
    arc = through(s, e, center, clockwise=clockwise, axes=axes)
    return arc if abs(math.dist(e, center) - arc.radius) <= tolerance else None
