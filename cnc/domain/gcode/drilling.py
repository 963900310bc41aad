"""Canned cycles: G73, G74, G76, G81 to G89 of a mill, G83 to G89 of a lathe, as the moves they stand for."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from cnc.domain.gcode.facts import Kind, Position, Severity, Step
from cnc.domain.gcode.motion import target
from cnc.domain.gcode.problems import GcodeError
from cnc.domain.gcode.state import PLANES, State, changed
from cnc.domain.gcode.words import Words

_AXIS_OF_PLANE: Final = {"G17": "Z", "G18": "Y", "G19": "X"}
Cycle = Callable[["State", "Hole"], Iterator[Step]]


class Hole(NamedTuple):
    """One hole along axis number `axis`, programmed coordinates."""

    axis: int
    point: Position
    initial: float
    r: float
    bottom: float
    q: float
    dwell_s: float


def run(state: State, words: Words) -> Iterator[Step]:
    """The holes of one block under a cycle; nothing when it names neither an axis nor R."""
    axis = _axis(state)
    before = state.local()
    end = target(state, words)
    if end is None and "R" not in words.values and axis not in words.values:
        _store(state, words, axis, before[state.index[axis]])
        return
    if "initial" not in state.cycle:
        state.cycle["initial"] = before[state.index[axis]]
    _store(state, words, axis, state.cycle["initial"])
    repeats = words.whole("K") if "K" in words.values else words.whole("L")
    repeats = 1 if repeats is None else repeats
    if not 0 <= repeats <= 9999:
        raise GcodeError("cycle.repeat", seen=f"K{repeats}", expected="0 to 9999")
    if "depth" not in state.cycle:
        raise GcodeError("cycle.depth", seen=state.where.text, expected=f"the depth {axis} of the cycle")
    here = before
    for _ in range(repeats):
        wanted = here if end is None else _next(state, here, before, end)
        yield from _hole(state, axis, wanted)
        here = state.local()


def _axis(state: State) -> str:
    if state.dialect.kind == "lathe":
        axis = "X" if state.modal.cycle in ("G87", "G88", "G89") else "Z"
    else:
        axis = _AXIS_OF_PLANE[state.modal.plane]
    if axis not in state.index:
        raise GcodeError("cycle.plane", seen=f"{state.modal.plane} with axes {state.axes}", expected=f"an axis {axis}")
    return axis


def _store(state: State, words: Words, axis: str, initial: float) -> None:
    """Keep R, depth, Q and P for the next holes; they hold until G80."""
    cycle = state.cycle
    incremental = not state.modal.absolute
    lathe_a = state.dialect.kind == "lathe" and state.dialect.system == "A"
    if "R" in words.values:
        r = state.length(words, "R")
        cycle["r"] = initial + r if incremental or lathe_a else r
    if axis in words.values:
        depth = state.axis(words, axis, axis)
        cycle["depth"] = cycle.get("r", initial) + depth if incremental else depth
    increment = "W" if axis == "Z" else "U"
    if lathe_a and increment in words.values:
        cycle["depth"] = cycle.get("r", initial) + state.axis(words, axis, increment)
    if "Q" in words.values:
        cycle["q"] = abs(state.length(words, "Q"))
    if "P" in words.values:
        cycle["dwell_s"] = max(0.0, words.values["P"] / (1.0 if "P" not in words.bare else 1000.0))


def _next(state: State, here: Position, before: Position, end: Position) -> Position:
    """The place of the next hole: repeated increments walk on, absolute places stay."""
    if state.modal.absolute or state.modal.polar:
        return end
    return tuple([h + (e - b) for h, b, e in zip(here, before, end, strict=True)])


def _hole(state: State, axis: str, wanted: Position) -> Iterator[Step]:
    number = state.index[axis]
    cycle = state.cycle
    initial = cycle["initial"]
    point = tuple([value if n != number else state.local()[number] for n, value in enumerate(wanted)])
    hole = Hole(
        number, point, initial, cycle.get("r", initial), cycle["depth"], cycle.get("q", 0.0), cycle.get("dwell_s", 0.0)
    )
    if point != state.local() or any(v != v for v in point):
        yield state.go(Kind.RAPID, point)
    yield from _CYCLES[state.modal.cycle](state, hole)


def _at(hole: Hole, height: float) -> Position:
    return changed(hole.point, {hole.axis: height})


def _enter(state: State, hole: Hole) -> Iterator[Step]:
    yield state.go(Kind.RAPID, _at(hole, hole.r))


def _leave(state: State, hole: Hole, kind: Kind) -> Iterator[Step]:
    """Back to R, by feed where the cycle says so, and on to the initial level under G98."""
    high = hole.initial if state.modal.level == "G98" or state.dialect.kind == "lathe" else hole.r
    if kind != Kind.RAPID:
        yield state.go(kind, _at(hole, hole.r))
        if high != hole.r:
            yield state.go(Kind.RAPID, _at(hole, high))
        return
    yield state.go(Kind.RAPID, _at(hole, high))


def _dwell(state: State, hole: Hole) -> Iterator[Step]:
    if hole.dwell_s:
        yield state.step(Kind.DWELL, state.at, dwell_s=hole.dwell_s)


def _down(state: State, hole: Hole, kind: Kind, back: Kind) -> Iterator[Step]:
    """To R at rapid, down, dwell, and up again."""
    yield from _enter(state, hole)
    yield state.go(kind, _at(hole, hole.bottom))
    yield from _dwell(state, hole)
    yield from _leave(state, hole, back)


def _drill(state: State, hole: Hole) -> Iterator[Step]:
    """G81, G82, G86: down by feed, dwell, up at rapid."""
    return _down(state, hole, Kind.LINE, Kind.RAPID)


def _bore(state: State, hole: Hole) -> Iterator[Step]:
    """G85, G89: down and up by feed."""
    return _down(state, hole, Kind.LINE, Kind.LINE)


def _tap(state: State, hole: Hole) -> Iterator[Step]:
    """G74, G84: feed bound to the spindle down and up again."""
    return _down(state, hole, Kind.THREAD, Kind.THREAD)


def _peck(state: State, hole: Hole) -> Iterator[Step]:
    """G83 (back to R) and G73 (a little back): pecks of Q."""
    if not hole.q > 0:
        if state.dialect.kind == "mill":
            state.note("cycle.peck", Severity.ERROR, seen=state.where.text, expected=f"Q > 0 for {state.modal.cycle}")
        yield from _drill(state, hole)
        return
    yield from _enter(state, hole)
    down = -1.0 if hole.bottom < hole.r else 1.0
    clear = state.dialect.peck_return_mm
    pecks = abs(hole.r - hole.bottom) / hole.q
    if not pecks <= state.bounds.steps_per_block:
        raise GcodeError("cycle.peck", seen=f"{pecks:.0f} pecks of Q{hole.q:g}", expected="fewer, larger pecks")
    level, full = hole.r, state.modal.cycle == "G83" and state.dialect.kind == "mill"
    while level != hole.bottom:
        deeper = level + down * hole.q
        deeper = hole.bottom if (deeper - hole.bottom) * down >= -1e-9 else deeper
        yield state.go(Kind.LINE, _at(hole, deeper))
        level = deeper
        if level != hole.bottom:
            back = hole.r if full else level - down * clear
            yield state.go(Kind.RAPID, _at(hole, back))
            if full:
                yield state.go(Kind.RAPID, _at(hole, level - down * min(clear, hole.q)))
    yield from _dwell(state, hole)
    yield from _leave(state, hole, Kind.RAPID)


def _fine_bore(state: State, hole: Hole) -> Iterator[Step]:
    """G76: down by feed, spindle turned to its mark, shift by Q along the first axis of the plane, up, shift back."""
    yield from _enter(state, hole)
    yield state.go(Kind.LINE, _at(hole, hole.bottom))
    yield from _dwell(state, hole)
    yield state.go(Kind.RAPID, _shifted(state, hole, hole.bottom))
    high = hole.initial if state.modal.level == "G98" else hole.r
    yield state.go(Kind.RAPID, _shifted(state, hole, high))
    yield state.go(Kind.RAPID, _at(hole, high))


def _back_bore(state: State, hole: Hole) -> Iterator[Step]:
    """G87: shifted down to R, back over the hole, by feed up to Z, shifted out to the initial level."""
    yield state.go(Kind.RAPID, _shifted(state, hole, hole.initial))
    yield state.go(Kind.RAPID, _shifted(state, hole, hole.r))
    yield state.go(Kind.LINE, _at(hole, hole.r))
    yield state.go(Kind.LINE, _at(hole, hole.bottom))
    yield from _dwell(state, hole)
    yield state.go(Kind.RAPID, _shifted(state, hole, hole.bottom))
    yield state.go(Kind.RAPID, _shifted(state, hole, hole.initial))
    yield state.go(Kind.RAPID, _at(hole, hole.initial))


def _shifted(state: State, hole: Hole, height: float) -> Position:
    """Beside the hole by Q; in which direction is parameter 5148, drawn along the first axis of the plane."""
    across = state.index.get(PLANES[state.modal.plane][0])
    return tuple([v + hole.q if n == across and n != hole.axis else v for n, v in enumerate(_at(hole, height))])


def _lathe_or(mill: Cycle, lathe: Cycle) -> Cycle:
    def chosen(state: State, hole: Hole) -> Iterator[Step]:
        return (lathe if state.dialect.kind == "lathe" else mill)(state, hole)

    return chosen


_CYCLES: Final[dict[str, Cycle]] = {
    "G73": _peck, "G74": _tap, "G76": _fine_bore, "G81": _drill, "G82": _drill, "G83": _peck, "G84": _tap,
    "G84.2": _tap, "G84.3": _tap, "G85": _bore, "G86": _drill, "G87": _lathe_or(_back_bore, _peck),
    "G88": _lathe_or(_drill, _tap), "G89": _bore,
}  # fmt: skip
