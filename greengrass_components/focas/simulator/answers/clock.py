"""Timers and clock."""

from greengrass_components.focas.errors import MalformedReply
from greengrass_components.focas.protocol.blocks import Request
from greengrass_components.focas.protocol.functions import clock
from greengrass_components.focas.simulator.answers.registry import answers
from greengrass_components.focas.simulator.cnc import Cnc
from greengrass_components.focas.simulator.refusal import ATTRIBUTE, DATA, LENGTH, Refusal


@answers(clock.TIMER)
def timer(cnc: Cnc, request: Request) -> bytes:
    c = cnc.control
    known = {
        clock.Timer.POWER_ON: c.power_on_ms // clock.MINUTE_MS * clock.MINUTE_MS,  # counted in minutes
        clock.Timer.OPERATING: c.operating_ms,
        clock.Timer.CUTTING: c.cutting_ms,
        clock.Timer.CYCLE: c.cycle_ms,
        clock.Timer.FREE: 0,
    }
    if request.a1 not in set(clock.Timer):
        raise Refusal(ATTRIBUTE)
    return clock.encode_timer(known[clock.Timer(request.a1)], little_endian=cnc.persona.little_endian_timers)


@answers(clock.GET_CLOCK)
def read_clock(cnc: Cnc, request: Request) -> bytes:
    if request.a1 not in (0, 1):
        raise Refusal(ATTRIBUTE)
    return clock.encode_clock(cnc.now)


@answers(clock.SET_CLOCK)
def set_clock(cnc: Cnc, request: Request) -> bytes:
    if request.a1 not in (0, 1):
        raise Refusal(ATTRIBUTE)
    try:
        year, month, day, hour, minute, second = clock.decode_clock_write(request.data)
        if request.a1 == 0:
            wanted = cnc.now.replace(year=year, month=month, day=day)
        else:
            wanted = cnc.now.replace(hour=hour, minute=minute, second=second)
    except MalformedReply as wrong:
        raise Refusal(LENGTH) from wrong
    except ValueError as wrong:
        raise Refusal(DATA) from wrong
    cnc.clock_offset += wanted - cnc.now
    return b""
