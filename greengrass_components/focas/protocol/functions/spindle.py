"""Spindles: cnc_acts, cnc_acts2, cnc_rdspmeter, cnc_rdspload, cnc_rdspmaxrpm, cnc_rdspgear, cnc_rdspdlname.

0x40 (a1 kind, a2 spindle or -1): always an array of as many values as the control has spindle slots.
The vendor's library sends the number of spindles (0xa4, 1) before and after and takes the smaller.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from greengrass_components.focas.protocol.blocks import Call, Request, one
from greengrass_components.focas.protocol.functions.axes import (
    COUNTS,
    SPEED,
    SPINDLE_NAMES,
    Count,
    decode_count,
    decode_names,
)
from greengrass_components.focas.protocol.values import Value, decode_value, decode_values

SPINDLE = 0x40
ALL = -1


class Kind(IntEnum):
    """Which value (a1 of 0x40)."""

    LOAD_RAW = 0  # no percent
    MAX_RPM = 1
    GEAR = 2
    ACTUAL_SPEED = 3
    LOAD_METER = 4  # percent
    MOTOR_SPEED = 5
    DATA_SPEED = 7  # cnc_rdaxisdata


@dataclass(frozen=True, slots=True)
class SpindleMeter:
    """Load in percent and motor speed in rpm of one spindle; None = not asked."""

    name: str
    load: Value | None
    speed: Value | None


@dataclass(frozen=True, slots=True)
class SpindleData:
    """cnc_rdaxisdata, class 3: load meter, motor speed, actual speed of one spindle."""

    name: str
    load: Value
    motor_speed: Value
    speed: Value


def acts() -> Call[Value]:
    """Actual speed of the selected spindle, rpm."""
    return one(Request(SPEED), decode_value)


def rdspdlname() -> Call[list[str]]:
    """Names of the spindles."""
    return one(Request(SPINDLE_NAMES), decode_names)


def spindle(kind: Kind, number: int = ALL) -> Call[list[Value]]:
    """One kind of value of one spindle or of all (acts2, rdspload, rdspmaxrpm, rdspgear)."""
    counted = Request(COUNTS, Count.SPINDLES)
    return Call((counted, Request(SPINDLE, kind, number), counted), _read_spindle)


def _read_spindle(payloads: Sequence[bytes]) -> list[Value]:
    shown = min(decode_count(payloads[0]), decode_count(payloads[-1]))
    return decode_values(payloads[1])[:shown]


def rdspmeter(*, load: bool = True, speed: bool = True) -> Call[list[SpindleMeter]]:
    """Load and motor speed of all spindles (or one of the two), in one PDU."""
    counted = Request(COUNTS, Count.SPINDLES)
    wanted = [kind for kind, on in ((Kind.LOAD_METER, load), (Kind.MOTOR_SPEED, speed)) if on]
    middle = (Request(SPINDLE, kind, ALL) for kind in wanted)

    def read(payloads: Sequence[bytes]) -> list[SpindleMeter]:
        columns = dict(zip(wanted, (decode_values(payload) for payload in payloads[2:-1]), strict=True))
        loads, speeds = columns.get(Kind.LOAD_METER), columns.get(Kind.MOTOR_SPEED)
        return [
            SpindleMeter(name, loads[at] if loads else None, speeds[at] if speeds else None)
            for at, name in enumerate(_names(payloads))
        ]

    return Call((counted, Request(SPINDLE_NAMES, ALL), *middle, counted), read)


def rdaxisdata_spindle() -> Call[list[SpindleData]]:
    """cnc_rdaxisdata, class 3, all four types, in one PDU of seven blocks."""
    counted = Request(COUNTS, Count.SPINDLES)
    kinds = (Kind.LOAD_METER, Kind.MOTOR_SPEED, Kind.ACTUAL_SPEED, Kind.DATA_SPEED)
    middle = (Request(SPINDLE, kind, ALL) for kind in kinds)
    return Call((counted, Request(SPINDLE_NAMES, ALL), *middle, counted), _read_data)


def _read_data(payloads: Sequence[bytes]) -> list[SpindleData]:
    loads, motors, speeds = (decode_values(payload) for payload in payloads[2:5])
    names = _names(payloads)
    return [SpindleData(*row) for row in zip(names, loads, motors, speeds, strict=False)]


def _names(payloads: Sequence[bytes]) -> list[str]:
    """Names of the spindles that both counts agree on."""
    shown = min(decode_count(payloads[0]), decode_count(payloads[-1]))
    return decode_names(payloads[1])[:shown]
