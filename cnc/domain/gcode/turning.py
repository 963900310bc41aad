"""Simple lathe cycles: turning G77 (A: G90), facing G79 (A: G94), threading G78 (A: G92), peck G74, groove G75,
thread G76. The numbers are those of G code system B."""

import math
from collections.abc import Iterator

from cnc.domain.gcode import motion
from cnc.domain.gcode.facts import Kind, Step
from cnc.domain.gcode.motion import target
from cnc.domain.gcode.problems import GcodeError
from cnc.domain.gcode.state import State, changed
from cnc.domain.gcode.words import Words


def simple(state: State, words: Words) -> Iterator[Step]:
    """G77, G78, G79: out, along, away and back to where it began; X, Z and the taper R hold until changed."""
    end = target(state, words)
    if "R" in words.values:
        state.cycle["taper"] = state.length(words, "R")
    if end is None:
        return
    x, z = _xz(state)
    start = state.local()
    for axis, number in (("X", x), ("Z", z)):
        if axis in motion.named(state, words):
            state.cycle[axis] = end[number]
    end = changed(end, {x: state.cycle.get("X", start[x]), z: state.cycle.get("Z", start[z])})
    taper = state.cycle.get("taper", 0.0)
    along = Kind.THREAD if state.modal.cycle == "G78" else Kind.LINE
    first, second = (z, x) if state.modal.cycle == "G79" else (x, z)
    near = changed(start, {first: end[first] + taper})
    far = changed(near, {first: end[first], second: end[second]})
    yield state.go(Kind.RAPID, near)
    yield state.go(along, far)
    away = Kind.RAPID if state.modal.cycle == "G78" else Kind.LINE
    yield state.go(away, changed(far, {first: start[first]}))
    yield state.go(Kind.RAPID, start)


def peck(state: State, words: Words, code: int) -> Iterator[Step]:
    """G74 pecks along Z, G75 grooves along X: `R(e)` in its own block, then X Z P(step across) Q(step in) R(relief)."""
    if not set(words.values) & set("XZUWPQ"):
        state.prepared["peck"] = state.length(words, "R")
        return
    x, z = _xz(state)
    start = state.local()
    end = target(state, words) or start
    deep, across = (z, x) if code == 740 else (x, z)
    p, q = abs(_micro(state, words, "P")), abs(_micro(state, words, "Q"))
    step_in, step_across = (q, p) if code == 740 else (p, q)
    back = state.prepared.get("peck", state.dialect.retract_mm)
    for place in _levels(start[across], end[across], step_across, state):
        column = changed(start, {across: place})
        if column != state.local():
            yield state.go(Kind.RAPID, column)
        level = start[deep]
        for depth in _levels(start[deep], end[deep], step_in, state)[1:]:
            yield state.go(Kind.LINE, changed(column, {deep: depth}))
            if depth != end[deep]:
                yield state.go(Kind.RAPID, changed(column, {deep: depth + math.copysign(back, level - depth)}))
        yield state.go(Kind.RAPID, column)
    if state.local() != start:
        yield state.go(Kind.RAPID, start)


def thread(state: State, words: Words) -> Iterator[Step]:
    """G76 in two blocks: P(mm rr aa) Q(least cut) R(allowance); X Z R(taper) P(height) Q(first cut) F(lead)."""
    if not set(words.values) & set("XZUW"):
        state.prepared["finishing"] = (words.whole("P") or 0) // 10_000
        state.prepared["chamfer"] = (words.whole("P") or 0) // 100 % 100 / 10
        state.prepared["least"] = abs(_micro(state, words, "Q"))
        state.prepared["allowance"] = abs(state.length(words, "R"))
        return
    x, z = _xz(state)
    start = state.local()
    end = target(state, words) or start
    taper, height, first = state.length(words, "R"), abs(_micro(state, words, "P")), abs(_micro(state, words, "Q"))
    if not height > 0 or not first > 0:
        raise GcodeError("thread.depth", seen=state.where.text, expected="P (thread height) and Q (first cut) above 0")
    outward = math.copysign(1.0, start[x] - end[x])
    for depth in _thread_depths(state, height, first):
        bottom = end[x] + outward * (height - depth)
        yield state.go(Kind.RAPID, changed(start, {x: bottom + taper}))
        yield state.go(Kind.THREAD, changed(start, {x: bottom, z: end[z]}))
        yield state.go(Kind.RAPID, changed(start, {z: end[z]}))
        yield state.go(Kind.RAPID, start)


def _thread_depths(state: State, height: float, first: float) -> list[float]:
    """Depths of the passes: first · sqrt(n), each cut at least the least one, then finishing passes."""
    prepared = state.prepared
    least, allowance = prepared.get("least", 0.0), min(prepared.get("allowance", 0.0), height)
    rough = height - allowance
    depths: list[float] = []
    last = 0.0
    while last < rough - 1e-9:
        if len(depths) >= 2_000:
            raise GcodeError(
                "thread.passes", seen=f"first cut {first:g} of {height:g} mm", expected="at most 2,000 cuts"
            )
        last = min(rough, max(first * math.sqrt(len(depths) + 1), last + least))
        depths.append(last)
    return depths + [height] * max(1 if allowance else 0, int(prepared.get("finishing", 0)))


def _levels(start: float, end: float, step: float, state: State) -> list[float]:
    """From start to end in steps, the last one shorter."""
    distance = abs(end - start)
    if not distance > 0:
        return [start]
    if not step > 0:
        return [start, end]
    count = math.ceil(distance / step - 1e-9)
    if count > state.bounds.steps_per_block:
        raise GcodeError("cycle.peck", seen=f"{count} steps of {step:g} mm", expected="fewer, larger steps")
    return [start + math.copysign(step * n, end - start) for n in range(count)] + [end]


def _micro(state: State, words: Words, address: str) -> float:
    """P and Q of the lathe cycles count least increments and take no decimal point; with one they are lengths."""
    value = words.values.get(address, 0.0)
    small = state.dialect.increment_inch if state.modal.units == "G20" else state.dialect.increment_mm
    return value * state.unit * (small if address in words.bare else 1.0)


def _xz(state: State) -> tuple[int, int]:
    if "X" not in state.index or "Z" not in state.index:
        raise GcodeError("cycle.axes", seen=f"axes {state.axes}", expected="X and Z for a turning cycle")
    return state.index["X"], state.index["Z"]
