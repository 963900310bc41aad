"""The signals of a FOCAS source: one table of descriptions, made for the axes and spindles a control has.

`needs` names the ask whose result a signal is made of; a control that does not have it does not have the signal.
A value outside `low`..`high` is physically impossible for the signal and is never stored.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from cnc.domain.base.mtconnect import ControllerMode, EmergencyStop, Execution, FunctionalMode
from cnc.domain.telemetry.schema import Signal
from greengrass_components.focas.counting import USUAL
from greengrass_components.focas.driver.machine import DEGREE, INCH, AxisFacts, Machine

Value = float | str | None
MM_PER_INCH = 25.4
FAR_MM, FAR_DEGREE = 20_000.0, 100_000.0
LOAD, HEAT = (-300.0, 300.0), (-30.0, 200.0)
MOTIONS = ("NONE", "MOTION", "DWELL", "WAIT")
MSTB = ("NONE", "FIN")
FOREVER_S = 2**31 * 60.0
STATE = "status"  # what the state is made of


@dataclass(frozen=True, slots=True)
class Description:
    """One signal: how it is stored, what it is made of and what is possible."""

    signal: Signal
    needs: str
    value: Callable[[Any], Value]
    low: float = 0.0
    high: float = float("inf")


def descriptions(machine: Machine, *, counts: str = USUAL) -> list[Description]:
    """Every signal this control could have; `counts` is the way it counts parts."""
    path = f"path{machine.path}"
    return [
        *_controller(),
        *_program(path, counts),
        *_feeds(path, machine),
        *(found for at, axis in enumerate(machine.axes) for found in _axis(at, axis)),
        *(found for at, key in enumerate(machine.spindles) for found in _spindle(at, key)),
        *_timers(path),
    ]


def _texts(enumeration: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(member) for member in enumeration)


def _known(texts: tuple[str, ...], number: int) -> str | None:
    return texts[number] if 0 <= number < len(texts) else None


def _controller() -> list[Description]:
    """`state` signals are computed by the driver from several asks; the value function gets the whole state."""
    return [
        Description(Signal("controller.execution", "", "text", texts=_texts(Execution)), STATE, lambda s: s.execution),
        Description(
            Signal("controller.controller_mode", "", "text", texts=_texts(ControllerMode)),
            STATE,
            lambda s: s.controller_mode,
        ),
        Description(
            Signal("controller.functional_mode", "", "text", texts=_texts(FunctionalMode)),
            STATE,
            lambda s: s.functional_mode,
        ),
        Description(
            Signal("controller.emergency_stop", "", "text", texts=_texts(EmergencyStop)),
            STATE,
            lambda s: s.emergency_stop,
        ),
        Description(
            Signal("controller.x_alarm_bits", "", native_name="cnc_alarm2"), "alarm_bits", float, high=2**32 - 1
        ),
    ]


def _program(path: str, counts: str) -> list[Description]:
    return [
        Description(
            Signal(f"{path}.program", "", native_name="cnc_rdprgnum"), "numbers", lambda n: n.running, high=99_999_999
        ),
        Description(Signal(f"{path}.line", "", native_name="cnc_rdseqnum"), "line", float, high=99_999_999),
        Description(Signal(f"{path}.tool_number", ""), "tool", float, high=99_999_999),
        Description(Signal(f"{path}.part_count.all", "COUNT", native_name=counts), "parts", _itself, high=999_999_999),
        Description(
            Signal(f"{path}.part_count.target", "COUNT", native_name="parameter 6713"),
            "parts_required",
            _data,
            high=999_999_999,
        ),
    ]


def _itself(value: float) -> Value:
    return value


def _data(record: Any) -> Value:
    return float(record.value.data)


def _feeds(path: str, machine: Machine) -> list[Description]:
    inch = any(axis.unit == INCH for axis in machine.axes)
    factor = MM_PER_INCH if inch else 1.0
    native = "inch/min" if inch else "mm/min"
    return [
        Description(
            # One step is 1 mm/min, what the control itself shows.
            Signal(f"{path}.path_feedrate.actual", "MILLIMETER/SECOND", resolution=1 / 60, native_unit=native),
            "feed",
            lambda value: None if value.number is None else value.number * factor / 60,
            high=5_000.0,
        ),
        Description(
            Signal(f"{path}.path_feedrate.override", "PERCENT", native_name="G12"),
            "overrides",
            lambda overrides: overrides.feed,
            high=254,
        ),
        Description(
            Signal(f"{path}.path_feedrate.rapid_override", "PERCENT", native_name="G14"),
            "overrides",
            lambda overrides: overrides.rapid,
            high=200,
        ),
        Description(
            Signal(f"{path}.x_motion", "", "text", texts=MOTIONS), "motion", lambda word: _known(MOTIONS, word)
        ),
        Description(Signal(f"{path}.x_mstb", "", "text", texts=MSTB), "mstb", lambda word: _known(MSTB, word)),
    ]


def _axis(at: int, axis: AxisFacts) -> list[Description]:
    rotary, inch = axis.unit == DEGREE, axis.unit == INCH
    kind, unit, far = ("angle", "DEGREE", FAR_DEGREE) if rotary else ("position", "MILLIMETER", FAR_MM)
    factor = MM_PER_INCH if inch else 1.0
    native = "inch" if inch else "degree" if rotary else "mm"

    def position(subtype: str, needs: str) -> Description:
        signal = Signal(f"{axis.key}.{kind}.{subtype}", unit, resolution=0.001, native_unit=native)
        return Description(signal, needs, lambda values: _times(values[at], factor), -far, far)

    return [
        position("actual", "absolute"),
        position("machine", "machine"),
        position("relative", "relative"),
        position("distance", "distance"),
        Description(Signal(f"{axis.key}.load", "PERCENT"), "servo_load", lambda values: _of(values, at), *LOAD),
        Description(
            Signal(f"{axis.key}.temperature", "CELSIUS", native_name="diagnosis 308"),
            "axis_heat",
            lambda record: _nth(record, at),
            *HEAT,
        ),
    ]


def _times(number: float | None, factor: float) -> Value:
    return None if number is None else number * factor


def _of(values: list[float | None], at: int) -> Value:
    return values[at]


def _nth(record: Any, at: int) -> Value:
    return float(record.values[at].data) if at < len(record.values) else None


def _spindle(at: int, key: str) -> list[Description]:
    found = [
        Description(
            Signal(f"{key}.rotary_velocity.actual", "REVOLUTION/MINUTE"),
            "spindle_speed",
            lambda values: _of(values, at),
            -200_000.0,
            200_000.0,
        ),
        Description(Signal(f"{key}.load", "PERCENT"), "spindle_load", lambda values: _of(values, at), *LOAD),
        Description(
            Signal(f"{key}.temperature", "CELSIUS", native_name="diagnosis 403"),
            "spindle_heat",
            lambda record: _nth(record, at),
            *HEAT,
        ),
    ]
    if at == 0:  # G30 is the override of the first spindle
        override = Signal(f"{key}.rotary_velocity.override", "PERCENT", native_name="G30")
        found.append(Description(override, "overrides", lambda overrides: overrides.spindle, high=254))
    return found


def _timers(path: str) -> list[Description]:
    keys = {
        "timer_power_on": "controller.equipment_timer.powered",
        "timer_operating": "controller.equipment_timer.operating",
        "timer_cutting": "controller.equipment_timer.x_cutting",
        "timer_cycle": f"{path}.process_timer.process",
    }
    return [
        Description(Signal(key, "SECOND", native_unit="min + ms"), needs, lambda t: t.seconds, high=FOREVER_S)
        for needs, key in keys.items()
    ]
