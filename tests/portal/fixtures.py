"""What stands in the fake shop."""

import math
from datetime import UTC, datetime

SITE = {"id": "s_0000000000000001", "name": "Plant Stuttgart", "timeZone": "Europe/Berlin"}

# key, unit, middle, swing
SIGNALS = (
    ("s1.load", "PERCENT", 52.0, 30.0),
    ("s1.rotary_velocity.actual", "REVOLUTION/MINUTE", 7200.0, 900.0),
    ("path1.path_feedrate.actual", "MILLIMETER/SECOND", 24.0, 12.0),
    ("x.position.actual", "MILLIMETER", 0.0, 180.0),
    ("z.load", "PERCENT", 31.0, 14.0),
    ("s1.temperature", "CELSIUS", 41.0, 3.0),
    ("energy.wattage", "WATT", 5400.0, 2600.0),
)

_MILLING, _TURNING = "Cell A · Milling", "Cell B · Turning"

# name, kind, cell, (tile state, execution), minutes (in that state, since the last row), parts made, parts wanted
MACHINES = (
    ("Mill 01", "mill", _MILLING, ("ACTIVE", "ACTIVE"), (18, 0), 148, 240),
    ("Mill 02", "mill", _MILLING, ("ALARM", "STOPPED"), (6, 0), 61, 180),
    ("Mill 03", "mill", _MILLING, ("SETUP", "OPTIONAL_STOP"), (4, 0), 12, 90),
    ("5-axis 01", "five_axis", _MILLING, ("ACTIVE", "ACTIVE"), (141, 0), 9, 24),
    ("Lathe 01", "lathe", _TURNING, ("ACTIVE", "ACTIVE"), (3, 0), 402, 400),
    ("Lathe 02", "lathe", _TURNING, ("IDLE", "READY"), (34, 0), 233, 400),
    ("Lathe 03", "lathe", _TURNING, ("BLOCKED", "WAIT"), (2, 0), 310, 400),
    ("Lathe 04", "lathe", _TURNING, ("OFFLINE", "UNAVAILABLE"), (3000, 3000), 77, 400),
)

# machine, number, type, text, raised minutes ago, lasted minutes
ALARMS = (
    (2, "411", "SERVO", "SERVO ALARM: X AXIS EXCESS ERROR", 6, None),
    (1, "1006", "EXTERNAL", "COOLANT LEVEL LOW", 210, 4),
    (6, "2010", "OPERATOR", "CHUCK NOT CLAMPED", 300, 11),
)

# execution, minutes
TIMELINE = (
    ("READY", 50),
    ("ACTIVE", 260),
    ("FEED_HOLD", 20),
    ("ACTIVE", 330),
    ("READY", 90),
    ("ACTIVE", 400),
    ("WAIT", 40),
)


def stamp(at: datetime) -> str:
    """RFC 3339 UTC with milliseconds, as the API writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def machine_id(number: int) -> str:
    return f"m_{number:016d}"


def value_at(signal: int, at_s: float) -> float:
    """A curve that looks like cutting; reproducible from its time."""
    _, _, middle, swing = SIGNALS[signal]
    slow = math.sin(at_s / 17 + signal)
    fast = math.sin(at_s / 1.9 + 2 * signal) * 0.3
    return round(middle + swing * (0.7 * slow + fast), 2)
