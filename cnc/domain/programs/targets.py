"""What an order writes to: a program, a parameter, an offset or a macro variable of one control."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final

from cnc.domain.base.errors import MalformedMessage

_FOLDER: Final = re.compile(r"//[A-Z0-9_]+(/[A-Za-z0-9_.+-]+)*/\Z")
#: A number has one spelling: `O0012`, never `O12`, `o0012` or `O00012`. Everything else is the name of a file.
_NAME: Final = re.compile(r"O(?:[0-9]{4}|[1-9][0-9]{4,7})\Z|(?![Oo][0-9]+\Z)[A-Za-z0-9_.+-]{1,32}\Z")
_MOST_NUMBER: Final = 99_999_999
#: Every text of this length is exact in the 28 digits of a Decimal.
_MOST_TEXT: Final = 20
#: Custom macro variables that may be written; system variables, from #1000, raise alarms and reach the ladder.
MACROS: Final = ((100, 199), (500, 999))
OFFSET_KINDS: Final = range(4)
_OFFSETS: Final = range(1, 1000)
_PATHS: Final = range(1, 11)
_PROTECTED: Final = (range(8000, 10_000), range(80_000_000, 100_000_000))


@dataclass(frozen=True, slots=True)
class ProgramTarget:
    """`folder` is a full one with slashes at both ends, or "" for the current folder of controls without folders."""

    path: int
    folder: str
    name: str

    @property
    def number(self) -> int | None:
        """1234 of `O1234`; None for a program that is known by a name."""
        return program_number(self.name)

    @property
    def protected(self) -> bool:
        """Known by a name, or of the numbers that machine builders protect and codes may call without naming them.

        O8000 to O9999 (parameters 3202, 6050 to 6091), and the same blocks of controls with eight digits.
        """
        return self.number is None or any(self.number in block for block in _PROTECTED)


@dataclass(frozen=True, slots=True)
class ParameterTarget:
    """`axis` 1 … for a value per axis, else 0; `type` byte, word, 2-word or real; `value` is a decimal text."""

    number: int
    axis: int
    type: str
    value: str


@dataclass(frozen=True, slots=True)
class OffsetTarget:
    """Tool offset `number`; `kind` as of `cnc_rdtofs` (0 radius wear … 3 length geometry); `value` in mm or inch."""

    number: int
    kind: int
    value: str


@dataclass(frozen=True, slots=True)
class MacroTarget:
    """Custom macro variable `number`."""

    number: int
    value: str


Target = ProgramTarget | ParameterTarget | OffsetTarget | MacroTarget

#: operation -> its target.
OPERATIONS: Final[Mapping[str, type[Target]]] = MappingProxyType(
    {"program": ProgramTarget, "parameter": ParameterTarget, "offset": OffsetTarget, "macro": MacroTarget}
)


def program_number(name: str) -> int | None:
    """1234 of `O1234`, without folder; None for a program that is known by a name."""
    return int(name[1:]) if re.fullmatch(r"O[0-9]{4,8}", name) else None


def target_to(target: Target) -> dict[str, Any]:
    """The JSON of a target."""
    return asdict(target)


def target_from(operation: str, value: Any) -> Target:
    """The target of an operation; nothing may be missing or too much. Raises MalformedMessage."""
    kind = OPERATIONS.get(operation) if isinstance(operation, str) else None
    if kind is None:
        raise MalformedMessage(seen=str(operation)[:40], expected=f"one of {', '.join(OPERATIONS)}")
    names = {field.name for field in fields(kind)}
    if not isinstance(value, dict) or value.keys() != names:
        raise MalformedMessage(seen=str(value)[:80], expected=f"a target with {', '.join(sorted(names))}")
    for name, given in value.items():
        _check(name, given)
    target = kind(**value)
    _check_reach(target)
    return target


def _check(name: str, given: Any) -> None:
    if name in ("number", "axis", "kind", "path"):
        sound = isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= _MOST_NUMBER
        expected = f"a whole number from 0 to {_MOST_NUMBER}"
    elif name == "value":
        sound, expected = _is_decimal(given), "a decimal text such as -0.015"
    elif name == "folder":
        sound, expected = given == "" or _matches(_FOLDER, given), "a folder such as //CNC_MEM/USER/PATH1/"
    elif name == "type":
        sound, expected = given in ("byte", "word", "2-word", "real"), "byte, word, 2-word or real"
    else:
        sound, expected = _matches(_NAME, given), "a program name such as O1234"
    if not sound:
        raise MalformedMessage(seen=f"{name} = {str(given)[:60]}", expected=expected)


def _check_reach(target: Target) -> None:
    if isinstance(target, ProgramTarget) and target.path not in _PATHS:
        raise MalformedMessage(seen=f"path = {target.path}", expected=f"a path from 1 to {_PATHS[-1]}")
    if isinstance(target, OffsetTarget) and not (target.number in _OFFSETS and target.kind in OFFSET_KINDS):
        seen = f"offset {target.number}, kind {target.kind}"
        raise MalformedMessage(seen=seen, expected=f"a tool offset from 1 to {_OFFSETS[-1]}, kind 0 to 3")
    if isinstance(target, MacroTarget) and not any(low <= target.number <= high for low, high in MACROS):
        ranges = ", ".join(f"#{low} to #{high}" for low, high in MACROS)
        raise MalformedMessage(seen=f"#{target.number}", expected=ranges)


def _matches(form: re.Pattern[str], given: Any) -> bool:
    return isinstance(given, str) and form.match(given) is not None and not {".", ".."} & {*given.split("/")}


def _is_decimal(given: Any) -> bool:
    if not isinstance(given, str) or len(given) > _MOST_TEXT or not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", given):
        return False
    try:
        return Decimal(given).is_finite()
    except InvalidOperation:
        return False
