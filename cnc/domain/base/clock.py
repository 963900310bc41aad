"""Time: aware UTC datetimes inside, integer milliseconds in messages, RFC 3339 with `Z` towards people."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from cnc.domain.base.errors import BadValue

Clock = Callable[[], datetime]

#: The last millisecond of the year 9999; every later stamp is refused as malformed.
MAX_MS: Final = 253_402_300_799_999

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_FORM: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)\Z", re.ASCII)


def utc_now() -> datetime:
    """The clock of this computer."""
    return datetime.now(UTC)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 UTC, rounded down. Raises BadValue for a datetime without a zone."""
    if moment.tzinfo is None:
        raise BadValue(seen=moment.isoformat(), expected="a time with its zone")
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(ms: int) -> datetime:
    """The aware UTC datetime of `ms`. Raises BadValue outside 1970 … 9999."""
    if not 0 <= ms <= MAX_MS:
        raise BadValue(seen=ms, expected=f"milliseconds between 0 and {MAX_MS}")
    return _EPOCH + timedelta(milliseconds=ms)


def rfc3339(moment: datetime | int) -> str:
    """`2026-11-24T19:02:00.000Z` of a datetime or of milliseconds."""
    ms = moment if isinstance(moment, int) else to_ms(moment)
    return from_ms(ms).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def parse_rfc3339(text: str) -> datetime:
    """The aware UTC datetime of an RFC 3339 time with `Z` or an offset. Raises BadValue."""
    try:
        if not _FORM.match(text):
            raise ValueError(text)
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadValue(seen=text, expected="a time such as 2026-11-24T19:02:00.000Z") from error
    if not moment >= _EPOCH:
        raise BadValue(seen=text, expected="a time from 1970 on")
    return moment
