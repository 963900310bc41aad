"""Values of a control as one text per table, so that a table has a digest and two of them can be compared.

Parameters: `{number: {axis: value}}`, axis 0 for a value without one; offsets: `{number: {kind: value}}`; macros:
`{number: {0: value}}`, "" for a vacant variable. Values are decimal texts.
"""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Final, TypeAlias

from cnc.domain.base.errors import MalformedMessage
from cnc.domain.programs.targets import MacroTarget, OffsetTarget, ParameterTarget

Table: TypeAlias = Mapping[int, Mapping[int, str]]
ValueTarget = ParameterTarget | OffsetTarget | MacroTarget
MOST_BYTES: Final = 4 * 1024 * 1024
#: Work offsets stand in the table of offsets under this + number, by axis from 1.
WORK_OFFSETS: Final = 1_000_000


def table_bytes(table: Table) -> bytes:
    """Canonical JSON of a table."""
    texts = {f"{number:08d}": {f"{index:04d}": row[index] for index in row} for number, row in table.items()}
    return json.dumps(texts, sort_keys=True, separators=(",", ":")).encode()


def table_from(text: bytes) -> dict[int, dict[int, str]]:
    """The table of `table_bytes`. Raises MalformedMessage."""
    if len(text) > MOST_BYTES:
        raise MalformedMessage(seen=f"{len(text)} bytes", expected=f"a table of at most {MOST_BYTES} bytes")
    try:
        rows = {int(number): {int(i): str(v) for i, v in row.items()} for number, row in json.loads(text).items()}
    except (ValueError, AttributeError, RecursionError) as error:
        raise MalformedMessage(seen=str(error)[:80], expected="a table of values by number") from error
    return rows


def table_digest(text: bytes) -> str:
    """SHA-256 of the bytes, as 64 hex digits."""
    return sha256(text).hexdigest()


def present_value(table: Table, target: ValueTarget) -> str | None:
    """What the table holds where the target points to, or None."""
    return table.get(target.number, {}).get(_index(target))


#: What the control itself counts while it works: parts (6711, 6712) and times (6750 to 6758, parameter manual).
_COUNTED: Final = frozenset({6711, 6712, *range(6750, 6759)})
#: Wear of a tool's radius and length: operators correct it after measuring a part.
_WEAR: Final = frozenset({0, 2})


def explained(kind: str, before: Table, after: Table, targets: Iterable[ValueTarget]) -> bool:
    """Whether everything that differs is what these changes wrote, or what changes by itself while parts are made.

    `kind` is that of the table: parameters or offsets.
    """
    wanted = {(target.number, _index(target)): target.value for target in targets}
    cells = {(number, index) for table in (before, after) for number, row in table.items() for index in row}
    for number, index in cells:
        if _by_itself(kind, number, index):
            continue
        old, new = (table.get(number, {}).get(index) for table in (before, after))
        asked = wanted.get((number, index))
        if not same_number(old, new) and (asked is None or not same_number(new, asked)):
            return False
    return True


def _by_itself(kind: str, number: int, index: int) -> bool:
    """Whether this cell changes while parts are made, without anybody setting the machine up anew."""
    if kind == "parameters":
        return number in _COUNTED
    return kind == "offsets" and number < WORK_OFFSETS and index in _WEAR


def same_number(one: str | None, other: str | None) -> bool:
    """Equal as numbers: controls add and drop zeros. A vacant value is "" and equals nothing but itself."""
    if not one or not other:
        return one == other
    try:
        return Decimal(one) == Decimal(other)
    except InvalidOperation:
        return False


def _index(target: ValueTarget) -> int:
    if isinstance(target, ParameterTarget):
        return target.axis
    return target.kind if isinstance(target, OffsetTarget) else 0


#: operation -> the table of a snapshot that holds its values.
TABLE_OF: Mapping[str, str] = {"parameter": "parameters", "offset": "offsets", "macro": "macros"}
