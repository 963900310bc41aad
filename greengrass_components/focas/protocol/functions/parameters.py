"""Parameters and diagnosis: cnc_rdparam, cnc_rdparar, cnc_diagnoss, cnc_diagnosr, cnc_wrparam, cnc_rdparainfo3.

Record of 0x8d (parameters) and 0x93 (diagnosis), 8 + 8 x axis slots bytes (264 with 32):
    i32 number   i16 axis echo   i16 type   one value per axis slot (for one axis or none: the first)
Old controls (PDU version 2 and below) use 0x0e and 0x30 with i32 per axis slot instead of values.
Parameter types: 0 bit, 1 byte, 2 word, 3 2-word, 4 real. Diagnosis: 0 byte, 1 word, 2 2-word, 3 bits, 4 bit, 5 real.

Writing asks 0xa0 first (previous and next number, then 20 bytes per parameter: i32 number, i16 type,
i16 0 single or 1 per axis, six words), then sends the record back by 0x8e. For one axis or none only the first
value counts: the rest of the record is uninitialised memory of the vendor's library.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum

from greengrass_components.focas.protocol.blocks import Call, Request, exactly, nothing, one, records
from greengrass_components.focas.protocol.session import MODERN, Dialect
from greengrass_components.focas.protocol.values import RAW, Value, decode_value, decode_values, padded

PARAMETER, DIAGNOSIS, INFO, WRITE = 0x8D, 0x93, 0xA0, 0x8E
OLD_PARAMETER, OLD_DIAGNOSIS = 0x0E, 0x30
HEAD = struct.Struct(">ihh")
INFO_HEAD = struct.Struct(">2i")
INFO_RECORD = struct.Struct(">i8h")
NO_AXIS, ALL = 0, -1


class ParameterType(IntEnum):
    """Type word of a parameter record."""

    BIT = 0
    BYTE = 1
    WORD = 2
    LONG = 3
    REAL = 4


class DiagnosisType(IntEnum):
    """Type word of a diagnosis record."""

    BYTE = 0
    WORD = 1
    LONG = 2
    BITS = 3
    BIT = 4
    REAL = 5


@dataclass(frozen=True, slots=True)
class Record:
    """One parameter or diagnosis; `values` of every axis slot, of which the first counts when axis is not -1."""

    number: int
    axis: int
    type: int
    values: tuple[Value, ...]

    @property
    def value(self) -> Value:
        """The value of the axis asked for."""
        return self.values[0]


@dataclass(frozen=True, slots=True)
class ParameterInfo:
    """What a parameter is; `previous` and `next` are the numbers beside it."""

    number: int
    type: int
    per_axis: bool
    previous: int
    next: int


def rdparar(first: int, last: int, axis: int = NO_AXIS, *, dialect: Dialect = MODERN) -> Call[list[Record]]:
    """Parameters of a range; axis 0 none, n one, -1 all."""
    code = OLD_PARAMETER if dialect.old else PARAMETER
    return one(Request(code, first, last, axis), lambda payload: decode_records(payload, dialect=dialect))


def rdparam(number: int, axis: int = NO_AXIS, *, dialect: Dialect = MODERN) -> Call[Record]:
    """One parameter."""
    return _single(rdparar(number, number, axis, dialect=dialect))


def diagnosr(first: int, last: int, axis: int = NO_AXIS, *, dialect: Dialect = MODERN) -> Call[list[Record]]:
    """Diagnoses of a range."""
    code = OLD_DIAGNOSIS if dialect.old else DIAGNOSIS
    return one(Request(code, first, last, axis), lambda payload: decode_records(payload, dialect=dialect))


def diagnoss(number: int, axis: int = NO_AXIS, *, dialect: Dialect = MODERN) -> Call[Record]:
    """One diagnosis."""
    return _single(diagnosr(number, number, axis, dialect=dialect))


def _single(call: Call[list[Record]]) -> Call[Record]:
    def first(payload: bytes) -> Record:
        found = call.read([payload])
        exactly(payload, len(payload) if len(found) == 1 else -1, "one record")
        return found[0]

    return one(call.requests[0], first)


def decode_records(payload: bytes, *, dialect: Dialect = MODERN) -> list[Record]:
    """Payload of 0x8d, 0x93, 0x0e and 0x30."""
    width = 4 if dialect.old else RAW.size
    found = []
    for record in records(payload, HEAD.size + width * dialect.max_axes, "parameter records"):
        number, axis, kind = HEAD.unpack_from(record)
        body = record[HEAD.size :]
        if dialect.old:
            values = [Value(data) for (data,) in struct.iter_unpack(">i", body)]
        else:
            values = decode_values(body) if axis == ALL else [decode_value(body[: RAW.size])]
        found.append(Record(number, axis, kind, tuple(values)))
    return found


def encode_record(record: Record, *, dialect: Dialect = MODERN) -> bytes:
    """One record, its values padded to the control's axis slots."""
    head = HEAD.pack(record.number, record.axis, record.type)
    if dialect.old:
        body = b"".join(struct.pack(">i", value.data) for value in record.values)
        return head + body.ljust(4 * dialect.max_axes, b"\0")
    return head + padded(record.values, dialect.max_axes)


def rdparainfo3(number: int) -> Call[ParameterInfo]:
    """What one parameter is (flag 0: the form that precedes a write)."""
    return one(Request(INFO, number, 1), _read_info)


def _read_info(payload: bytes) -> ParameterInfo:
    exactly(payload, INFO_HEAD.size + INFO_RECORD.size, "parameter information")
    previous, following = INFO_HEAD.unpack_from(payload)
    number, kind, array, *_ = INFO_RECORD.unpack_from(payload, INFO_HEAD.size)
    return ParameterInfo(number, kind, bool(array), previous, following)


def encode_info(info: list[ParameterInfo]) -> bytes:
    """Payload of 0xa0; `previous` of the first and `next` of the last frame the answer."""
    head = INFO_HEAD.pack(info[0].previous, info[-1].next)
    return head + b"".join(INFO_RECORD.pack(i.number, i.type, int(i.per_axis), *([0] * 6)) for i in info)


def wrparam(record: Record, *, dialect: Dialect = MODERN) -> Call[None]:
    """Write a record; non-real values go without decimals (`0000 ffff`)."""
    real = record.type == ParameterType.REAL
    values = [value if real else Value(value.data, -1, 0) for value in record.values]
    padding = bytes(RAW.size * (dialect.max_axes - len(values)))
    body = b"".join(value.encode() for value in values) + padding
    return one(Request(WRITE, data=HEAD.pack(record.number, record.axis, record.type) + body), nothing)


def decode_write(data: bytes, *, axes: int) -> Record:
    """Extra data of 0x8e; of all axis slots only the first `axes` count. Raises MalformedReply on a wrong value."""
    number, axis, kind = HEAD.unpack_from(exactly(data[: HEAD.size], HEAD.size, "parameter write"))
    body = data[HEAD.size :]
    values = decode_values(body[: RAW.size * (axes if axis == ALL else 1)])
    return Record(number, axis, kind, tuple(values))
