"""The list of signals a chunk's columns stand for.

Keys are `<component>.<type>[.<subtype>]` in lower snake (`x.position.actual`, `s1.load`), units are MTConnect's.
A "text" signal is one of `texts` and travels as its index; free text (program name, alarm text) travels as events.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Final, Literal, cast

from cnc.domain.base.errors import BadValue, MalformedMessage
from cnc.domain.telemetry.wire import dumps, fields, loads

Kind = Literal["number", "text"]
Value = float | str | None

MAX_SIGNALS: Final = 200
MAX_BYTES: Final = 65_535
_KEY: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+){1,3}\Z")


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal. `resolution` is what one step of the scaled integer is worth, in `unit`."""

    key: str
    unit: str
    kind: Kind = "number"
    resolution: float = 1.0
    texts: tuple[str, ...] = ()
    native_name: str = ""
    native_unit: str = ""

    def __post_init__(self) -> None:
        if not _KEY.match(self.key) or len(self.key) > 80:
            raise BadValue(seen=self.key, expected="a key such as x.position.actual")
        if self.kind == "number" and not 0 < self.resolution < float("inf"):
            raise BadValue(seen=self.resolution, expected=f"a resolution above 0 for {self.key}")
        if (self.kind == "text") != bool(self.texts):
            raise BadValue(seen=f"{self.kind} with {len(self.texts)} texts", expected="texts exactly for kind text")

    def scaled(self, value: Value) -> int | None:
        """The integer a column holds. Raises BadValue for a text that is not in `texts`, or no finite number."""
        if value is None:
            return None
        if isinstance(value, str):
            if value not in self.texts:
                raise BadValue(seen=value, expected=f"one of {', '.join(self.texts)}")
            return self.texts.index(value)
        if value - value != 0:
            raise BadValue(seen=value, expected="a finite number")
        return round(value / self.resolution)

    def value(self, scaled: int | None) -> Value:
        """What the integer of a column means; None for an index outside `texts`."""
        return self.values([scaled])[0]

    def values(self, column: Sequence[int | None]) -> list[Value]:
        """A whole column in the signal's unit."""
        if self.kind == "text":
            texts, count = self.texts, len(self.texts)
            return [None if v is None or not 0 <= v < count else texts[v] for v in column]
        per_unit, step = self.per_unit, self.resolution
        if None not in column:
            numbers = cast(Sequence[int], column)
            return [v / per_unit for v in numbers] if per_unit else [v * step for v in numbers]
        if per_unit:
            return [None if v is None else v / per_unit for v in column]
        return [None if v is None else v * step for v in column]

    @property
    def per_unit(self) -> int:
        """Steps in one unit where that is a whole number, else 0: 3/10 is 0.3, and 3*0.1 is not."""
        count = round(1 / self.resolution) if self.resolution < 1 else 0
        return count if abs(count * self.resolution - 1) < 1e-9 else 0


@dataclass(frozen=True)
class Schema:
    """Signals in the order of a chunk's columns; known by `hash`, 8 bytes of the SHA-256 of `canonical()`."""

    signals: tuple[Signal, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.signals) <= MAX_SIGNALS:
            raise BadValue(seen=f"{len(self.signals)} signals", expected=f"1 to {MAX_SIGNALS}")
        if len({signal.key for signal in self.signals}) != len(self.signals):
            raise BadValue(seen="a signal twice", expected="every key once")

    def canonical(self) -> bytes:
        """The one JSON form of this schema."""
        return dumps({"v": 1, "signals": [_row(signal) for signal in self.signals]})

    @cached_property
    def hash(self) -> bytes:
        """8 bytes."""
        return sha256(self.canonical()).digest()[:8]

    @cached_property
    def index(self) -> dict[str, int]:
        """key -> number of its column."""
        return {signal.key: number for number, signal in enumerate(self.signals)}

    @classmethod
    def parse(cls, data: bytes) -> "Schema":
        """The schema of its canonical form. Raises MalformedMessage."""
        document = loads(data, limit=MAX_BYTES)
        rows = fields(document).items("signals", limit=MAX_SIGNALS)
        try:
            return cls(tuple(_signal(row) for row in rows))
        except BadValue as error:
            raise MalformedMessage(seen=error.seen, expected=error.expected) from error


def _row(signal: Signal) -> list[Any]:
    row = [signal.key, signal.unit, signal.kind, signal.resolution, list(signal.texts)]
    return [*row, signal.native_name, signal.native_unit]


def _signal(row: Any) -> Signal:
    if not isinstance(row, list) or len(row) != 7:
        raise MalformedMessage(seen=json.dumps(row)[:80], expected="[key, unit, kind, resolution, texts, name, unit]")
    key, unit, kind, resolution, texts, native_name, native_unit = row
    strings = (key, unit, native_name, native_unit, *(texts if isinstance(texts, list) else [None]))
    if not all(isinstance(text, str) and len(text) <= 80 for text in strings) or len(texts) > 1000:
        raise MalformedMessage(seen=json.dumps(row)[:80], expected="texts of at most 80 characters")
    if kind not in ("number", "text") or isinstance(resolution, bool) or not isinstance(resolution, int | float):
        raise MalformedMessage(seen=json.dumps(row)[:80], expected="kind number or text, and a resolution")
    return Signal(key, unit, kind, float(resolution), tuple(texts), native_name, native_unit)
