"""One block carried out on a `State`: settings, then one action, as the steps it causes.

Program flow (calls, returns, ends) and the contour cycles of a lathe are the reader's, which knows other blocks.
"""

from collections.abc import Callable, Iterator
from math import isfinite
from typing import Final

from cnc.domain.gcode import codes, drilling, motion, settings, turning
from cnc.domain.gcode.facts import Kind, Severity, Step
from cnc.domain.gcode.problems import GcodeError
from cnc.domain.gcode.state import PLANES, State
from cnc.domain.gcode.transforms import about, diagonal, rotation, tilted
from cnc.domain.gcode.words import Words

Action = Callable[[State, Words], Iterator[Step]]
#: M codes that the modal state or the flow already tells.
_TOLD: Final = frozenset({3, 4, 5, 7, 8, 9, 13, 14, 98, 99})
_FLOW: Final = frozenset({650, 660, 661, 670})


def execute(state: State, words: Words) -> Iterator[Step]:
    """The steps of one block, its codes translated; a block that moves nothing yields one of kind NONE."""
    before = state.steps
    state.words = " ".join(f"M{code}" for code in words.m if code not in _TOLD)
    settings.apply(state, words)
    actions = [_ACTIONS[code] for code in words.g if code in _ACTIONS]
    for code in words.g:
        if code not in codes.MODAL and code not in _ACTIONS and code not in _PASSIVE:
            seen = f"{codes.name(code)} in {state.where.text}"
            state.note("code.unknown", Severity.UNKNOWN, seen=seen, expected="a G code this reader knows")
            actions = [_lost]
    if actions:
        for action in dict.fromkeys(actions):
            yield from action(state, words)
    else:
        yield from _move(state, words)
    if state.steps == before:
        yield state.remark()


def _move(state: State, words: Words) -> Iterator[Step]:
    strange = motion.strange(state, words)
    if strange:
        state.note("axis.unknown", Severity.UNKNOWN, seen=strange, expected=f"words of the axes {state.axes}")
    cycle = state.modal.cycle
    if cycle == "G80":
        return motion.moves(state, words)
    if cycle in ("G77", "G78", "G79"):
        return turning.simple(state, words)
    return drilling.run(state, words)


def _dwell(state: State, words: Words) -> Iterator[Step]:
    """G4: X or U in seconds, P in milliseconds; without a point all of them are milliseconds."""
    for address in ("X", "U", "P"):
        if address in words.values:
            value = words.values[address]
            seconds = (
                value / 1000 if address in words.bare and not (state.dialect.calculator and address != "P") else value
            )
            if seconds < 0:
                raise GcodeError("dwell.negative", seen=f"{address}{value:g}", expected="a time of 0 or more")
            yield state.step(Kind.DWELL, state.at, dwell_s=seconds)
            return
    if words.g == [40]:
        state.note("dwell.empty", Severity.NOTE, seen=state.where.text, expected="P, X or U; taken as exact stop")


def _set_position(state: State, words: Words) -> Iterator[Step]:
    """G92 (G50 of lathe system A): the present position gets these coordinates."""
    named = motion.named(state, words)
    if not named:
        return
    if state.map is not None:
        state.note("position.mapped", Severity.UNKNOWN, seen=state.where.text, expected="no rotation or scale with G92")
    here, at, shift = state.local(), list(state.at), list(state.shift)
    wanted = motion.target(state, words) or here
    unknown = False
    for axis in named:
        number = state.index[axis]
        if at[number] != at[number]:
            unknown, at[number], shift[number] = True, wanted[number], 0.0
        else:
            shift[number] += here[number] - wanted[number]
    state.at, state.shift = tuple(at), tuple(shift)
    if unknown:
        state.modal = state.modal._replace(work="G92")
        state.note("position.unknown", Severity.UNKNOWN, seen=state.where.text, expected="a known position before it")
    yield from ()


def _reset_position(state: State, _: Words) -> Iterator[Step]:
    state.shift = (0.0,) * len(state.axes)
    yield from ()


def _local_system(state: State, words: Words) -> Iterator[Step]:
    """G52: a local zero within the work system."""
    shift = list(state.shift)
    for number, axis in enumerate(state.axes):
        if axis in words.values:
            shift[number] = state.axis(words, axis, axis)
    state.shift = tuple(shift)
    yield from ()


def _rotate(state: State, words: Words) -> Iterator[Step]:
    first, second = PLANES[state.modal.plane]
    point = list(state.xyz(state.local()))
    for axis in (first, second):
        if axis in words.values:
            point["XYZ".index(axis)] = state.length(words, axis)
    turn = rotation(state.angle(words, "R"), "XYZ".index(first), "XYZ".index(second))
    point["XYZ".index(next(a for a in "XYZ" if a not in (first, second)))] = 0.0
    state.remap("rotation", about((point[0], point[1], point[2]), turn))
    yield from ()


def _unrotate(state: State, _: Words) -> Iterator[Step]:
    state.remap("rotation", None)
    state.remap("tilt", None)
    yield from ()


def _tilt(state: State, words: Words) -> Iterator[Step]:
    if words.values.get("P"):
        state.note("tilt.form", Severity.UNKNOWN, seen=state.where.text, expected="G68.2 X Y Z I J K, by Euler angles")
    x, y, z = (state.length(words, axis) for axis in "XYZ")
    i, j, k = (state.angle(words, axis) for axis in "IJK")
    state.remap("tilt", tilted((x, y, z), (i, j, k)))
    yield from ()


def _scale(state: State, words: Words) -> Iterator[Step]:
    """G51 X Y Z P, or I J K per axis; without a point they count thousandths."""

    def factor(address: str, default: float) -> float:
        value = words.values.get(address)
        return default if value is None else value * (0.001 if address in words.bare else 1.0)

    here = state.xyz(state.local())
    x, y, z = (state.length(words, a) if a in words.values else here[n] for n, a in enumerate("XYZ"))
    whole = factor("P", 1.0)
    matrix = diagonal(factor("I", whole), factor("J", whole), factor("K", whole))
    state.remap("scale", about(tuple(0.0 if v != v else v for v in (x, y, z)), matrix))  # type: ignore[arg-type]
    yield from ()


def _unscale(state: State, _: Words) -> Iterator[Step]:
    if state.dialect.kind == "mill":
        state.remap("scale", None)
    yield from ()


def _mirror(state: State, words: Words) -> Iterator[Step]:
    signs = [-1.0 if axis in words.values else 1.0 for axis in "XYZ"]
    x, y, z = (state.length(words, axis) for axis in "XYZ")
    state.remap("mirror", about((x, y, z), diagonal(signs[0], signs[1], signs[2])))
    yield from ()


def _unmirror(state: State, _: Words) -> Iterator[Step]:
    state.remap("mirror", None)
    yield from ()


def _polar(state: State, words: Words) -> Iterator[Step]:
    """G16: the centre is the local zero, or the present position when the radius is given as an increment."""
    here = state.local()
    first, second = (state.index.get(axis) for axis in PLANES[state.modal.plane])
    if state.modal.absolute or first is None or second is None:
        state.polar_center = (0.0, 0.0)
    else:
        state.polar_center = (here[first], here[second])
    state.cycle["polar"] = 0.0
    state.modal = state.modal._replace(polar=True)
    yield from _move(state, words)


def _cartesian(state: State, words: Words) -> Iterator[Step]:
    state.modal = state.modal._replace(polar=False)
    yield from _move(state, words)


def _face(state: State, _: Words) -> Iterator[Step]:
    """G12.1: from now on C is the second axis of a plane, in millimetres, and stands at 0."""
    state.modal = state.modal._replace(interpolation="G12.1")
    state.at = tuple([0.0 if axis == "C" else value for axis, value in zip(state.axes, state.at, strict=True)])
    yield from ()


def _cylinder(state: State, words: Words) -> Iterator[Step]:
    """G7.1 C(radius); radius 0 ends it."""
    axis = next((a for a in state.axes if a in "CAB" and a in words.values), None)
    if axis is None:
        raise GcodeError("cylinder.axis", seen=state.where.text, expected="a rotary axis with the radius")
    radius = abs(state.length(words, axis))
    state.modal = state.modal._replace(interpolation="G7.1" if radius else "", cylinder=radius)
    yield from ()


def _flat(state: State, _: Words) -> Iterator[Step]:
    state.modal = state.modal._replace(interpolation="")
    state.forget("C")
    yield from ()


def _none(_: State, __: Words) -> Iterator[Step]:
    """The axis words of this code are no move (stroke limits, smoothing)."""
    yield from ()


def _lost(state: State, words: Words) -> Iterator[Step]:
    """After a code that is not known its axes may be anywhere."""
    state.forget("".join(motion.named(state, words)))
    yield from ()


def _turn_to_plane(state: State, _: Words) -> Iterator[Step]:
    """G53.1: the rotary axes go where the kinematics of the machine want them."""
    state.forget("ABC")
    yield from ()


def _data(state: State, words: Words) -> Iterator[Step]:
    """G10: offsets and parameters by program. Work zeros of L2 and L20 are followed, all is told."""
    kind, number = words.values.get("L", 0.0), words.values.get("P", 0.0)
    state.words = f"{state.words} G10 L{kind:g}".strip()
    if kind >= 50:
        state.data_entry = True
    if kind in (2, 20) or not isfinite(kind):
        name = ""  # P0 moves all systems; an L or P that only the control knows may move any of them
        if number and isfinite(kind) and isfinite(number):
            name = f"G{53 + int(number)}" if kind == 2 else f"G54.1 P{int(number)}"
        for axis in state.axes:
            if axis in words.values:
                _set_offset(state, name, axis, state.axis(words, axis, axis))
    yield from ()


def _set_offset(state: State, name: str, axis: str, value: float) -> None:
    state.machine = state.on_machine()
    known = value if state.modal.absolute else state.offset(name, axis) + value
    if not name:  # P0 moves all systems: the common shift
        state.forget(axis)
        return
    state.offsets[(name, axis)] = known
    if name == state.modal.work:
        number = state.index[axis]
        state.at = tuple([float("nan") if n == number else v for n, v in enumerate(state.at)])
        zero = known + state.tip(axis)
        state.at = tuple([state.machine[n] - zero if n == number else v for n, v in enumerate(state.at)])


def _reference(state: State, words: Words) -> Iterator[Step]:
    return motion.reference(state, words, 1)


def _second_reference(state: State, words: Words) -> Iterator[Step]:
    return motion.reference(state, words, words.whole("P") or 2)


def _from_reference(state: State, words: Words) -> Iterator[Step]:
    end = motion.target(state, words)
    if end is not None:
        yield state.go(Kind.RAPID, end)


def _pecks(code: int) -> Action:
    return lambda state, words: turning.peck(state, words, code)


_MILL: Final[dict[int, Action]] = {920: _set_position, 921: _reset_position}
_LATHE: Final[dict[int, Action]] = {740: _pecks(740), 750: _pecks(750), 760: turning.thread}


def _by_kind(code: int) -> Action:
    def chosen(state: State, words: Words) -> Iterator[Step]:
        if state.dialect.kind == "lathe":
            return _LATHE[code](state, words)
        return _move(state, words)

    return chosen


_ACTIONS: Final[dict[int, Action]] = {
    40: _dwell, 100: _data, 101: _data, 106: _data, 71: _cylinder, 1070: _cylinder, 121: _face, 1120: _face,
    131: _flat, 1130: _flat, 150: _cartesian, 160: _polar, 270: _from_reference, 280: _reference, 290: _from_reference,
    300: _second_reference, 310: motion.skip, 500: _unscale, 501: _unmirror, 510: _scale, 511: _mirror,
50: _none, 51: _none, 54: _none, 220: _none, 531: _turn_to_plane, 1870: _none,
    520: _local_system, 530: motion.machine, 600: _from_reference, 680: _rotate, 681: _rotate, 682: _tilt, 684: _tilt,
    690: _unrotate, 691: _unrotate, 740: _by_kind(740), 750: _by_kind(750), 760: _by_kind(760), **_MILL,
}  # fmt: skip
_PASSIVE: Final = (
    codes.SILENT | _FLOW | set(codes.MILL_CYCLES) | set(codes.LATHE_CYCLES) | set(codes.TURNING) | set(codes.MULTIPLE)
    | set(codes.WORK) | set(codes.LENGTH) | {541}
)  # fmt: skip
