"""Scalars of the schema: instants, one signal value, and columns that are never walked element by element.

A columnar scalar is a leaf for the executor: a list of 10,000 points costs one call, not 10,000.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from cnc.domain.base.clock import parse_rfc3339, rfc3339
from cnc.domain.base.errors import BadValue
from cnc_graphql.stamps import stamp_column
from graphql import GraphQLError

Timestamp = NewType("Timestamp", datetime)
SignalValue = NewType("SignalValue", object)  # float | str | None, as the wire carries it
TimestampColumn = NewType("TimestampColumn", Sequence[int])  # milliseconds UTC
SignalColumns = NewType("SignalColumns", Mapping[str, Sequence[float | str | None]])


def instant(at: datetime | None) -> Timestamp | None:
    """The instant, where there is one."""
    return None if at is None else Timestamp(at)


def _read_timestamp(text: Any) -> datetime:
    if not isinstance(text, str) or len(text) > 40:
        raise GraphQLError("Expected an RFC 3339 time such as 2026-11-24T08:00:00.000Z.")
    try:
        return parse_rfc3339(text)
    except BadValue as error:
        raise GraphQLError(f"The time cannot be read. Seen: {error.seen}. Expected: {error.expected}.") from error


def _refuse(_: Any) -> Any:
    raise GraphQLError("This scalar is only ever answered, never sent.")


def _as_is(value: Any) -> Any:
    return value


SCALARS: dict[object, ScalarDefinition] = {
    Timestamp: strawberry.scalar(
        name="Timestamp",
        description="RFC 3339 in UTC with milliseconds and Z: 2026-11-24T08:00:00.000Z.",
        serialize=rfc3339,
        parse_value=_read_timestamp,
    ),
    SignalValue: strawberry.scalar(
        name="SignalValue",
        description="A number or a text, as the signal's kind says; null when the machine gave no value.",
        serialize=_as_is,
        parse_value=_refuse,
    ),
    TimestampColumn: strawberry.scalar(
        name="TimestampColumn",
        description="A list of timestamps, RFC 3339 in UTC with milliseconds and Z.",
        serialize=stamp_column,
        parse_value=_refuse,
    ),
    SignalColumns: strawberry.scalar(
        name="SignalColumns",
        description="Maps each signal to the list of its values, in the order of the timestamps; missing is null.",
        serialize=_as_is,
        parse_value=_refuse,
    ),
}
