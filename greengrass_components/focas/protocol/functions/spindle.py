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
    """Load in percent and motor speed in rpm of one spindle."""

    name: str
    load: Value
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


def rdspmeter() -> Call[list[SpindleMeter]]:
    """Load and motor speed of all spindles, in one PDU of five blocks."""
    counted = Request(COUNTS, Count.SPINDLES)
    kinds = (Request(SPINDLE, Kind.LOAD_METER, ALL), Request(SPINDLE, Kind.MOTOR_SPEED, ALL))
    return Call((counted, Request(SPINDLE_NAMES, ALL), *kinds, counted), _read_meter)


def _read_meter(payloads: Sequence[bytes]) -> list[SpindleMeter]:
    shown = min(decode_count(payloads[0]), decode_count(payloads[-1]))
    names, loads, speeds = decode_names(payloads[1]), decode_values(payloads[2]), decode_values(payloads[3])
    return [SpindleMeter(*triple) for triple in list(zip(names, loads, speeds, strict=False))[:shown]]
