"""Device maps: what a Modbus device holds, as a YAML file checked when it is loaded.

    v: 1
    name: energy_meter
    title: Three-phase energy meter
    max_registers: 125          # most registers in one read, for devices that allow fewer
    max_gap: 16                 # unused registers that may be read along to save a request
    defaults: {kind: input, type: f32, byte_order: big, word_order: big}
    items:
      - {key: electric.wattage, address: 12, unit: WATT, scale: 1, range: [0, 250000], resolution: 1}

value = raw * scale, in `unit`; outside `range` it is not believed. A coil or discrete input has no type; with `texts`
its two states have names.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, TypeVar

import yaml

from cnc.domain.base.errors import BadValue
from cnc.domain.telemetry.schema import Schema, Signal
from greengrass_components.modbus import maps
from greengrass_components.modbus.errors import BadMap
from greengrass_components.modbus.registers import MOST_REGISTERS, Order, RegisterKind, ValueType

Choice = TypeVar("Choice", bound=Enum)

MAX_GAP: Final = 16
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_MAP_FIELDS: Final = {"v", "name", "title", "max_registers", "max_gap", "defaults", "items"}
_SHARED_FIELDS: Final = {"kind", "type", "byte_order", "word_order"}
_ITEM_FIELDS: Final = _SHARED_FIELDS | {
    "key", "address", "unit", "native_unit", "scale", "range", "resolution", "texts",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """One value of a device. `low` and `high` are in `unit`; `type` is meaningless for bits."""

    key: str
    kind: RegisterKind
    address: int
    type: ValueType
    byte_order: Order
    word_order: Order
    scale: float
    unit: str
    native_unit: str
    low: float
    high: float
    resolution: float
    texts: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Registers, or bits, it takes."""
        return 1 if self.kind.is_bit else self.type.words

    @property
    def end(self) -> int:
        return self.address + self.count


@dataclass(frozen=True, slots=True)
class DeviceMap:
    """All items of a device; a source's columns are in their order."""

    name: str
    title: str
    max_registers: int
    max_gap: int
    items: tuple[Item, ...]

    @property
    def schema(self) -> Schema:
        return _schema(self.items)


@lru_cache(maxsize=64)
def load_map(name: str) -> DeviceMap:
    """A map of this component by name. Raises BadMap."""
    if not _NAME.match(name):
        raise BadMap("map", seen=name, expected="a name of lower-case letters, digits and _")
    folder = files(maps)
    file = folder / f"{name}.yaml"
    if not file.is_file():
        known = sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))
        raise BadMap("map", seen=name, expected=f"one of {', '.join(known)}")
    return parse_map(file.read_text(encoding="utf-8"), name=f"{name}.yaml")


def parse_map(text: str, *, name: str) -> DeviceMap:
    """A map from YAML text; `name` is said in errors. Raises BadMap."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadMap(name, seen=str(error).replace("\n", " "), expected="YAML") from error
    if not isinstance(document, dict) or document.get("v") != 1:
        seen = document.get("v") if isinstance(document, dict) else document
        raise BadMap(name, seen=seen, expected="a mapping with v: 1")
    _known(document, _MAP_FIELDS, name)
    rows = document.get("items")
    if not isinstance(rows, list) or not rows:
        raise BadMap(f"{name}: items", seen=rows, expected="a list with at least one item")
    defaults = _mapping(document.get("defaults", {}), f"{name}: defaults")
    _known(defaults, _SHARED_FIELDS, f"{name}: defaults")
    items = tuple(_item({**defaults, **_mapping(row, f"{name}: item {at}")}, name) for at, row in enumerate(rows))
    _check_overlaps(items, name)
    made = DeviceMap(
        name=str(document.get("name", "")),
        title=str(document.get("title", "")),
        max_registers=int(_number(document, "max_registers", name, 4, MOST_REGISTERS, otherwise=MOST_REGISTERS)),
        max_gap=int(_number(document, "max_gap", name, 0, MOST_REGISTERS, otherwise=MAX_GAP)),
        items=items,
    )
    try:
        _ = made.schema
    except BadValue as error:
        raise BadMap(name, seen=error.seen, expected=str(error.expected)) from error
    return made


def _item(row: Mapping[str, Any], name: str) -> Item:
    where = f"{name}: {row.get('key', 'item without key')}"
    _known(row, _ITEM_FIELDS, where)
    kind = _choice(RegisterKind, row, "kind", where)
    texts = tuple(map(str, row.get("texts", ())))
    if texts and not (kind.is_bit and len(texts) == 2):
        raise BadMap(f"{where}: texts", seen=list(texts), expected="two texts, for a coil or discrete input")
    type_ = ValueType.U16 if kind.is_bit else _type(row, where)
    low, high = (0.0, 1.0) if kind.is_bit and "range" not in row else _range(row, where)
    item = Item(
        key=str(row.get("key", "")),
        kind=kind,
        address=int(_number(row, "address", where, 0, 0xFFFF)),
        type=type_,
        byte_order=_choice(Order, row, "byte_order", where, Order.BIG),
        word_order=_choice(Order, row, "word_order", where, Order.BIG),
        scale=_number(row, "scale", where, -1e12, 1e12, otherwise=1.0),
        unit=str(row.get("unit", "")),
        native_unit=str(row.get("native_unit", "")),
        low=low,
        high=high,
        resolution=_number(row, "resolution", where, 1e-9, 1e12, otherwise=1.0),
        texts=texts,
    )
    if item.scale == 0.0:
        raise BadMap(f"{where}: scale", seen=0, expected="a number other than 0")
    if item.end > 0x10000:
        raise BadMap(f"{where}: address", seen=item.address, expected=f"at most {0x10000 - item.count}")
    return item


@lru_cache(maxsize=64)
def _schema(items: tuple[Item, ...]) -> Schema:
    """One for all devices of a kind: a gateway may have hundreds."""
    return Schema(tuple(_signal(item) for item in items))


def _signal(item: Item) -> Signal:
    if item.texts:
        return Signal(item.key, item.unit, "text", 1.0, item.texts)
    return Signal(item.key, item.unit, "number", item.resolution, native_unit=item.native_unit)


def _check_overlaps(items: tuple[Item, ...], name: str) -> None:
    last: dict[RegisterKind, Item] = {}
    for item in sorted(items, key=lambda i: i.address):
        before = last.get(item.kind)
        if before is not None and item.address < before.end:
            raise BadMap(
                f"{name}: {item.key}",
                seen=item.address,
                expected=f"an address from {before.end} on: {before.key} lies there",
            )
        last[item.kind] = item


def _known(row: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(map(str, row.keys() - known))
    if unknown:
        raise BadMap(where, seen=unknown, expected=f"only {', '.join(sorted(known))}")


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadMap(where, seen=value, expected="a mapping")
    return value


def _number(
    row: Mapping[str, Any], field: str, where: str, low: float, high: float, *, otherwise: float | None = None
) -> float:
    value = row.get(field, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise BadMap(f"{where}: {field}", seen=value, expected=f"a number from {low:g} to {high:g}")
    return value


def _range(row: Mapping[str, Any], where: str) -> tuple[float, float]:
    value = row.get("range")
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(v, int | float) for v in value):
        raise BadMap(f"{where}: range", seen=value, expected="[lowest, highest] believable value in the unit")
    if value[0] >= value[1]:
        raise BadMap(f"{where}: range", seen=value, expected="the lowest below the highest")
    return float(value[0]), float(value[1])


def _type(row: Mapping[str, Any], where: str) -> ValueType:
    names = {kind.name.lower(): kind for kind in ValueType}
    value = row.get("type")
    if value not in names:
        raise BadMap(f"{where}: type", seen=value, expected=f"one of {', '.join(names)}")
    return names[value]


def _choice(
    kinds: type[Choice], row: Mapping[str, Any], field: str, where: str, otherwise: Choice | None = None
) -> Choice:
    if field not in row and otherwise is not None:
        return otherwise
    try:
        return kinds(row.get(field))
    except ValueError:
        known = ", ".join(str(kind.value) for kind in kinds)
        raise BadMap(f"{where}: {field}", seen=row.get(field), expected=f"one of {known}") from None
