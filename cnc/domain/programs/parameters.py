"""Which parameters may be written at all: a short list of numbers with their bounds. Everything else is denied."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Final

from cnc.domain.base.errors import CncError

#: Denied for good, whatever a list says: first and last number, and what they hold (FANUC 30i parameter manual).
NEVER: Final[tuple[tuple[int, int, str], ...]] = (
    (100, 199, "channels and network"),
    (900, 999, "network and machine state display"),
    (1300, 1399, "stroke limits"),
    (1800, 2999, "servo and dual check safety"),
    (3200, 3299, "protection of programs and parameters"),
    (3700, 4999, "spindle and its limits"),
    (8900, 8999, "parameter write enable"),
    (10330, 10339, "stroke limits"),
    (11200, 11299, "dual check safety"),
    (13800, 14999, "servo, dual check safety and network"),
)


@dataclass(frozen=True, slots=True)
class ParameterRule:
    """Bounds of one parameter of `type` byte, word, 2-word or real; `step` is the most that one change may move it."""

    number: int
    type: str
    per_axis: bool
    minimum: Decimal
    maximum: Decimal
    step: Decimal


def _count(number: int) -> ParameterRule:
    most = Decimal(99_999_999)
    return ParameterRule(number, "2-word", False, Decimal(0), most, most)


#: Parts counted (6711), counted in all (6712) and required (6713), parameter manual of the 30i.
ALLOWED: Final[Mapping[int, ParameterRule]] = MappingProxyType({n: _count(n) for n in (6711, 6712, 6713)})


def check_parameter(
    number: int,
    *,
    axis: int,
    kind: str,
    value: str,
    present: str,
    allowed: Mapping[int, ParameterRule] = ALLOWED,
) -> None:
    """Raise `parameter.denied` unless a rule lets `present` become `value` (decimal texts); `axis` is 0 for none."""
    for first, last, holds in NEVER:
        if first <= number <= last:
            raise _denied(number, f"a parameter that may be written; {first} to {last} ({holds}) never are")
    rule = allowed.get(number)
    if rule is None:
        raise _denied(number, f"one of {', '.join(map(str, sorted(allowed)))}")
    if rule.type != kind or rule.per_axis != (axis != 0):
        where = "of an axis" if rule.per_axis else "without an axis"
        raise _denied(f"{number} as {kind}, axis {axis}", f"type {rule.type} {where}")
    new, old = _decimal(value), _decimal(present)
    if rule.type != "real" and new != new.to_integral_value():
        raise _denied(f"{number} = {value}", "a whole number")
    if not rule.minimum <= new <= rule.maximum:
        raise _denied(f"{number} = {value}", f"{rule.minimum} to {rule.maximum}")
    if abs(new - old) > rule.step:
        raise _denied(f"{number}: {present} to {value}", f"a change of at most {rule.step}")


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise _denied(text, "a decimal number")
    return number


def _denied(seen: object, expected: str) -> CncError:
    return CncError("parameter.denied", seen=str(seen), expected=expected)
