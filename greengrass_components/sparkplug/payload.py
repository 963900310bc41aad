"""The payload of Sparkplug B 3.0: protocol buffers, encoded by hand (seven fields do not need a library).

Payload  timestamp=1  metrics=2  seq=3
Metric   name=1  alias=2  timestamp=3  datatype=4  is_historical=5  is_null=7  properties=9
         long_value=11  double_value=13  boolean_value=14  string_value=15
PropertySet  keys=1  values=2        PropertyValue  type=1  string_value=8
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from struct import pack
from typing import Final

MAX_BYTES: Final = 1 << 20


class DataType(IntEnum):
    """The ones used here, by their number."""

    INT64 = 4
    UINT64 = 8
    DOUBLE = 10
    BOOLEAN = 11
    STRING = 12


Value = float | int | bool | str | None


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; births carry `name` and `alias`, data the alias alone. `unit` becomes the property engUnit."""

    datatype: DataType
    value: Value
    timestamp_ms: int
    name: str = ""
    alias: int | None = None
    historical: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """A metric of a command, as far as one is understood here."""

    name: str
    alias: int | None
    value: Value


class BadPayload(ValueError):
    """Bytes that are no Sparkplug payload."""


def encode(metrics: Sequence[Metric], *, timestamp_ms: int, seq: int | None) -> bytes:
    """`seq` 0 to 255, None for a death of the node."""
    body = bytearray(_field_varint(1, timestamp_ms))
    for metric in metrics:
        body += _field_bytes(2, _metric(metric))
    if seq is not None:
        body += _field_varint(3, seq)
    return bytes(body)


def _metric(metric: Metric) -> bytes:
    body = bytearray()
    if metric.name:
        body += _field_bytes(1, metric.name.encode())
    if metric.alias is not None:
        body += _field_varint(2, metric.alias)
    body += _field_varint(3, metric.timestamp_ms) + _field_varint(4, metric.datatype)
    if metric.historical:
        body += _field_varint(5, 1)
    if metric.value is None:
        body += _field_varint(7, 1)
    if metric.unit:
        unit = _field_varint(1, DataType.STRING) + _field_bytes(8, metric.unit.encode())
        body += _field_bytes(9, _field_bytes(1, b"engUnit") + _field_bytes(2, unit))
    if metric.value is not None:
        body += _value(metric.datatype, metric.value)
    return bytes(body)


def _value(datatype: DataType, value: Value) -> bytes:
    match datatype:
        case DataType.INT64 | DataType.UINT64:
            return _field_varint(11, int(value or 0) & 0xFFFF_FFFF_FFFF_FFFF)
        case DataType.DOUBLE:
            return _key(13, 1) + pack("<d", float(value or 0))
        case DataType.BOOLEAN:
            return _field_varint(14, int(bool(value)))
        case DataType.STRING:
            return _field_bytes(15, str(value).encode("utf-8", "replace"))


def _key(number: int, kind: int) -> bytes:
    return _varint(number << 3 | kind)


def _field_varint(number: int, value: int) -> bytes:
    return _key(number, 0) + _varint(value)


def _field_bytes(number: int, value: bytes) -> bytes:
    return _key(number, 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def decode_commands(data: bytes) -> list[Command]:
    """The metrics of an NCMD. Raises BadPayload."""
    if len(data) > MAX_BYTES:
        raise BadPayload(f"{len(data)} bytes, expected at most {MAX_BYTES}")
    return [_command(value) for number, value in _fields(data) if number == 2 and isinstance(value, bytes)]


def _command(data: bytes) -> Command:
    name, alias, found = "", None, None
    for number, value in _fields(data):
        if number == 1 and isinstance(value, bytes):
            name = value.decode("utf-8", "replace")
        elif number == 2 and isinstance(value, int):
            alias = value
        elif number == 14 and isinstance(value, int):
            found = bool(value)
    return Command(name, alias, found)


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(number, varint or bytes) of every field; 32 and 64 bit fields as their bytes."""
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = _read_varint(data, at)
            yield number, value
            continue
        if kind == 2:
            size, at = _read_varint(data, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise BadPayload(f"wire type {kind} at byte {at}, expected 0, 1, 2 or 5")
        if number == 0 or at + size > len(data):
            raise BadPayload(f"field {number} of {size} bytes at byte {at}, the payload has {len(data)}")
        yield number, data[at : at + size]
        at += size


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise BadPayload(f"a number that does not end at byte {at}")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at
