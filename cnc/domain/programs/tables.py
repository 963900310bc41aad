"""Values of a control as one text per table, so that a table has a digest and two of them can be compared.

Parameters: `{number: {axis: value}}`, axis 0 for a value without one; offsets: `{number: {kind: value}}`; macros:
`{number: {0: value}}`, "" for a vacant variable. Values are decimal texts.
"""

import json
from collections.abc import Mapping
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
    if isinstance(target, ParameterTarget):
        index = target.axis
    else:
        index = target.kind if isinstance(target, OffsetTarget) else 0
    return table.get(target.number, {}).get(index)


#: operation -> the table of a snapshot that holds its values.
TABLE_OF: Mapping[str, str] = {"parameter": "parameters", "offset": "offsets", "macro": "macros"}
