"""Documents of an agent as values: devices with their data items, and streams of observations.

Reads the namespaces of 1.0 to 2.x, with prefixes and without; what a version adds and we do not need is passed over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cnc.domain.base.clock import MAX_MS, to_ms
from greengrass_components.mtconnect.errors import BadDocument, Refused
from greengrass_components.mtconnect.xml import Element, parse

LEVELS: Final = {"Normal": "NORMAL", "Warning": "WARNING", "Fault": "FAULT", "Unavailable": "UNAVAILABLE"}
MAX_ID: Final = 200
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:?\d\d)?")


@dataclass(frozen=True, slots=True)
class Header:
    """`created_ms` by the agent's clock; sequences are 0 in documents that have none."""

    instance_id: int
    created_ms: int | None
    buffer_size: int
    first_sequence: int = 0
    last_sequence: int = 0
    next_sequence: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """A data item and the component it belongs to (`kind` is the component's element, "Device" for the device)."""

    id: str
    category: str
    type: str
    sub_type: str
    name: str
    units: str
    native_units: str
    statistic: str
    coordinate_system: str
    representation: str
    constant: str
    component: str
    kind: str
    component_name: str


@dataclass(frozen=True, slots=True)
class DeviceModel:
    """`is_agent` = the agent describing itself (1.7 and later)."""

    name: str
    uuid: str
    is_agent: bool
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """One observation; `at_ms` by the agent's clock, None when it cannot be read. `level` is "" unless a condition,
    of which `key` tells several active ones apart."""

    item: str
    sequence: int
    at_ms: int | None
    value: str
    level: str = ""
    native_code: str = ""
    key: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class Streams:
    """The answer to `current` and `sample`, in the order of sequences."""

    header: Header
    observations: tuple[Seen, ...]


def parse_devices(data: bytes) -> tuple[Header, tuple[DeviceModel, ...]]:
    """The answer to `probe`. Raises BadDocument or Refused."""
    root = _root(data, "MTConnectDevices")
    devices = root.child("Devices")
    if devices is None:
        raise BadDocument(seen="no Devices", expected="MTConnectDevices with Devices")
    found = tuple(_device(child) for child in devices.children if child.name in ("Device", "Agent"))
    return _header(root), found


def parse_streams(data: bytes) -> Streams:
    """The answer to `current` or `sample`. Raises BadDocument or Refused."""
    root = _root(data, "MTConnectStreams")
    header = _header(root)
    if header.next_sequence < 1:
        raise BadDocument(seen="a header without nextSequence", expected="the sequences of the buffer")
    streams = root.child("Streams")
    found = list(_observations(streams)) if streams else []
    return Streams(header, tuple(sorted(found, key=lambda seen: seen.sequence)))


def _root(data: bytes, expected: str) -> Element:
    root = parse(data)
    if root.name == "MTConnectError":
        raise Refused(list(_errors(root)))
    if root.name != expected:
        raise BadDocument(seen=root.name, expected=expected)
    return root


def _errors(root: Element) -> Iterator[tuple[str, str]]:
    """`Errors/Error` of all versions, one `Error` below the root (1.0), and named elements (2.6)."""
    for group in [root, *(child for child in root.children if child.name == "Errors")]:
        for error in group.children:
            if code := error.attributes.get("errorCode", ""):
                message = error.child("ErrorMessage")
                yield code, (message.text if message else error.text).strip()


def _header(root: Element) -> Header:
    header = root.child("Header")
    if header is None:
        raise BadDocument(seen=f"{root.name} without Header", expected="a Header")
    told = header.attributes
    return Header(
        instance_id=_number(told.get("instanceId", "")),
        created_ms=time_ms(told.get("creationTime", "")),
        buffer_size=_number(told.get("bufferSize", "0")),
        first_sequence=_number(told.get("firstSequence", "0")),
        last_sequence=_number(told.get("lastSequence", "0")),
        next_sequence=_number(told.get("nextSequence", "0")),
    )


def _number(text: str) -> int:
    text = text.strip()
    if not text.isascii() or not text.isdigit() or len(text) > 20:
        raise BadDocument(seen=text, expected="a number in the Header")
    return int(text)


def _device(element: Element) -> DeviceModel:
    told = element.attributes
    items = tuple(_items(element, "Device"))
    return DeviceModel(told.get("name", ""), told.get("uuid", ""), element.name == "Agent", items)


def _items(owner: Element, kind: str) -> Iterator[Item]:
    for group in owner.children:
        if group.name == "DataItems":
            yield from (_item(item, owner, kind) for item in group.children if item.name == "DataItem")
        elif group.name == "Components":
            for component in group.children:
                yield from _items(component, component.name)


def _item(item: Element, owner: Element, kind: str) -> Item:
    told = item.attributes
    identifier = told.get("id", "")
    if not 0 < len(identifier) <= MAX_ID:
        raise BadDocument(seen=f"a DataItem with id {identifier!r}", expected="an id")
    constraints = item.child("Constraints")
    values = [child.text.strip() for child in constraints.children if child.name == "Value"] if constraints else []
    return Item(
        id=identifier,
        category=told.get("category", ""),
        type=told.get("type", ""),
        sub_type=told.get("subType", ""),
        name=told.get("name", ""),
        units=told.get("units", ""),
        native_units=told.get("nativeUnits", ""),
        statistic=told.get("statistic", ""),
        coordinate_system=told.get("coordinateSystem", ""),
        representation=told.get("representation", ""),
        constant=values[0] if len(values) == 1 else "",
        component=owner.attributes.get("id", ""),
        kind=kind,
        component_name=owner.attributes.get("name", ""),
    )


def _observations(streams: Element) -> Iterator[Seen]:
    for device in streams.children:
        for component in device.children:
            for group in component.children:
                if group.name in ("Samples", "Events", "Condition"):
                    conditions = group.name == "Condition"
                    yield from (_seen(element, condition=conditions) for element in group.children)


def _seen(element: Element, *, condition: bool) -> Seen:
    told = element.attributes
    level = LEVELS.get(element.name, "") if condition else ""
    if condition and not level:
        raise BadDocument(seen=f"the condition {element.name}", expected=f"one of {', '.join(LEVELS)}")
    sequence = told.get("sequence", "").strip()
    if not sequence.isascii() or not sequence.isdigit() or len(sequence) > 20:
        raise BadDocument(seen=f"{element.name} with sequence {sequence!r}", expected="a number")
    return Seen(
        item=told.get("dataItemId", "")[:MAX_ID],
        sequence=int(sequence),
        at_ms=time_ms(told.get("timestamp", "")),
        value=element.text.strip(),
        level=level,
        native_code=told.get("nativeCode", ""),
        key=(told.get("conditionId") or told.get("nativeCode", ""))[:MAX_ID],
        type=told.get("type", ""),
    )


def time_ms(text: str) -> int | None:
    """Milliseconds of a time such as 2026-11-24T22:00:00.123456Z; without a zone it is UTC. None when it is none."""
    match = _TIME.match(text.strip())
    if match is None:
        return None
    whole, fraction, zone = match.groups()
    zone = "+00:00" if zone in (None, "Z") else zone
    try:
        at = datetime.fromisoformat(f"{whole}.{(fraction or '0')[:6].ljust(6, '0')}{zone}")
        ms = to_ms(at.astimezone(UTC))
    except (ValueError, OverflowError):
        return None
    return ms if 0 <= ms <= MAX_MS else None
