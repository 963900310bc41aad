"""Moves: targets from the words of a block, reference returns, machine coordinates, probing."""

import math
from collections.abc import Iterator
from typing import Final

from cnc.domain.gcode import arcs
from cnc.domain.gcode.facts import Kind, Position, Severity, Step
from cnc.domain.gcode.problems import GcodeError
from cnc.domain.gcode.state import INCREMENTS, PLANES, State
from cnc.domain.gcode.words import Words

_KINDS: Final = {"G0": Kind.RAPID, "G1": Kind.LINE, "G33": Kind.THREAD, "G34": Kind.THREAD}
_CENTERS: Final = ("I", "J", "K")


def moves(state: State, words: Words) -> Iterator[Step]:
    """The move of a block in motion group 01 without a cycle; nothing when it names no axis."""
    motion = state.modal.motion
    end = target(state, words)
    if end is None:
        if motion in ("G2", "G3") and any(address in words.values for address in _CENTERS):
            end = state.local()
        else:
            return
    if not motion:
        state.note("motion.power_on", Severity.UNKNOWN, seen=state.where.text, expected="G0, G1, G2 or G3 before it")
        motion = "G0"
    if motion in ("G2", "G3"):
        yield from arcs.run(state, words, end)
        return
    if motion not in _KINDS:
        state.note("motion.curve", Severity.UNKNOWN, seen=motion, expected="a line or an arc: drawn as its chord")
    for address in (",C", ",R", ",A"):
        if address in words.values:
            state.note("corner.ignored", Severity.NOTE, seen=address, expected="drawn as a sharp corner")
    yield state.go(_KINDS.get(motion, Kind.LINE), end)


def target(state: State, words: Words) -> Position | None:
    """Where the words lead, in programmed coordinates; None when they name no axis."""
    values = words.values
    lathe_a = state.dialect.kind == "lathe" and state.dialect.system == "A"
    local: list[float] | None = None
    for number, axis in enumerate(state.axes):
        if axis in values:
            local = list(state.local()) if local is None else local
            value = state.axis(words, axis, axis)
            local[number] = value if state.modal.absolute else local[number] + value
        if lathe_a and (address := INCREMENTS.get(axis)) and address in values:
            local = list(state.local()) if local is None else local
            local[number] += state.axis(words, axis, address)
    if local is None:
        return None
    if state.modal.polar:
        _unpolar(state, words, local)
    return tuple(local)


def _unpolar(state: State, words: Words, local: list[float]) -> None:
    """G16: the first axis of the plane is a radius, the second an angle about `polar_center`."""
    first, second = PLANES[state.modal.plane]
    if first not in state.index or second not in state.index:
        return
    a, b = state.index[first], state.index[second]
    here = state.local()
    center = state.polar_center
    if state.modal.absolute:
        radius = math.hypot(here[a] - center[0], here[b] - center[1])
        angle = math.degrees(math.atan2(here[b] - center[1], here[a] - center[0]))
    else:
        radius, angle = 0.0, state.cycle.get("polar", 0.0)
    if first in words.values:
        radius = state.length(words, first)
    if second in words.values:
        angle = state.angle(words, second) + (0.0 if state.modal.absolute else angle)
    state.cycle["polar"] = angle
    local[a] = center[0] + radius * math.cos(math.radians(angle))
    local[b] = center[1] + radius * math.sin(math.radians(angle))


def named(state: State, words: Words) -> list[str]:
    """Axes that the block names, by themselves or by their increments."""
    lathe_a = state.dialect.kind == "lathe" and state.dialect.system == "A"
    return [a for a in state.axes if a in words.values or (lathe_a and INCREMENTS.get(a) in words.values)]


def strange(state: State, words: Words) -> str:
    """Addresses of axes that this machine is not known to have."""
    known = {*state.axes, *(INCREMENTS.values() if state.dialect.kind == "lathe" else ())}
    return " ".join(axis for axis in "XYZABCUVW" if axis in words.values and axis not in known)


def reference(state: State, words: Words, number: int) -> Iterator[Step]:
    """G28, G30: by the intermediate point to a reference position, at rapid."""
    axes = named(state, words)
    if not axes:
        raise GcodeError("reference.axes", seen=state.where.text, expected="the axes to return, such as G91 G28 Z0")
    via = target(state, words)
    here = state.local()
    if via is not None and any(a == a and a != b for a, b in zip(via, here, strict=True)):
        yield state.go(Kind.RAPID, via)
    home = {axis: state.control.reference(number, axis) for axis in axes}
    yield _machine_move(state, home)


def machine(state: State, words: Words) -> Iterator[Step]:
    """G53: one rapid move in machine coordinates, absolute."""
    if not state.modal.absolute:
        state.note("machine.incremental", Severity.ERROR, seen=state.where.text, expected="G90 with G53")
    goal = {axis: state.axis(words, axis, axis) for axis in state.axes if axis in words.values}
    if goal:
        yield _machine_move(state, goal)


def _machine_move(state: State, goal: dict[str, float]) -> Step:
    """Axes of `goal` to machine coordinates, the others stand."""
    start = state.at
    there = list(state.on_machine())
    for axis, value in goal.items():
        there[state.index[axis]] = value
    state.machine = tuple(there)
    state.from_machine()
    chosen = {state.index[axis] for axis in goal}
    end = tuple([state.at[n] if n in chosen else start[n] for n in range(len(start))])
    state.at = start
    return state.step(Kind.RAPID, end, machine=state.machine)


def skip(state: State, words: Words) -> Iterator[Step]:
    """G31: a line that a probe ends; where it ended only the control knows."""
    end = target(state, words)
    if end is not None:
        state.note("probe.end", Severity.UNKNOWN, seen=state.where.text, expected="the end of a probing move")
        yield state.go(Kind.PROBE, end)
