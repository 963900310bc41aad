"""Timers and the control's clock: cnc_rdtimer, cnc_gettimer, cnc_settimer.

0x120 (a1 0 power-on, 1 operating, 2 cutting, 3 cycle, 4 free): i32 minutes, i32 milliseconds within the minute.
The vendor's library reads big-endian, several real controls send little-endian: milliseconds outside 0..59999
tell which it is, and so do minutes beyond 31 years. The rest is ambiguous, above all a power-on timer, which has no
milliseconds: what another timer of the same control told decides then (`Elapsed.in_order`).
0x45 (a1 0 date, 1 time): six words, year month day hour minute second; date uses the first three, time the last.
"""

import struct
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import IntEnum

from greengrass_components.focas.errors import MalformedReply
from greengrass_components.focas.protocol.blocks import Call, Request, exactly, one

TIMER, GET_CLOCK, SET_CLOCK = 0x120, 0x45, 0x46
CLOCK = struct.Struct(">6h")
MINUTE_MS = 60_000
MOST_MINUTES = 1 << 24  # 31 years


class Timer(IntEnum):
    """a1 of 0x120."""

    POWER_ON = 0
    OPERATING = 1
    CUTTING = 2
    CYCLE = 3
    FREE = 4


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Minutes and the milliseconds within the minute; `order` is ">" or "<" when the bytes leave no doubt, else ""."""

    minutes: int
    ms: int
    order: str = ""

    @property
    def seconds(self) -> float:
        """The whole time in seconds."""
        return self.minutes * 60 + self.ms / 1000

    def in_order(self, order: str) -> "Elapsed":
        """The same bytes, read in the order this control is known to send; no change when they leave no doubt."""
        if self.order or order != "<":
            return self
        minutes, ms = struct.unpack("<2i", struct.pack(">2i", self.minutes, self.ms))
        return Elapsed(minutes, ms)


def rdtimer(timer: Timer) -> Call[Elapsed]:
    """One timer, whichever byte order the control sends."""
    return one(Request(TIMER, timer), decode_timer)


def decode_timer(payload: bytes) -> Elapsed:
    """Payload of 0x120. Raises MalformedReply when neither byte order makes sense."""
    exactly(payload, 8, "timer")
    minutes, ms = struct.unpack(">2i", payload)
    swapped_minutes, swapped_ms = struct.unpack("<2i", payload)
    swapped_possible = _possible(swapped_minutes, swapped_ms)
    if _possible(minutes, ms):
        return Elapsed(minutes, ms, "" if swapped_possible else ">")
    if swapped_possible:
        return Elapsed(swapped_minutes, swapped_ms, "<")
    raise MalformedReply(f"a timer has milliseconds 0..59999 within the minute, got bytes {payload.hex()}")


def _possible(minutes: int, ms: int) -> bool:
    return 0 <= ms < MINUTE_MS and 0 <= minutes < MOST_MINUTES


def encode_timer(ms: int, *, little_endian: bool = False) -> bytes:
    """Payload of 0x120."""
    return struct.pack("<2i" if little_endian else ">2i", *divmod(ms, MINUTE_MS))


def gettimer_date() -> Call[date]:
    """The control's date."""
    return one(Request(GET_CLOCK, 0), lambda payload: _read_clock(payload).date())


def gettimer_time() -> Call[time]:
    """The control's time of day; it has no zone."""
    return one(Request(GET_CLOCK, 1), lambda payload: _read_clock(payload).time())


def _read_clock(payload: bytes) -> datetime:
    year, month, day, hour, minute, second = CLOCK.unpack(exactly(payload, CLOCK.size, "clock"))
    try:
        # A half that was not asked for may be zero, which is no date.
        return datetime(year or 1, month or 1, day or 1, hour, minute, second)  # noqa: DTZ001  the control has no zone
    except ValueError as wrong:
        raise MalformedReply(f"no date or time: {payload.hex()}") from wrong


def encode_clock(now: datetime) -> bytes:
    """Payload of 0x45."""
    return CLOCK.pack(now.year, now.month, now.day, now.hour, now.minute, now.second)


def decode_clock_write(data: bytes) -> tuple[int, ...]:
    """Extra data of 0x46: six words of which the asked half counts. Raises MalformedReply on a wrong size."""
    return tuple(CLOCK.unpack(exactly(data, CLOCK.size, "clock write")))
