"""How a device stands: the newest value of every data item and every active condition, as rows, facts and alarms."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from cnc.domain.telemetry.facts import GOOD, Quality
from greengrass_components.edge_kit.driver import Reading
from greengrass_components.edge_kit.mtconnect.vocabulary import RENAMED_WORDS, UNAVAILABLE
from greengrass_components.mtconnect.items import Column
from greengrass_components.mtconnect.protocol import DeviceModel, Item, Seen

_STATE: Final = {
    "execution": "EXECUTION",
    "controller_mode": "CONTROLLER_MODE",
    "functional_mode": "FUNCTIONAL_MODE",
    "emergency_stop": "EMERGENCY_STOP",
}
_AXES: Final = ("Linear", "Rotary", "Spindle")
_OVERRIDES: Final = {
    "feed": (("PATH_FEEDRATE_OVERRIDE", "PROGRAMMED"), ("PATH_FEEDRATE_OVERRIDE", ""), ("PATH_FEEDRATE", "OVERRIDE")),
    "rapid": (("PATH_FEEDRATE_OVERRIDE", "RAPID"),),
    "spindle": (("ROTARY_VELOCITY_OVERRIDE", "PROGRAMMED"), ("ROTARY_VELOCITY_OVERRIDE", ""),
                ("SPINDLE_SPEED", "OVERRIDE"), ("ROTARY_VELOCITY", "OVERRIDE")),
}  # fmt: skip


@dataclass(slots=True)
class DeviceState:
    """Of one device. `take` observations in the order of their sequences."""

    device: DeviceModel
    columns: list[Column]
    _values: dict[str, str] = field(default_factory=dict)
    _active: dict[str, dict[str, Seen]] = field(default_factory=dict)
    _brief: dict[tuple[str, str], Seen] = field(default_factory=dict)
    _items: dict[str, Item] = field(default_factory=dict)
    _by_type: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for item in self.device.items:
            self._items[item.id] = item
            self._by_type.setdefault((item.type, item.sub_type), item.id)
            self._by_type.setdefault((item.type, "*"), item.id)
        self.reset()

    def reset(self) -> None:
        """Nothing is known but what never changes."""
        self._values = {item.id: item.constant for item in self.device.items if item.constant}
        self._active.clear()

    def take(self, seen: Seen) -> None:
        if seen.item not in self._items:
            return
        if not seen.level:
            self._values[seen.item] = seen.value
            return
        active = self._active.setdefault(seen.item, {})
        if seen.level in ("NORMAL", "UNAVAILABLE"):
            if seen.key:
                active.pop(seen.key, None)
            else:
                active.clear()
        else:
            active[seen.key] = seen
            self._brief[seen.item, seen.key] = seen

    def reading(self) -> Reading:
        """One row. An alarm that came and went since the last one is active in it."""
        sound = True
        values: list[int | None] = []
        available = self.available
        for column in self.columns:
            value, fits = column.scaled(self._values.get(column.item.id, "")) if available else (None, True)
            values.append(value)
            sound = sound and fits
        quality = GOOD if sound else int(Quality.UNCERTAIN)
        if all(value is None for value in values):
            quality = int(Quality.UNAVAILABLE)
        return Reading(values, quality, self._facts(available), self._alarms())

    @property
    def available(self) -> bool:
        """What the device says of itself; a device that says nothing is."""
        item = self._by_type.get(("AVAILABILITY", "*"), "")
        return self._values.get(item, "AVAILABLE") == "AVAILABLE"

    def _value(self, kind: str, sub_type: str) -> str | None:
        """None when the device has no such item."""
        item = self._by_type.get((kind, sub_type))
        return None if item is None else self._values.get(item, UNAVAILABLE)

    def _facts(self, available: bool) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        if ("EXECUTION", "*") in self._by_type:
            found["state"] = self._state(available)
        program = self._value("PROGRAM", "*")
        if program not in (None, "", UNAVAILABLE):
            found["program"] = {"name": str(program)[:200], "number": _program_number(str(program))}
        count = _number(self._value("PART_COUNT", "ALL") or self._value("PART_COUNT", ""))
        if count is not None:
            found["part"] = {"count": round(count)}
        tool = _number(self._value("TOOL_NUMBER", "*") or self._value("TOOL_ID", "*"))
        if tool is not None:
            found["tool"] = {"number": round(tool)}
        override = {name: self._first(kinds) for name, kinds in _OVERRIDES.items()}
        if any(value is not None for value in override.values()):
            found["override"] = override
        return found

    def _state(self, available: bool) -> dict[str, Any]:
        state: dict[str, Any] = {"availability": "AVAILABLE" if available else UNAVAILABLE}
        for name, kind in _STATE.items():
            word = self._value(kind, "*") if available else None
            state[name] = RENAMED_WORDS.get((kind, word or ""), word) or UNAVAILABLE
        faults = (seen.level == "FAULT" for active in self._active.values() for seen in active.values())
        state["fault"] = any(faults)
        return state

    def _first(self, kinds: tuple[tuple[str, str], ...]) -> float | None:
        numbers = (_number(self._value(*kind)) for kind in kinds)
        return next((number for number in numbers if number is not None), None)

    def _alarms(self) -> dict[str, dict[str, Any]]:
        brief, self._brief = self._brief, {}
        active = {(item, key): seen for item, found in self._active.items() for key, seen in found.items()}
        return {
            f"{item}.{key}": self._alarm(self._items[item], seen) for (item, key), seen in {**brief, **active}.items()
        }

    def _alarm(self, item: Item, seen: Seen) -> dict[str, Any]:
        code = seen.native_code
        return {
            "number": int(code) if code.isascii() and code.isdigit() and len(code) < 10 else code[:80],
            "type": (seen.type or item.type)[:80],
            "text": seen.value[:500],
            "axis": item.component_name[:40] if item.kind in _AXES else "",
            "level": seen.level,
        }


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if abs(value) < 1e12 else None


def _program_number(name: str) -> int:
    """4 of "O0004", "4.nc" and "//CNC_MEM/USER/PATH1/O4"; 0 where a name has no number."""
    match = re.match(r"O?(\d{1,8})(?:\.\w+)?\Z", name.rsplit("/", 1)[-1].strip(), re.IGNORECASE)
    return int(match[1]) if match else 0
