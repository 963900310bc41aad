"""The devices of an agent: components and data items, as the probe document shows them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

_ID: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*\Z")


class Category(Enum):
    """Of a data item."""

    SAMPLE = "SAMPLE"
    EVENT = "EVENT"
    CONDITION = "CONDITION"


@dataclass(frozen=True, slots=True)
class DataItem:
    """One data item; empty texts are absent attributes. `constant` = the only value it ever has."""

    id: str
    category: Category
    type: str
    sub_type: str = ""
    name: str = ""
    units: str = ""
    native_units: str = ""
    coordinate_system: str = ""
    statistic: str = ""
    discrete: bool = False
    constant: str = ""


@dataclass(frozen=True, slots=True)
class Component:
    """A component; `kind` is its element (Linear, Rotary, Controller, Path …)."""

    kind: str
    id: str
    name: str = ""
    items: tuple[DataItem, ...] = ()
    components: "tuple[Component, ...]" = ()


@dataclass(frozen=True, slots=True)
class Device:
    """A piece of equipment. Raises ValueError for an id that is none, or used twice."""

    id: str
    name: str
    uuid: str
    items: tuple[DataItem, ...] = ()
    components: tuple[Component, ...] = ()
    manufacturer: str = ""
    model: str = ""
    serial_number: str = ""
    description: str = ""
    where: dict[str, tuple["Device | Component", DataItem]] = field(init=False, default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        used = {self.id}
        for owner in self.owners():
            if owner is not self:
                _claim(owner.id, used)
            for item in owner.items:
                _claim(item.id, used)
                self.where[item.id] = (owner, item)

    def owners(self) -> "Iterator[Device | Component]":
        """The device and all its components, in the order of the document."""
        yield self
        for component in self.components:
            yield from _below(component)

    def all_items(self) -> Iterator[DataItem]:
        """In the order of the document."""
        for owner in self.owners():
            yield from owner.items


def _below(component: Component) -> Iterator[Component]:
    yield component
    for child in component.components:
        yield from _below(child)


def _claim(identifier: str, used: set[str]) -> None:
    if not _ID.match(identifier):
        raise ValueError(f"id {identifier!r}: expected letters, digits, _ . - and no digit first")
    if identifier in used:
        raise ValueError(f"id {identifier!r} twice: expected every id once")
    used.add(identifier)
