"""Macro expressions: `#1+2*SIN[30]`, comparisons, bits; vacant variables by the rules of custom macro B.

A value is a float, None (vacant) or nan (known to the control only). Vacant counts as 0 in arithmetic and in all
comparisons but EQ and NE. Unknown stays unknown through everything.
"""

import math
import re
from collections.abc import Callable
from typing import Final, Protocol

from cnc.domain.gcode.facts import UNKNOWN
from cnc.domain.gcode.problems import GcodeError

Value = float | None

#: Brackets within brackets; FANUC allows 5, so a deeper one is an error there too, but it can still be read.
_MAX_DEPTH: Final = 24
_NUMBER: Final = re.compile(r"\d{1,12}(?:\.\d{0,12})?|\.\d{1,12}")
_NAME: Final = re.compile(r"[A-Z]+")
_BITS: Final = 1 << 32


class Variables(Protocol):
    def get(self, number: int, /) -> Value:
        """Value of #number."""


class Scanner:
    """Reads values out of one block's text, which has neither blanks nor comments and is in capitals."""

    __slots__ = ("_depth", "_variables", "at", "text")

    def __init__(self, text: str, variables: Variables, at: int = 0) -> None:
        self.text = text
        self.at = at
        self._variables = variables
        self._depth = 0

    def peek(self, what: str) -> bool:
        return self.text.startswith(what, self.at)

    def take(self, what: str) -> bool:
        if not self.text.startswith(what, self.at):
            return False
        self.at += len(what)
        return True

    def need(self, what: str) -> None:
        if not self.take(what):
            raise self.error(what)

    def error(self, expected: str) -> GcodeError:
        return GcodeError(
            "macro.malformed", seen=self.text[self.at : self.at + 60] or "end of block", expected=expected
        )

    def number(self) -> float:
        match = _NUMBER.match(self.text, self.at)
        if match is None:
            raise self.error("a number")
        self.at = match.end()
        return float(match.group())

    def whole(self) -> int:
        return int(self.number())

    def address(self) -> Value:
        """What may follow an address: [sign] number, variable or [expression]."""
        if self.take("-"):
            value = self._primary()
            return None if value is None else -value
        self.take("+")
        return self._primary()

    def condition(self) -> bool | None:
        """[ … ] as a condition; None = depends on something unknown."""
        self.need("[")
        value = self._relation()
        self.need("]")
        if value is None:
            return False
        return None if math.isnan(value) else value != 0

    def expression(self) -> Value:
        return self._sum()

    def variable_number(self) -> int:
        """After `#`: digits, or [expression]. Raises GcodeError when the number itself is unknown."""
        if self.peek("["):
            value = self._bracket()
        elif self.take("#"):
            self._deeper()
            value = self._variables.get(self.variable_number())
        else:
            value = self.number()
        if value is None or not 0 <= value < 100_000_000:
            raise GcodeError("macro.variable", seen=f"#{value} in {self.text}", expected="a known variable number")
        return int(value)

    def _relation(self) -> Value:
        left = self._sum()
        name = self.text[self.at : self.at + 2]
        compare = _COMPARISONS.get(name)
        if compare is None:
            return left
        self.at += 2
        return compare(left, self._sum())

    def _sum(self) -> Value:
        return self._chain(self._product, _SUMS)

    def _product(self) -> Value:
        return self._chain(self._primary, _PRODUCTS)

    def _chain(self, operand: Callable[[], Value], operators: "dict[str, Callable[[float, float], float]]") -> Value:
        left = operand()
        while True:
            match = _NAME.match(self.text, self.at)
            name = match.group() if match else self.text[self.at : self.at + 1]
            name = next((operator for operator in _WORDS if name.startswith(operator)), name)
            operate = operators.get(name)
            if operate is None:
                return left
            self.at += len(name)
            left = _checked(operate, left or 0.0, operand() or 0.0)

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise GcodeError("macro.depth", seen=f"{self._depth} levels", expected="at most 5 within each other")

    def _primary(self) -> Value:
        self._deeper()
        value = self._operand()
        self._depth -= 1
        return value

    def _operand(self) -> Value:
        character = self.text[self.at : self.at + 1]
        if character == "#":
            self.at += 1
            return self._variables.get(self.variable_number())
        if character == "[":
            return self._bracket()
        if character in ("-", "+"):
            self.at += 1
            if self.text[self.at : self.at + 1] in ("-", "+"):
                raise self.error("one sign")
            return (self._primary() or 0.0) * (-1 if character == "-" else 1)
        match = _NAME.match(self.text, self.at)
        return self._function(match.group()) if match else self.number()

    def _bracket(self) -> Value:
        self.need("[")
        value = self._relation()
        while self.text[self.at : self.at + 2] in ("&&", "||"):
            both = self.text[self.at] == "&"
            self.at += 2
            other = self._relation() or 0.0
            value = _checked(
                _bitwise(lambda a, b: a & b) if both else _bitwise(lambda a, b: a | b), value or 0.0, other
            )
        self.need("]")
        return value

    def _function(self, name: str) -> Value:
        self.at += len(name)
        if name == "ATAN":
            return self._arc_tangent()
        if name == "POW":
            self.need("[")
            base = self._sum() or 0.0
            self.need(",")
            exponent = self._sum() or 0.0
            self.need("]")
            return _checked(math.pow, base, exponent)
        function = _FUNCTIONS.get(name)
        if function is None:
            raise GcodeError("macro.function", seen=name, expected="a function of custom macro B")
        value = self._bracket() or 0.0
        return _checked(lambda a, _: function(a), value, 0.0)

    def _arc_tangent(self) -> float:
        """ATAN[y]/[x] and ATAN[y,x], 0 to 360 degrees; ATAN[t], -90 to 90."""
        self.need("[")
        first = self._sum() or 0.0
        if self.take(","):
            second = self._sum() or 0.0
            self.need("]")
        else:
            self.need("]")
            if not self.peek("/["):
                return math.degrees(math.atan(first))
            self.at += 1
            second = self._bracket() or 0.0
        if math.isnan(first) or math.isnan(second):
            return UNKNOWN
        return math.degrees(math.atan2(first, second)) % 360


def _checked(operate: Callable[[float, float], float], left: float, right: float) -> float:
    if left != left or right != right:
        return UNKNOWN
    try:
        result = operate(left, right)
    except (ValueError, ArithmeticError, TypeError) as error:
        raise GcodeError("macro.arithmetic", seen=f"{left:g}, {right:g}: {error}", expected="a result") from error
    if not math.isfinite(result):
        raise GcodeError("macro.arithmetic", seen=f"{left:g}, {right:g}", expected="a finite result")
    return result


def _bitwise(operate: Callable[[int, int], int]) -> Callable[[float, float], float]:
    def on_floats(left: float, right: float) -> float:
        return float(operate(int(left) % _BITS, int(right) % _BITS))

    return on_floats


def _equal(left: Value, right: Value) -> float:
    if left is None or right is None:
        if left is right:
            return 1.0
        return UNKNOWN if (left != left or right != right) else 0.0
    return UNKNOWN if left != left or right != right else float(left == right)


def _ordered(operate: Callable[[float, float], bool]) -> Callable[[Value, Value], float]:
    def on_values(left: Value, right: Value) -> float:
        a, b = left or 0.0, right or 0.0
        return UNKNOWN if a != a or b != b else float(operate(a, b))

    return on_values


def _rounded(value: float) -> float:
    return math.copysign(math.floor(abs(value) + 0.5), value)


def _from_bcd(value: float) -> float:
    return float(int(f"{int(value) % _BITS:x}"))


def _to_bcd(value: float) -> float:
    return float(int(str(int(abs(value)) % 100_000_000), 16))


_WORDS: Final = ("OR", "XOR", "AND", "MOD")
_SUMS: Final[dict[str, Callable[[float, float], float]]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "OR": _bitwise(lambda a, b: a | b),
    "XOR": _bitwise(lambda a, b: a ^ b),
}
_PRODUCTS: Final[dict[str, Callable[[float, float], float]]] = {
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "AND": _bitwise(lambda a, b: a & b),
    "MOD": math.fmod,
}
_COMPARISONS: Final[dict[str, Callable[[Value, Value], float]]] = {
    "EQ": _equal,
    "NE": lambda a, b: 1.0 - _equal(a, b),
    "GT": _ordered(lambda a, b: a > b),
    "LT": _ordered(lambda a, b: a < b),
    "GE": _ordered(lambda a, b: a >= b),
    "LE": _ordered(lambda a, b: a <= b),
}
_FUNCTIONS: Final[dict[str, Callable[[float], float]]] = {
    "SIN": lambda a: math.sin(math.radians(a)),
    "COS": lambda a: math.cos(math.radians(a)),
    "TAN": lambda a: math.tan(math.radians(a)),
    "ASIN": lambda a: math.degrees(math.asin(a)),
    "ACOS": lambda a: math.degrees(math.acos(a)),
    "SQRT": math.sqrt,
    "SQR": math.sqrt,
    "ABS": abs,
    "ROUND": _rounded,
    "RND": _rounded,
    "FIX": lambda a: float(math.trunc(a)),
    "FUP": lambda a: math.copysign(math.ceil(abs(a)), a),
    "LN": math.log,
    "EXP": math.exp,
    "BIN": _from_bcd,
    "BCD": _to_bcd,
    "ADP": lambda a: a,
}
