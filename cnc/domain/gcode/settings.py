"""What a block sets before it moves: modal G codes, feed, spindle, tool, offsets, coolant."""

from typing import Any, Final

from cnc.domain.gcode import codes
from cnc.domain.gcode.facts import Severity
from cnc.domain.gcode.problems import GcodeError
from cnc.domain.gcode.state import State
from cnc.domain.gcode.words import Words

_SPINDLE: Final = {3: "M3", 4: "M4", 5: "M5", 19: "M19", 13: "M3", 14: "M4"}
_FEET_TO_METRES: Final = 0.3048
#: F without a point in mm/rev: a lathe counts 0.0001 mm, a mill 0.01 mm; inch 0.000001 and 0.0001.
_BARE_FEED: Final = {("lathe", "G21"): 1e-4, ("mill", "G21"): 1e-2, ("lathe", "G20"): 1e-6, ("mill", "G20"): 1e-4}


def translate(state: State, words: Words) -> None:
    """Bring the G codes of a lathe to system B."""
    dialect = state.dialect
    if dialect.kind == "mill":
        words.g = [330 if code == 320 else code for code in words.g]
        return
    table = {"A": codes.LATHE_A, "B": {320: 330}, "C": codes.LATHE_C}[dialect.system]
    if dialect.system == "A" and 910 in words.g:
        words.g = [code for code in words.g if code != 910]
        state.note("code.unknown", Severity.UNKNOWN, seen="G91", expected="U, V, W, H: system A has no G91")
    words.g = [table.get(code, code) for code in words.g]


def apply(state: State, words: Words) -> None:
    """Everything modal of one block. Raises GcodeError for a value that cannot be."""
    if words.g:
        _modal(state, words)
    changes: dict[str, Any] = {}
    if "F" in words.values:
        changes["feed"] = _feed(state, words)
    if "S" in words.values:
        _spindle_speed(state, words, changes)
    for code in words.m:
        _machine_code(code, changes)
    if "D" in words.values:
        changes["d"] = words.whole("D")
    if changes:
        state.modal = state.modal._replace(**changes)
    if "T" in words.values or 6 in words.m:
        _tool(state, words)
    _length(state, words)


def _modal(state: State, words: Words) -> None:
    changes: dict[str, Any] = {}
    groups: dict[str, int] = {}
    cycles = codes.MILL_CYCLES if state.dialect.kind == "mill" else codes.LATHE_CYCLES + codes.TURNING
    for code in words.g:
        if code in codes.MODAL:
            group, field, value = codes.MODAL[code]
            changes[field] = value
            if group == "motion":
                changes["cycle"] = "G80"
        elif code in cycles:
            group = "motion"
            changes["cycle"] = codes.name(code)
        elif code == 800:
            group = "cycle"
            changes["cycle"] = "G80"
        else:
            continue
        if group in groups and groups[group] != code:
            seen = f"{codes.name(groups[group])} and {codes.name(code)}"
            state.note("code.two_of_group", Severity.WARNING, seen=seen, expected="one code of a group in a block")
        groups[group] = code
    if "cycle" in changes and (changes["cycle"] == "G80" or changes["cycle"] in ("G77", "G78", "G79")):
        state.cycle.clear()
    if changes:
        state.modal = state.modal._replace(**changes)
    for code in words.g:
        if code in codes.WORK:
            _select_work(state, codes.WORK[code])
        elif code == 541:
            number = words.whole("P")
            if number is None or not 1 <= number <= 300:
                raise GcodeError("work.number", seen=state.where.text, expected="G54.1 P1 to P300")
            _select_work(state, f"G54.1 P{number}")


def _select_work(state: State, name: str) -> None:
    if name != state.modal.work:
        state.recoordinate(work=name)


def feed_factors(state: State) -> tuple[float, float]:
    """What an F with, and one without decimal point is multiplied by."""
    mode, unit = state.modal.feed_mode, state.unit
    if mode == "G93":
        return 1.0, 1.0
    if mode == "G95" and not state.dialect.calculator:
        return unit, unit * _BARE_FEED[(state.dialect.kind, state.modal.units)]
    return unit, unit


def _feed(state: State, words: Words) -> float:
    """mm/min, mm per revolution, or 1/min in G93."""
    value = words.values["F"]
    if value < 0:
        raise GcodeError("feed.negative", seen=f"F{value:g}", expected="a feed above 0")
    point, bare = feed_factors(state)
    return value * (bare if "F" in words.bare else point)


def _spindle_speed(state: State, words: Words, changes: dict[str, Any]) -> None:
    speed = words.values["S"]
    if speed < 0:
        raise GcodeError("spindle.negative", seen=f"S{speed:g}", expected="a speed of 0 or more")
    if state.dialect.kind == "lathe" and 920 in words.g:
        changes["speed_limit"] = speed
    elif state.modal.constant_surface:
        changes["speed"] = speed * (_FEET_TO_METRES if state.modal.units == "G20" else 1.0)
    else:
        changes["speed"] = speed


def _machine_code(code: int, changes: dict[str, Any]) -> None:
    if spindle := _SPINDLE.get(code):
        changes["spindle"] = spindle
    if code in (8, 13, 14):
        changes["coolant"] = "mist+flood" if changes.get("coolant") == "mist" else "flood"
    elif code == 7:
        changes["coolant"] = "mist+flood" if changes.get("coolant") == "flood" else "mist"
    elif code == 9:
        changes["coolant"] = "off"
    elif code in (2, 30):
        changes |= {"spindle": "M5", "coolant": "off"}


def _tool(state: State, words: Words) -> None:
    """A lathe's T0203 takes tool 2 with offset 3 at once; a mill's T prepares and M6 takes."""
    number = words.whole("T")
    if number is not None and not 0 <= number <= 99_999_999:
        raise GcodeError("tool.number", seen=f"T{number}", expected="0 to 99999999")
    if state.dialect.kind == "lathe":
        if number is not None:
            tool, offset = divmod(number, 100 if number > 99 else 10)
            if tool and tool != state.modal.tool:
                state.words = f"{state.words} T{tool}".strip()
            state.recoordinate(tool=tool or state.modal.tool, h=offset or None)
        return
    if number is not None:
        state.modal = state.modal._replace(next_tool=number)
    if 6 in words.m:
        if state.modal.next_tool is None:
            state.note("tool.missing", Severity.UNKNOWN, seen=state.where.text, expected="a T word before M6")
        state.forget("Z")
        state.modal = state.modal._replace(tool=state.modal.next_tool, next_tool=None)


def _length(state: State, words: Words) -> None:
    """G43, G44, G43.4, G49 and H; the height of the tip above the work is unknown where lengths are."""
    if state.dialect.kind == "lathe":
        return
    wanted = next((codes.LENGTH[code] for code in reversed(words.g) if code in codes.LENGTH), state.modal.length)
    h = words.whole("H") if "H" in words.values and (wanted != "G49") else state.modal.h
    if (wanted, h) != (state.modal.length, state.modal.h):
        state.recoordinate(length=wanted, h=None if wanted == "G49" else h)
