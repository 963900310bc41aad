"""Values of a control as one text per table, so that a table has a digest and two of them can be compared.

Parameters: `{number: {axis: value}}`, axis 0 for a value without one; offsets: `{number: {kind: value}}`; macros:
`{number: {0: value}}`, "" for a vacant variable. Values are decimal texts.
"""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import TypeAlias

from cnc.domain.base.errors import MalformedMessage
from cnc.domain.programs.targets import MacroTarget, OffsetTarget, ParameterTarget

Table: TypeAlias = Mapping[int, Mapping[int, str]]
ValueTarget = ParameterTarget | OffsetTarget | MacroTarget
MOST_BYTES = 4 * 1024 * 1024


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


def explained(before: Table, after: Table, targets: Iterable[ValueTarget]) -> bool:
    """Whether everything that differs is what these changes wrote."""
    wanted = {(target.number, _index(target)): target.value for target in targets}
    cells = {(number, index) for table in (before, after) for number, row in table.items() for index in row}
    for number, index in cells:
        old, new = (table.get(number, {}).get(index) for table in (before, after))
        if old != new and not same_number(new, wanted.get((number, index))):
            return False
    return True


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
