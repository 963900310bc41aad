"""What is asked of a control, and how often.

FIRST and SECOND are two PDUs of every tick: a control's answer to the first decides what joins the second. SLOW asks
take turns, so that each comes about every ten seconds and no tick carries all of them.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from greengrass_components.focas.counting import USUAL, counter
from greengrass_components.focas.driver.machine import Machine
from greengrass_components.focas.driver.overrides import read_overrides
from greengrass_components.focas.protocol.blocks import Call, Request, one
from greengrass_components.focas.protocol.functions import (
    alarms,
    axes,
    clock,
    modal,
    parameters,
    program,
    spindle,
    status,
)
from greengrass_components.focas.protocol.values import leading_numbers

PARTS_REQUIRED = 6713
AXIS_TEMPERATURE, SPINDLE_TEMPERATURE = 308, 403


class Pace(Enum):
    """When an ask is due."""

    FIRST = 1
    SECOND = 2
    SLOW = 3
    WANTED = 4  # only when something calls for it


@dataclass(frozen=True, slots=True)
class Ask:
    """One named question."""

    name: str
    pace: Pace
    call: Call[Any]


def asks(machine: Machine, *, counts: str = USUAL) -> list[Ask]:
    """Every question for this control; `counts` is the way it counts parts. Raises BadMethod."""
    found = [*_state(machine), *_motion(machine), *_process(machine, counts), *_slow(machine)]
    return [Ask(ask.name, ask.pace, ask.call.on_path(machine.path)) if _on_cnc(ask) else ask for ask in found]


def _on_cnc(ask: Ask) -> bool:
    """PMC blocks carry a PMC unit, not a path."""
    return all(request.module == 1 for request in ask.call.requests)


def _numbers(request: Request, count: int) -> Call[list[float | None]]:
    return one(request, lambda payload: leading_numbers(payload, count))


def _state(machine: Machine) -> list[Ask]:
    most_alarms = 4 if machine.dialect.old else 10  # what fits the frame of the model beside the other answers
    return [
        Ask("status", Pace.FIRST, status.statinfo()),
        Ask("alarm_bits", Pace.FIRST, alarms.alarm2()),
        Ask("numbers", Pace.FIRST, program.rdprgnumo8()),
        Ask("line", Pace.FIRST, program.rdseqnum()),
        Ask("alarms", Pace.WANTED, alarms.rdalmmsg2(count=most_alarms)),
        Ask("m_codes", Pace.WANTED, modal.modal_word(modal.WORD_INDEX["M"])),
        Ask("program_path", Pace.SLOW, program.exeprgname2()),
        Ask("program_name", Pace.WANTED, program.exeprgname()),
    ]


def _motion(machine: Machine) -> list[Ask]:
    count = len(machine.axes)

    def position(kind: axes.Kind) -> Call[list[float | None]]:
        return _numbers(Request(axes.POSITION, kind, axes.ALL), count)

    return [
        Ask("absolute", Pace.FIRST, position(axes.Kind.ABSOLUTE)),
        Ask("machine", Pace.FIRST, position(axes.Kind.MACHINE)),
        Ask("relative", Pace.SECOND, position(axes.Kind.RELATIVE)),
        Ask("distance", Pace.SECOND, position(axes.Kind.DISTANCE)),
        Ask("servo_load", Pace.SECOND, _numbers(Request(axes.SERVO, 1), count)),
        Ask("feed", Pace.FIRST, axes.actf()),
    ]


def _process(machine: Machine, counts: str) -> list[Ask]:
    found = [
        Ask("overrides", Pace.SECOND, read_overrides()),
        Ask("commands", Pace.SECOND, modal.rdcommand()),
        Ask("parts", Pace.SECOND, counter(counts, dialect=machine.dialect)),
    ]
    count = len(machine.spindles)
    if count:
        loads = Request(spindle.SPINDLE, spindle.Kind.LOAD_METER, spindle.ALL)
        speeds = Request(spindle.SPINDLE, spindle.Kind.ACTUAL_SPEED, spindle.ALL)
        found.append(Ask("spindle_load", Pace.SECOND, _numbers(loads, count)))
        found.append(Ask("spindle_speed", Pace.FIRST, _speed_of_one() if count == 1 else _numbers(speeds, count)))
    return found


def _speed_of_one() -> Call[list[float | None]]:
    """cnc_acts: understood by more controls than the array of all spindles."""
    return _numbers(Request(axes.SPEED), 1)


def _slow(machine: Machine) -> list[Ask]:
    dialect = machine.dialect
    timers = (clock.Timer.POWER_ON, clock.Timer.OPERATING, clock.Timer.CUTTING, clock.Timer.CYCLE)
    found = [Ask(f"timer_{timer.name.lower()}", Pace.SLOW, clock.rdtimer(timer)) for timer in timers]
    found += [
        Ask("parts_required", Pace.SLOW, parameters.rdparam(PARTS_REQUIRED, dialect=dialect)),
        Ask("axis_heat", Pace.SLOW, parameters.diagnoss(AXIS_TEMPERATURE, parameters.ALL, dialect=dialect)),
    ]
    if machine.spindles:
        heat = parameters.diagnoss(SPINDLE_TEMPERATURE, parameters.ALL, dialect=dialect)
        found.append(Ask("spindle_heat", Pace.SLOW, heat))
    return found
