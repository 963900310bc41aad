"""Axes and spindles."""

import struct
from collections.abc import Callable

from greengrass_components.focas.protocol.blocks import Request
from greengrass_components.focas.protocol.functions import axes, spindle
from greengrass_components.focas.protocol.values import Value, padded, scaled
from greengrass_components.focas.simulator.answers.registry import answers, shows
from greengrass_components.focas.simulator.cnc import Cnc
from greengrass_components.focas.simulator.control import Axis, Spindle
from greengrass_components.focas.simulator.refusal import ATTRIBUTE, Refusal

DECIMALS = 3
MILLIMETRE, DEGREE = 0, 2
MM_PER_MIN = 3  # feed unit + 3
SHOWN = 0x0F
GEAR = 100
AMPERE_PER_PERCENT = 0.2

POSITIONS: dict[int, Callable[[Axis], float]] = {
    axes.Kind.ABSOLUTE_SHOWN: lambda axis: axis.absolute,
    axes.Kind.MACHINE: lambda axis: axis.machine,
    axes.Kind.RELATIVE_SHOWN: lambda axis: axis.relative,
    axes.Kind.DISTANCE_SHOWN: lambda axis: axis.distance,
    axes.Kind.ABSOLUTE: lambda axis: axis.absolute,
    axes.Kind.RELATIVE: lambda axis: axis.relative,
    axes.Kind.DISTANCE: lambda axis: axis.distance,
    axes.Kind.SKIP: lambda axis: axis.machine,
    axes.Kind.SERVO_DELAY: lambda _: 0.0,
    axes.Kind.ACCELERATION_DELAY: lambda _: 0.0,
}
SPINDLES: dict[int, Callable[[Spindle], float]] = {
    spindle.Kind.LOAD_RAW: lambda s: s.load_percent,
    spindle.Kind.MAX_RPM: lambda s: s.max_rpm,
    spindle.Kind.GEAR: lambda _: GEAR,
    spindle.Kind.ACTUAL_SPEED: lambda s: s.speed_rpm,
    spindle.Kind.LOAD_METER: lambda s: s.load_percent,
    spindle.Kind.MOTOR_SPEED: lambda s: s.speed_rpm,
    spindle.Kind.DATA_SPEED: lambda s: s.speed_rpm,
}


@answers(axes.POSITION)
def position(cnc: Cnc, request: Request) -> bytes:
    read = POSITIONS.get(request.a1)
    if read is None:
        raise Refusal(ATTRIBUTE)
    present = cnc.control.axes
    if request.a2 == axes.ALL:
        return padded([scaled(read(axis), DECIMALS) for axis in present], cnc.dialect.max_axes)
    if not 1 <= request.a2 <= len(present):
        raise Refusal(ATTRIBUTE)
    return scaled(read(present[request.a2 - 1]), DECIMALS).encode()


@answers(axes.NAMES)
def names(cnc: Cnc, request: Request) -> bytes:
    present = [axis.name for axis in cnc.control.axes]
    if request.a1 == axes.ALL:
        return axes.encode_display_names(present, slots=cnc.dialect.max_axes)
    return axes.encode_names(present, slots=cnc.dialect.max_axes)


@shows(axes.SPINDLE_NAMES)
def spindle_names(cnc: Cnc) -> bytes:
    return axes.encode_names([s.name for s in cnc.control.spindles], slots=cnc.dialect.max_spindles)


@answers(axes.COUNTS)
def counts(cnc: Cnc, request: Request) -> bytes:
    known = {
        axes.Count.AXES: len(cnc.control.axes),
        axes.Count.SPINDLES: len(cnc.control.spindles),
        axes.Count.SERVO_AXES: len(cnc.control.axes),
        axes.Count.SELECTED_SPINDLE: 1 if cnc.control.spindles else 0,
    }
    found = {int(what): number for what, number in known.items()}.get(request.a1)
    if found is None:
        raise Refusal(ATTRIBUTE)
    return axes.encode_count(found)


@answers(axes.UNITS)
def units(cnc: Cnc, request: Request) -> bytes:
    if request.a1 in (0, 1, 2):
        each = [DEGREE if axis.rotary else MILLIMETRE for axis in cnc.control.axes]
        return axes.encode_axis_units(each, slots=cnc.dialect.max_axes)
    if request.a1 == 3:
        return struct.pack(">hh", MM_PER_MIN, MM_PER_MIN)
    if request.a1 == 4:
        return bytes(4)
    raise Refusal(ATTRIBUTE)


@shows(axes.FLAGS)
def flags(cnc: Cnc) -> bytes:
    return struct.pack(">i", SHOWN) * cnc.dialect.max_axes


@answers(axes.SERVO)
def servo(cnc: Cnc, request: Request) -> bytes:
    present = cnc.control.axes
    if request.a1 in (1, 2):
        loads = [Value(round(axis.load_percent)) for axis in present]
    elif request.a1 == 3:
        loads = [scaled(axis.load_percent * AMPERE_PER_PERCENT, 1) for axis in present]
    else:
        raise Refusal(ATTRIBUTE)
    return padded(loads, cnc.dialect.max_axes)


@shows(axes.FEED)
def feed(cnc: Cnc) -> bytes:
    return scaled(cnc.control.feed_mm_min, 0).encode()


@shows(axes.SPEED)
def speed(cnc: Cnc) -> bytes:
    spindles = cnc.control.spindles
    return scaled(spindles[0].speed_rpm if spindles else 0, 0).encode()


@answers(spindle.SPINDLE)
def spindle_values(cnc: Cnc, request: Request) -> bytes:
    read = SPINDLES.get(request.a1)
    present = cnc.control.spindles
    if read is None or not (request.a2 == spindle.ALL or 1 <= request.a2 <= len(present)):
        raise Refusal(ATTRIBUTE)
    wanted = present if request.a2 == spindle.ALL else [present[request.a2 - 1]]
    return padded([Value(round(read(s))) for s in wanted], cnc.dialect.max_spindles)
