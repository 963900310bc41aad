"""Alarms that stop simulated machines: numbers, types and wording in the manner of the control."""

from dataclasses import dataclass

PS, OT, OH, SV, SP, EX = 3, 4, 5, 6, 9, 15


@dataclass(frozen=True, slots=True)
class AlarmSpec:
    """One alarm. `aborts`: the part in the machine is lost. `emergency`: comes with an emergency stop."""

    number: int
    type: int
    axis: int
    text: str
    minutes: tuple[float, float]
    weight: float
    kinds: frozenset[str]
    aborts: bool = False
    emergency: bool = False


_ALL = frozenset({"mill", "lathe", "5-axis", "replay"})
_MILLS = frozenset({"mill", "5-axis", "replay"})
_LATHE = frozenset({"lathe"})

ALARMS: tuple[AlarmSpec, ...] = (
    AlarmSpec(1005, EX, 0, "COOLANT LEVEL LOW", (1.5, 5.0), 3.0, _ALL),
    AlarmSpec(1010, EX, 0, "AIR PRESSURE LOW", (1.0, 4.0), 1.0, _ALL),
    AlarmSpec(1022, EX, 0, "CHIP CONVEYOR OVERLOAD", (1.5, 6.0), 2.0, _ALL),
    AlarmSpec(1031, EX, 0, "BAR FEEDER: END OF BAR", (1.0, 3.5), 3.0, _LATHE),
    AlarmSpec(1040, EX, 0, "CHUCK CLAMP NOT CONFIRMED", (1.0, 4.0), 1.0, _LATHE),
    AlarmSpec(1052, EX, 0, "ATC: TOOL NOT IN POSITION", (2.0, 8.0), 1.5, _MILLS),
    AlarmSpec(500, OT, 1, "(X)+ OVERTRAVEL (SOFT 1)", (1.0, 3.0), 0.5, _ALL, aborts=True),
    AlarmSpec(411, SV, 3, "(Z)EXCESS ERROR(MOVING)", (3.0, 10.0), 0.5, _MILLS, aborts=True),
    AlarmSpec(436, SV, 1, "(X)SOFTTHERMAL(OVC)", (3.0, 9.0), 0.4, _ALL, aborts=True),
    AlarmSpec(9001, SP, 0, "SSPA:01 MOTOR OVERHEAT", (5.0, 12.0), 0.3, _ALL),
    AlarmSpec(1000, EX, 0, "EMERGENCY STOP PRESSED", (1.0, 4.0), 0.6, _ALL, aborts=True, emergency=True),
)
TOOL_BREAKAGE = AlarmSpec(1060, EX, 0, "TOOL BREAKAGE DETECTED", (2.0, 6.0), 0.0, _ALL, aborts=True)


def alarms_of(kind: str) -> tuple[AlarmSpec, ...]:
    """What may stop a machine of this kind."""
    return tuple(alarm for alarm in ALARMS if kind in alarm.kinds)
