"""A machine of ours as an MTConnect device: signals become data items, rows and events become observations.

A key's first part is a component: `controller` and `path<n>` the control, `s<n>` spindles, what has a position or an
angle axes, `electric` the supply; anything else is a sensor. What MTConnect has no type for is left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, log10
from typing import Any, Final

from cnc.domain.telemetry.schema import Schema, Signal
from greengrass_components.edge_kit.mtconnect.buffer import FAULT, NORMAL, WARNING, Observation
from greengrass_components.edge_kit.mtconnect.keys import Meaning, meaning_of
from greengrass_components.edge_kit.mtconnect.model import Category, Component, DataItem, Device
from greengrass_components.edge_kit.mtconnect.vocabulary import CONDITIONS, UNAVAILABLE, units_of

_SPINDLE: Final = re.compile(r"s[0-9]+\Z")
_PATH: Final = re.compile(r"path[0-9]+\Z")
#: Items of the device itself, whose ids no component may have.
_OWN: Final = ("availability", "asset_changed", "asset_removed")
#: In MTConnect these belong to a path.
_OF_PATH: Final = ("EXECUTION", "CONTROLLER_MODE")
#: Alarm types of FANUC controls -> condition; an axis's own where the alarm names one.
ALARM_CONDITIONS: Final[dict[str, str]] = {
    "PS": "MOTION_PROGRAM", "BG": "MOTION_PROGRAM", "EX": "LOGIC_PROGRAM", "PC": "LOGIC_PROGRAM",
    "IE": "COMMUNICATIONS", "SV": "ACTUATOR", "SP": "ACTUATOR", "OT": "ACTUATOR", "OH": "ACTUATOR", "MC": "ACTUATOR",
}  # fmt: skip
_CONTROLLER_CONDITIONS: Final = ("SYSTEM", "LOGIC_PROGRAM", "COMMUNICATIONS")


@dataclass(frozen=True, slots=True)
class About:
    """Who the machine is. `id` begins all its ids, so it must be one itself."""

    id: str
    name: str
    uuid: str
    manufacturer: str = ""
    model: str = ""
    serial_number: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a source: where its values go."""

    at: int
    item: str
    signal: Signal
    digits: int


class MachineDevice:
    """One machine with all its sources; `device` is what the probe shows of it."""

    def __init__(self, about: About, schemas: Mapping[str, Schema]) -> None:
        self._id = about.id
        self._items: dict[str, list[DataItem]] = {}  # by the head of their keys
        self._columns: dict[str, list[_Column]] = {}
        self._seen: dict[str, list[int | None]] = {}
        for source, schema in schemas.items():
            self._columns[source] = self._take(schema)
        self._conditions: dict[tuple[str, str], str] = {}
        self._available: bool | None = None
        self._alarms: dict[tuple[str, str], Observation] = {}
        self._add_fixed()
        self.device = self._made(about)

    def _take(self, schema: Schema) -> list[_Column]:
        columns = []
        used = {item.name for items in self._items.values() for item in items}
        for at, signal in enumerate(schema.signals):
            head, _, tail = signal.key.partition(".")
            meaning = meaning_of(tail)
            if meaning is None or signal.key in used or head in _OWN:
                continue
            item = self._item(signal, meaning)
            owner = "path1" if head == "controller" and meaning.type in _OF_PATH else head
            self._items.setdefault(owner, []).append(item)
            columns.append(_Column(at, item.id, signal, _digits(signal.resolution)))
        return columns

    def _item(self, signal: Signal, meaning: Meaning) -> DataItem:
        return DataItem(
            id=f"{self._id}.{signal.key}",
            category=meaning.category,
            type=meaning.type,
            sub_type=meaning.sub_type,
            name=signal.key,
            units=units_of(meaning.type),
            coordinate_system=meaning.coordinate_system,
            statistic=meaning.statistic,
        )

    def _add_fixed(self) -> None:
        """What comes from events, and conditions."""
        if any(head == "controller" or _PATH.match(head) for head in self._items):
            for kind in _CONTROLLER_CONDITIONS:
                self._add_condition("controller", kind)
            self._items.setdefault("path1", [])
            for head in sorted(head for head in self._items if _PATH.match(head)):
                self._add_event(head, "program", "PROGRAM")
                self._add_condition(head, "MOTION_PROGRAM")
            for head in list(self._items):
                if self._is_axis(head):
                    self._add_condition(head, "ACTUATOR")
        for head in list(self._items):
            if _SPINDLE.match(head):
                self._add_event(head, "rotary_mode", "ROTARY_MODE", constant="SPINDLE")

    def _add_event(self, head: str, tail: str, kind: str, *, constant: str = "") -> None:
        key = f"{head}.{tail}"
        if all(item.name != key for item in self._items[head]):  # a source may tell it itself
            item = DataItem(f"{self._id}.{key}", Category.EVENT, kind, name=key, constant=constant)
            self._items[head].append(item)

    def _add_condition(self, head: str, kind: str) -> None:
        key = f"{head}.{kind.lower()}_condition"
        item = DataItem(f"{self._id}.{key}", Category.CONDITION, kind, name=key)
        self._items.setdefault(head, []).append(item)
        self._conditions[head, kind] = item.id

    def _is_axis(self, head: str) -> bool:
        return bool(_SPINDLE.match(head)) or any(item.type in ("POSITION", "ANGLE") for item in self._items[head])

    # the document
    def _made(self, about: About) -> Device:
        heads = list(self._items)
        axes = [self._axis(head) for head in heads if self._is_axis(head)]
        paths = [self._component("Path", head) for head in sorted(heads) if _PATH.match(head)]
        found: list[Component] = []
        if axes:
            found.append(Component("Axes", f"{self._id}.Axes", "axes", components=tuple(axes)))
        if paths or "controller" in heads:
            items = tuple(self._items.get("controller", ()))
            found.append(Component("Controller", f"{self._id}.controller", "controller", items, tuple(paths)))
        if "electric" in heads:
            electric = self._component("Electric", "electric")
            found.append(Component("Systems", f"{self._id}.Systems", "systems", components=(electric,)))
        others = [head for head in heads if head not in ("controller", "electric") and not _PATH.match(head)]
        found += [self._component("Sensor", head) for head in others if not self._is_axis(head)]
        own = (
            DataItem(f"{self._id}.availability", Category.EVENT, "AVAILABILITY", name="availability"),
            DataItem(f"{self._id}.asset_changed", Category.EVENT, "ASSET_CHANGED", discrete=True),
            DataItem(f"{self._id}.asset_removed", Category.EVENT, "ASSET_REMOVED"),
        )
        return Device(
            self._id, about.name, about.uuid, own, tuple(found), about.manufacturer, about.model, about.serial_number,
            about.description,
        )  # fmt: skip

    def _axis(self, head: str) -> Component:
        linear = any(item.type == "POSITION" for item in self._items[head])
        return self._component("Linear" if linear else "Rotary", head, name=head.upper())

    def _component(self, kind: str, head: str, *, name: str = "") -> Component:
        return Component(kind, f"{self._id}.{head}", name or head, tuple(self._items[head]))

    # observations
    def begin(self, at_ms: int) -> Iterator[Observation]:
        """How everything stands before anything was seen."""
        for item in self.device.all_items():
            level = UNAVAILABLE if item.category is Category.CONDITION else ""
            yield Observation(item.id, at_ms, "" if level else item.constant or UNAVAILABLE, level)

    def row(self, source: str, at_ms: int, values: Sequence[int | None]) -> Iterator[Observation]:
        """What changed with a row of a source."""
        before = self._seen.get(source)
        self._seen[source] = list(values)
        for at, item, signal, digits in ((c.at, c.item, c.signal, c.digits) for c in self._columns.get(source, ())):
            if before is not None and before[at] == values[at]:
                continue
            yield Observation(item, at_ms, _text(signal.value(values[at]), digits))

    def alive(self, at_ms: int) -> Iterator[Observation]:
        """A value was read: a machine of which no state is known is there."""
        if self._available is None:
            yield from self._state(at_ms, {"availability": "AVAILABLE"})

    def event(self, at_ms: int, kind: str, data: Mapping[str, Any]) -> Iterator[Observation]:
        """What an event of one of its sources says: state, program and alarm."""
        if kind == "state":
            yield from self._state(at_ms, data)
        elif kind == "program" and f"{self._id}.path1.program" in self.device.where:
            name = str(data.get("name") or data.get("number") or UNAVAILABLE)
            yield Observation(f"{self._id}.path1.program", at_ms, name)
        elif kind == "alarm":
            yield from self._alarm(at_ms, data)

    def _state(self, at_ms: int, data: Mapping[str, Any]) -> Iterator[Observation]:
        available = data.get("availability") == "AVAILABLE"
        if available == self._available:
            return
        self._available = available
        yield Observation(f"{self._id}.availability", at_ms, "AVAILABLE" if available else UNAVAILABLE)
        for item in self._conditions.values():
            yield Observation(item, at_ms, "", NORMAL if available else UNAVAILABLE)
        if available:  # what was active when the machine fell silent still is: nobody saw it end
            for seen in self._alarms.values():
                yield replace(seen, at_ms=at_ms)

    def _alarm(self, at_ms: int, data: Mapping[str, Any]) -> Iterator[Observation]:
        kind, number = str(data.get("type", "")), str(data.get("number", ""))
        item = self._condition_of(kind, str(data.get("axis") or "").lower())
        if item is None:
            return
        code = (number if kind in CONDITIONS else f"{kind}{number}") or "0"
        if not data.get("active"):
            self._alarms.pop((item, code), None)
            yield Observation(item, at_ms, "", NORMAL, code)
            return
        level = WARNING if data.get("level") == WARNING else FAULT
        seen = Observation(item, at_ms, str(data.get("text", "")), level, code)
        self._alarms[item, code] = seen
        yield seen

    def _condition_of(self, kind: str, axis: str) -> str | None:
        condition = ALARM_CONDITIONS.get(kind) or (kind if kind in CONDITIONS else "SYSTEM")
        heads = ([axis] if axis else []) + ["path1", "controller"]
        if condition == "ACTUATOR" and kind == "SP":
            heads.insert(0, "s1")
        found = (self._conditions.get((head, condition)) for head in heads)
        return next((item for item in found if item), self._conditions.get(("controller", "SYSTEM")))


def _digits(resolution: float) -> int:
    """Decimals that show one step."""
    return max(0, ceil(-log10(resolution)) + (0 if log10(resolution).is_integer() else 1))


def _text(value: float | str | None, digits: int) -> str:
    if value is None:
        return UNAVAILABLE
    if isinstance(value, str):
        return value
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def name_token(text: str) -> str:
    """A device name that every client takes: letters, digits, _ . -"""
    return re.sub(r"[^A-Za-z0-9_.\-]+", "_", text).strip("_") or "machine"
