"""Types, units and values of MTConnect, as far as this product reads or serves them (2.0 schema, names since 1.0)."""

from typing import Final

UNAVAILABLE: Final = "UNAVAILABLE"

#: Samples by type, with the units their values have on the wire.
SAMPLES: Final[dict[str, str]] = {
    "ACCELERATION": "MILLIMETER/SECOND^2",
    "ACCUMULATED_TIME": "SECOND",
    "AMPERAGE": "AMPERE",
    "AMPERAGE_AC": "AMPERE",
    "AMPERAGE_DC": "AMPERE",
    "ANGLE": "DEGREE",
    "ANGULAR_VELOCITY": "DEGREE/SECOND",
    "AXIS_FEEDRATE": "MILLIMETER/SECOND",
    "CONCENTRATION": "PERCENT",
    "DISPLACEMENT": "MILLIMETER",
    "ELECTRICAL_ENERGY": "WATT_SECOND",
    "EQUIPMENT_TIMER": "SECOND",
    "FILL_LEVEL": "PERCENT",
    "FLOW": "LITER/SECOND",
    "FREQUENCY": "HERTZ",
    "HUMIDITY_RELATIVE": "PERCENT",
    "LINEAR_FORCE": "NEWTON",
    "LOAD": "PERCENT",
    "MASS": "KILOGRAM",
    "PATH_FEEDRATE": "MILLIMETER/SECOND",
    "POSITION": "MILLIMETER",
    "POWER_FACTOR": "PERCENT",
    "PRESSURE": "PASCAL",
    "PROCESS_TIMER": "SECOND",
    "ROTARY_VELOCITY": "REVOLUTION/MINUTE",
    "SOUND_LEVEL": "DECIBEL",
    "SPINDLE_SPEED": "REVOLUTION/MINUTE",
    "TEMPERATURE": "CELSIUS",
    "TORQUE": "NEWTON_METER",
    "VELOCITY": "MILLIMETER/SECOND",
    "VOLTAGE": "VOLT",
    "VOLTAGE_AC": "VOLT",
    "VOLTAGE_DC": "VOLT",
    "VOLT_AMPERE": "VOLT_AMPERE",
    "VOLT_AMPERE_REACTIVE": "VOLT_AMPERE_REACTIVE",
    "WATTAGE": "WATT",
}

#: Events whose value is a number, with their units.
NUMBERS: Final[dict[str, str]] = {
    "AXIS_FEEDRATE_OVERRIDE": "PERCENT",
    "LINE": "",
    "LINE_NUMBER": "",
    "PART_COUNT": "COUNT",
    "PATH_FEEDRATE_OVERRIDE": "PERCENT",
    "ROTARY_VELOCITY_OVERRIDE": "PERCENT",
    "TOOL_NUMBER": "",
}

#: Events whose value is one of a few words.
WORDS: Final[dict[str, tuple[str, ...]]] = {
    "AVAILABILITY": ("AVAILABLE",),
    "AXIS_STATE": ("HOME", "TRAVEL", "PARKED", "STOPPED"),
    "CHUCK_STATE": ("OPEN", "CLOSED", "UNLATCHED"),
    "CONTROLLER_MODE": ("AUTOMATIC", "MANUAL", "MANUAL_DATA_INPUT", "SEMI_AUTOMATIC", "EDIT", "FEED_HOLD"),
    "DOOR_STATE": ("OPEN", "CLOSED", "UNLATCHED"),
    "EMERGENCY_STOP": ("ARMED", "TRIGGERED"),
    "EXECUTION": (
        "READY", "ACTIVE", "INTERRUPTED", "FEED_HOLD", "STOPPED", "OPTIONAL_STOP", "PROGRAM_STOPPED",
        "PROGRAM_COMPLETED", "WAIT",
    ),
    "FUNCTIONAL_MODE": ("PRODUCTION", "SETUP", "TEARDOWN", "MAINTENANCE", "PROCESS_DEVELOPMENT"),
    "POWER_STATE": ("ON", "OFF"),
    "PROCESS_STATE": ("INITIALIZING", "READY", "ACTIVE", "COMPLETE", "INTERRUPTED", "ABORTED"),
    "ROTARY_MODE": ("SPINDLE", "INDEX", "CONTOUR"),
    "WAIT_STATE": (
        "POWERING_UP", "POWERING_DOWN", "PART_LOAD", "PART_UNLOAD", "TOOL_LOAD", "TOOL_UNLOAD", "MATERIAL_LOAD",
        "MATERIAL_UNLOAD", "SECONDARY_PROCESS", "PAUSING", "RESUMING",
    ),
}  # fmt: skip

#: Words that older agents send, and what they are called now.
RENAMED_WORDS: Final[dict[tuple[str, str], str]] = {
    ("EXECUTION", "PROGRAM_OPTIONAL_STOP"): "OPTIONAL_STOP",
    ("EXECUTION", "IDLE"): "READY",
}

CONDITIONS: Final = frozenset(
    {"ACTUATOR", "COMMUNICATIONS", "DATA_RANGE", "HARDWARE", "LOGIC_PROGRAM", "MOTION_PROGRAM", "SYSTEM"}
) | frozenset(SAMPLES)

STATISTICS: Final = frozenset(
    {"AVERAGE", "KURTOSIS", "MAXIMUM", "MEDIAN", "MINIMUM", "MODE", "RANGE", "ROOT_MEAN_SQUARE", "STANDARD_DEVIATION"}
)

SUBTYPES: Final = frozenset(
    {
        "ABORTED", "ABSOLUTE", "ACTUAL", "ALL", "BAD", "COMMANDED", "COMPLETE", "DELAY", "FAILED", "GOOD",
        "INCREMENTAL", "JOG", "LINE", "LOADED", "OPERATING", "OVERRIDE", "POWERED", "PROCESS", "PROGRAMMED", "RAPID",
        "REMAINING", "TARGET", "WORKING",
    }
)  # fmt: skip

_SPELT: Final = {"AC": "AC", "DC": "DC", "PH": "PH", "MTCONNECT": "MTConnect"}


def element_name(kind: str) -> str:
    """The element an observation of a type has: ROTARY_VELOCITY is RotaryVelocity, VOLTAGE_AC is VoltageAC."""
    return "".join(_SPELT.get(word, word.capitalize()) for word in kind.split("_"))


def units_of(kind: str) -> str:
    """Units of a type on the wire, "" when it has none."""
    return SAMPLES.get(kind) or NUMBERS.get(kind, "")
