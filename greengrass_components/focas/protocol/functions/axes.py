"""Axes: names, units, counts, positions, servo load, feed; cnc_rddynamic2, cnc_rdposition, cnc_rdspeed.

0x26 position (a1 kind, a2 axis or -1): one value, or an array of as many values as the control has axis slots.
0x89 names (a1 0): 4 bytes per axis slot: name, suffix, 0, 0. a1 -1: four such names per axis, 512 bytes in all.
0x88 units: a1 1 and 2, per axis slot two words (0 mm, 1 inch, 2 degree); a1 3 and 4, two words (feed unit + 3).
0xa4 counts (a1 0 displayed axes, 1 spindles, 2 servo axes, 3 selected spindle): one word.
0xa3 display flags: one i32 per axis slot. 0x56 servo load meter: array of values. 0x24 feed: one value.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from greengrass_components.focas.protocol.blocks import Call, Request, exactly, one, records
from greengrass_components.focas.protocol.functions.alarms import ALARM_BITS
from greengrass_components.focas.protocol.functions.program import NUMBERS, SEQUENCE
from greengrass_components.focas.protocol.text import decode_text
from greengrass_components.focas.protocol.values import Value, decode_value, decode_values

POSITION, NAMES, UNITS, COUNTS, FLAGS, SERVO, FEED, SPEED = 0x26, 0x89, 0x88, 0xA4, 0xA3, 0x56, 0x24, 0x25
SPINDLE_NAMES = 0x8A
ALL = -1
NAME_SIZE = 4
WORD = struct.Struct(">H")


class Kind(IntEnum):
    """Which position (a1 of 0x26)."""

    ABSOLUTE_SHOWN = 0
    MACHINE = 1
    RELATIVE_SHOWN = 2
    DISTANCE_SHOWN = 3
    ABSOLUTE = 4
    RELATIVE = 6
    DISTANCE = 7
    SKIP = 8
    SERVO_DELAY = 9
    ACCELERATION_DELAY = 10


class Count(IntEnum):
    """What to count (a1 of 0xa4)."""

    AXES = 0
    SPINDLES = 1
    SERVO_AXES = 2
    SELECTED_SPINDLE = 3


@dataclass(frozen=True, slots=True)
class Dynamic:
    """What cnc_rddynamic2 gathers in one PDU; positions of all axis slots, or of the one asked for."""

    alarm_bits: int
    running: int
    main: int
    sequence: int
    feed: Value
    speed: Value
    absolute: list[Value]
    machine: list[Value]
    relative: list[Value]
    distance: list[Value]


@dataclass(frozen=True, slots=True)
class Position:
    """cnc_rdposition: positions of the displayed axes, in the order of `names`; empty lists were not asked."""

    names: list[str]
    absolute: list[Value]
    machine: list[Value]
    relative: list[Value]
    distance: list[Value]


@dataclass(frozen=True, slots=True)
class Speed:
    """cnc_rdspeed: actual feed and spindle speed; `feed_unit` 0 mm/min, 1 inch/min, 3 mm/rev, 4 inch/rev."""

    feed: Value
    speed: Value
    feed_unit: int


@dataclass(frozen=True, slots=True)
class ServoLoad:
    """Load meter of one axis in percent, without sign, as the control's own library shows it."""

    name: str
    load: Value


@dataclass(frozen=True, slots=True)
class ServoData:
    """Load in percent and in ampere of one axis."""

    name: str
    load: Value
    current: Value


def position(kind: Kind, axis: int = ALL) -> Call[list[Value]]:
    """One kind of position, of one axis or of all axis slots."""
    return one(Request(POSITION, kind, axis), decode_values)


def actf() -> Call[Value]:
    """Actual feed, mm/min."""
    return one(Request(FEED), decode_value)


def rdaxisname() -> Call[list[str]]:
    """Names of the controlled axes."""
    return one(Request(NAMES), decode_names)


def decode_names(payload: bytes) -> list[str]:
    """Names that are in use; each in four bytes."""
    names = (decode_text(record) for record in records(payload, NAME_SIZE, "names"))
    return [name for name in names if name]


def encode_names(names: Sequence[str], *, slots: int) -> bytes:
    """Payload of 0x89 (a1 0) and 0x8a."""
    named = b"".join(name.encode("ascii")[:3].ljust(NAME_SIZE, b"\0") for name in names)
    return named.ljust(NAME_SIZE * slots, b"\0")


def encode_display_names(names: Sequence[str], *, slots: int) -> bytes:
    """Payload of 0x89 (a1 -1): axis, absolute, machine and relative name of each axis."""
    fourfold = [name for name in names for _ in range(4)]
    return encode_names(fourfold, slots=4 * slots)


def count(what: Count) -> Call[int]:
    """How many of them the control shows."""
    return one(Request(COUNTS, what), decode_count)


def decode_count(payload: bytes) -> int:
    """Payload of 0xa4."""
    return int(WORD.unpack(exactly(payload, WORD.size, "count"))[0])


def encode_count(number: int) -> bytes:
    """Payload of 0xa4."""
    return WORD.pack(number)


def encode_axis_units(units: Sequence[int], *, slots: int) -> bytes:
    """Payload of 0x88 (a1 1 and 2): the same unit twice per axis."""
    return b"".join(struct.pack(">hh", unit, unit) for unit in units).ljust(4 * slots, b"\0")


def rddynamic2(axis: int = ALL) -> Call[Dynamic]:
    """Alarm bits, program, sequence number, feed, speed and four positions in one PDU of nine blocks."""
    kinds = (Kind.ABSOLUTE, Kind.MACHINE, Kind.RELATIVE, Kind.DISTANCE)
    heads = (ALARM_BITS, NUMBERS, SEQUENCE, FEED, SPEED)
    requests = tuple(Request(code) for code in heads) + tuple(Request(POSITION, kind, axis) for kind in kinds)
    return Call(requests, _read_dynamic)


def _read_dynamic(payloads: Sequence[bytes]) -> Dynamic:
    running, main = struct.unpack(">2i", exactly(payloads[1], 8, "program numbers"))
    return Dynamic(
        alarm_bits=int.from_bytes(exactly(payloads[0], 4, "alarm bits"), "big"),
        running=running,
        main=main,
        sequence=int.from_bytes(exactly(payloads[2], 4, "sequence number"), "big"),
        feed=decode_value(payloads[3]),
        speed=decode_value(payloads[4]),
        absolute=decode_values(payloads[5]),
        machine=decode_values(payloads[6]),
        relative=decode_values(payloads[7]),
        distance=decode_values(payloads[8]),
    )


SHOWN = (Kind.ABSOLUTE_SHOWN, Kind.MACHINE, Kind.RELATIVE_SHOWN, Kind.DISTANCE_SHOWN)


def rdposition(*kinds: Kind) -> Call[Position]:
    """Positions as the control displays them, with names, in one PDU; all four kinds unless some are named."""
    wanted = kinds or SHOWN
    counted = Request(COUNTS, Count.AXES)
    heads = (counted, Request(NAMES, ALL), Request(UNITS, 1), Request(UNITS, 2), Request(FLAGS, 0, ALL))

    def read(payloads: Sequence[bytes]) -> Position:
        shown = min(decode_count(payloads[0]), decode_count(payloads[-1]))
        names = decode_names(payloads[1])[0 : 4 * shown : 4]
        columns = dict(zip(wanted, (decode_values(payload)[:shown] for payload in payloads[5:-1]), strict=True))
        absolute, machine, relative, distance = (columns.get(kind, []) for kind in SHOWN)
        return Position(names, absolute, machine, relative, distance)

    return Call((*heads, *(Request(POSITION, kind, ALL) for kind in wanted), counted), read)


def rdspeed() -> Call[Speed]:
    """Actual feed and spindle speed with the feed's unit, in one PDU of seven blocks."""
    counted = Request(COUNTS, Count.SELECTED_SPINDLE)
    middle = (Request(SPINDLE_NAMES, 1), Request(UNITS, 3), Request(UNITS, 4), Request(FEED), Request(SPEED))
    return Call((counted, *middle, counted), _read_speed)


def _read_speed(payloads: Sequence[bytes]) -> Speed:
    unit, _ = struct.unpack(">hh", exactly(payloads[2], 4, "feed unit"))
    return Speed(decode_value(payloads[4]), decode_value(payloads[5]), unit - 3)


def rdaxisdata_servo() -> Call[list[ServoData]]:
    """cnc_rdaxisdata, class 2, all three types, in one PDU of six blocks."""
    counted = Request(COUNTS, Count.SERVO_AXES)
    middle = (Request(NAMES), Request(SERVO, 1), Request(SERVO, 1), Request(SERVO, 3))
    return Call((counted, *middle, counted), _read_servo_data)


def _read_servo_data(payloads: Sequence[bytes]) -> list[ServoData]:
    shown = min(decode_count(payloads[0]), decode_count(payloads[-1]))
    names, loads, currents = decode_names(payloads[1]), decode_values(payloads[2]), decode_values(payloads[4])
    return [ServoData(*row) for row in list(zip(names, loads, currents, strict=False))[:shown]]


def rdsvmeter() -> Call[list[ServoLoad]]:
    """Load meters of all servo axes, in one PDU of four blocks."""
    counted = Request(COUNTS, Count.SERVO_AXES)
    return Call((counted, Request(NAMES), Request(SERVO, 1), counted), _read_servo)


def _read_servo(payloads: Sequence[bytes]) -> list[ServoLoad]:
    shown = min(decode_count(payloads[0]), decode_count(payloads[-1]))
    names, loads = decode_names(payloads[1]), decode_values(payloads[2])
    pairs = list(zip(names, loads, strict=False))[:shown]
    return [ServoLoad(name, Value(abs(load.data), load.dec, load.base)) for name, load in pairs]
