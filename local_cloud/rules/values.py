"""Values of IoT SQL and their operators. JSON values as Python has them; Undefined for what is not there.

Rules: AWS IoT developer guide, "SQL operators" and "Data types". Undefined in, Undefined out.
"""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Final

Value = Any


class _Undefined:
    __slots__ = ()

    def __repr__(self) -> str:
        return "Undefined"


UNDEFINED: Final = _Undefined()


def number(value: Value) -> int | float | _Undefined:
    """A number, or what a string of one means; booleans are no numbers."""
    if isinstance(value, bool):
        return UNDEFINED
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        try:
            parsed = Decimal(value)
        except InvalidOperation:
            return UNDEFINED
        if not parsed.is_finite():
            return UNDEFINED
        return int(parsed) if parsed == parsed.to_integral_value() and abs(parsed) < 2**63 else float(parsed)
    return UNDEFINED


def text(value: Value) -> str | _Undefined:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    return UNDEFINED


def boolean(value: Value) -> bool | _Undefined:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return UNDEFINED


def add(left: Value, right: Value) -> Value:
    """Numbers add; as soon as one side is a string, both are joined."""
    if isinstance(left, str) or isinstance(right, str):
        a, b = text(left), text(right)
        return UNDEFINED if a is UNDEFINED or b is UNDEFINED else f"{a}{b}"
    return arithmetic("+", left, right)


def arithmetic(operator: str, left: Value, right: Value) -> Value:
    a, b = number(left), number(right)
    if isinstance(a, _Undefined) or isinstance(b, _Undefined):
        return UNDEFINED
    try:
        result = _ARITHMETIC[operator](a, b)
    except (ZeroDivisionError, OverflowError):
        return UNDEFINED
    return int(result) if isinstance(result, float) and result.is_integer() and isinstance(a, int) else result


def compare(operator: str, left: Value, right: Value) -> Value:
    if left is UNDEFINED or right is UNDEFINED:
        return UNDEFINED
    if operator in ("=", "<>"):
        equal = _equal(left, right)
        return equal if operator == "=" else not equal
    if isinstance(left, str) and isinstance(right, str):
        return _ORDER[operator](left, right)
    a, b = number(left), number(right)
    if isinstance(a, _Undefined) or isinstance(b, _Undefined):
        return UNDEFINED
    return _ORDER[operator](a, b)


def _equal(left: Value, right: Value) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        a, b = boolean(left), boolean(right)
        return a is not UNDEFINED and a == b
    if isinstance(left, str) != isinstance(right, str):
        x, y = number(left), number(right)
        return x is not UNDEFINED and x == y
    return bool(left == right)


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": lambda a, b: a % b,
}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
