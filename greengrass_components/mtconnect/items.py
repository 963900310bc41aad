"""From the data items of a device to signals: which are read, under which key, and how a value is understood."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cnc.domain.telemetry.schema import MAX_SIGNALS, Signal
from greengrass_components.edge_kit.mtconnect.keys import Meaning, snake, tail_of
from greengrass_components.edge_kit.mtconnect.vocabulary import (
    NUMBERS,
    RENAMED_WORDS,
    SAMPLES,
    UNAVAILABLE,
    WORDS,
    units_of,
)
from greengrass_components.mtconnect.protocol import DeviceModel, Item

MAX_SCALED: Final = 2**53
_STEPS: Final = {
    "AMPERE": 0.01, "CELSIUS": 0.1, "COUNT": 1.0, "DEGREE": 0.001, "HERTZ": 0.01, "MILLIMETER": 0.001,
    "MILLIMETER/SECOND": 0.01, "PERCENT": 0.1, "REVOLUTION/MINUTE": 0.1, "SECOND": 0.1, "VOLT": 0.1, "WATT": 1.0,
    "WATT_SECOND": 1.0, "": 1.0,
}  # fmt: skip
_FINE: Final = 0.001
_AXES: Final = ("Linear", "Rotary", "Spindle")
_SPINDLE_TYPES: Final = ("ROTARY_VELOCITY", "SPINDLE_SPEED")
_CONTROLLER_WORDS: Final = ("EXECUTION", "CONTROLLER_MODE", "FUNCTIONAL_MODE", "EMERGENCY_STOP")
_PLAIN: Final = ("", "VALUE", "TIME_SERIES")


@dataclass(frozen=True, slots=True)
class Column:
    """One signal and the data item it is made of."""

    item: Item
    signal: Signal

    def scaled(self, text: str) -> tuple[int | None, bool]:
        """The integer of the column, and whether the text was one that such an item may have."""
        if text in ("", UNAVAILABLE):
            return None, True
        if self.signal.kind == "text":
            word = RENAMED_WORDS.get((self.item.type, text), text)
            return (self.signal.texts.index(word), True) if word in self.signal.texts else (None, False)
        try:
            # A time series ends with its newest value; an adapter may add the duration behind @.
            value = float(text.split("@")[0].split()[-1])
            scaled = round(value / self.signal.resolution)
        except (ValueError, OverflowError, IndexError):
            return None, False
        return (scaled, True) if abs(scaled) < MAX_SCALED else (None, False)


def columns(device: DeviceModel) -> tuple[list[Column], int]:
    """The signals of a device in its own order, and how many items found no room."""
    heads = heads_of(device)
    found: list[Column] = []
    used: Counter[str] = Counter()
    for item in device.items:
        if not _is_signal(item):
            continue
        key = _key(item, heads)
        used[key] += 1
        if used[key] > 1:
            key = f"{key}_{used[key]}"
        signal = _signal(key, item)
        if signal is not None:
            found.append(Column(item, signal))
    return found[:MAX_SIGNALS], max(0, len(found) - MAX_SIGNALS)


def _is_signal(item: Item) -> bool:
    if item.representation not in _PLAIN or item.type == "AVAILABILITY":
        return False
    known = SAMPLES if item.category == "SAMPLE" else {**NUMBERS, **WORDS, **SAMPLES}
    return item.category in ("SAMPLE", "EVENT") and item.type in known


def _key(item: Item, heads: dict[str, str]) -> str:
    tail = tail_of(Meaning(item.type, item.sub_type, item.coordinate_system, item.statistic))
    head = heads.get(item.component, "device")
    if item.type in _CONTROLLER_WORDS and head in ("path1", "device"):
        head = "controller"
    return f"{head}.{tail}"


def _signal(key: str, item: Item) -> Signal | None:
    if not re.match(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+){1,3}\Z", key) or len(key) > 80:
        return None
    name, native = item.name[:80], item.native_units[:80]
    if item.type in WORDS:
        texts = (*WORDS[item.type], UNAVAILABLE)
        return Signal(key, "", "text", texts=texts, native_name=name, native_unit=native)
    unit = item.units[:80] or units_of(item.type)
    return Signal(key, unit, resolution=_STEPS.get(unit, _FINE), native_name=name, native_unit=native)


def heads_of(device: DeviceModel) -> dict[str, str]:
    """What the keys of each component begin with, by its id."""
    heads: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for component, kind, name, types in _components(device):
        if kind == "Device":
            head = "device"
        elif kind == "Controller" and "controller" not in heads.values():
            head = "controller"
        elif kind == "Path":
            counts["path"] += 1
            head = f"path{counts['path']}"
        elif kind == "Spindle" or (kind in _AXES and any(each in _SPINDLE_TYPES for each in types)):
            counts["s"] += 1
            head = f"s{counts['s']}"
        elif kind in _AXES:
            head = _free(re.sub(r"[^a-z0-9]", "", name.lower()) or "axis", heads)
        else:
            head = _free(snake(kind if kind != "Sensor" else name or kind), heads)
        heads[component] = head
    return heads


def _free(wanted: str, heads: dict[str, str]) -> str:
    wanted = wanted[:30] if wanted[:1].isalpha() else f"x_{wanted[:28]}"
    taken, head, number = set(heads.values()), wanted, 1
    while head in taken:
        number += 1
        head = f"{wanted}_{number}" if wanted[-1:].isdigit() else f"{wanted}{number}"
    return head


def _components(device: DeviceModel) -> Iterator[tuple[str, str, str, set[str]]]:
    """(id, element, name, types of its items), in the order of the document."""
    found: dict[str, tuple[str, str, set[str]]] = {}
    for item in device.items:
        _, _, types = found.setdefault(item.component, (item.kind, item.component_name, set()))
        types.add(item.type)
    for component, (kind, name, types) in found.items():
        yield component, kind, name, types
