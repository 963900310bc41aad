"""What an order writes to: a program, a parameter, an offset or a macro variable of one control."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final

from cnc.domain.base.errors import MalformedMessage

_FOLDER: Final = re.compile(r"//[A-Z0-9_]+(/[A-Za-z0-9_.+-]+)*/\Z")
_NAME: Final = re.compile(r"O[0-9]{4,8}\Z|[A-Za-z0-9_.+-]{1,32}\Z")
_MOST_NUMBER: Final = 99_999_999
_MOST_TEXT: Final = 64


@dataclass(frozen=True, slots=True)
class ProgramTarget:
    """`folder` is a full one with slashes at both ends, or "" for the current folder of controls without folders."""

    path: int
    folder: str
    name: str

    @property
    def number(self) -> int | None:
        """1234 of `O1234`; None for a program that is known by a name."""
        return int(self.name[1:]) if re.fullmatch(r"O[0-9]{4,8}", self.name) else None


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
    return kind(**value)


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


def _matches(form: re.Pattern[str], given: Any) -> bool:
    return isinstance(given, str) and form.match(given) is not None and ".." not in given


def _is_decimal(given: Any) -> bool:
    if not isinstance(given, str) or len(given) > _MOST_TEXT or not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", given):
        return False
    try:
        return Decimal(given).is_finite()
    except InvalidOperation:
        return False
