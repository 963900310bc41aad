"""Reading JSON that came over the wire: bounded, typed, and never another error than MalformedMessage."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from cnc.domain.base.clock import MAX_MS
from cnc.domain.base.errors import BadId, MalformedMessage
from cnc.domain.base.ids import check_boot, check_id

#: AWS IoT Core's limit of one MQTT payload.
MAX_MESSAGE: Final = 128 * 1024
MAX_SEQ: Final = (1 << 63) - 1


def dumps(document: Any) -> bytes:
    """Compact JSON, keys sorted, UTF-8."""
    return json.dumps(document, separators=(",", ":"), sort_keys=True, ensure_ascii=False, allow_nan=False).encode()


def loads(data: bytes, *, limit: int = MAX_MESSAGE) -> Any:
    """The document in `data`, of version 1. Raises MalformedMessage."""
    document = loads_any(data, limit=limit)
    if not isinstance(document, dict) or document.get("v") != 1 or isinstance(document.get("v"), bool):
        raise MalformedMessage(seen=data[:60].decode("utf-8", "replace"), expected='an object with "v": 1')
    return document


def loads_any(data: bytes, *, limit: int = MAX_MESSAGE) -> Any:
    """Any JSON value in `data`. Raises MalformedMessage."""
    if len(data) > limit:
        raise MalformedMessage(seen=f"{len(data)} bytes", expected=f"at most {limit}")
    try:
        document = json.loads(data.decode(), parse_constant=_refuse, parse_float=_finite)
        json.dumps(document, ensure_ascii=False).encode()  # lone surrogates pass the parser and break every store
    except (ValueError, RecursionError) as error:
        raise MalformedMessage(seen=str(error), expected="JSON in UTF-8") from error
    return document


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"the constant {constant}")


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0:
        raise ValueError(f"the number {text[:20]}")
    return number


@dataclass(frozen=True, slots=True)
class Fields:
    """Typed access to one JSON object; every method raises MalformedMessage."""

    of: dict[str, Any]

    def integer(self, name: str, low: int = 0, high: int = MAX_SEQ) -> int:
        value = self.of.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise MalformedMessage(seen=f"{name}: {value!r}", expected=f"an integer from {low} to {high}")
        return value

    def ms(self, name: str) -> int:
        return self.integer(name, 0, MAX_MS)

    def text(self, name: str, *, limit: int = 1000) -> str:
        value = self.of.get(name)
        if not isinstance(value, str) or len(value) > limit:
            raise MalformedMessage(seen=f"{name}: {value!r}", expected=f"a text of at most {limit} characters")
        return value

    def items(self, name: str, *, limit: int) -> list[Any]:
        value = self.of.get(name)
        if not isinstance(value, list) or len(value) > limit:
            raise MalformedMessage(seen=f"{name}: {str(value)[:40]}", expected=f"a list of at most {limit}")
        return value

    def flat(self, name: str, *, limit: int) -> dict[str, Any]:
        """An object whose values are texts, numbers, booleans or null."""
        value = self.of.get(name)
        if not isinstance(value, dict) or len(value) > limit:
            raise MalformedMessage(seen=f"{name}: {str(value)[:40]}", expected=f"an object of at most {limit} fields")
        for key, item in value.items():
            if isinstance(item, dict | list) or (isinstance(item, str) and len(item) > 1000) or len(key) > 80:
                raise MalformedMessage(seen=f"{name}.{key[:80]}", expected="plain values, texts up to 1000 characters")
        return value

    def source(self, name: str = "source") -> str:
        return self._id(lambda value: check_id("d", value), name)

    def boot(self, name: str = "boot") -> str:
        return self._id(check_boot, name)

    def ranges(self, name: str, *, limit: int = 10_000) -> list[tuple[int, int]]:
        """Inclusive ranges `[first, last]`, ascending and apart."""
        pairs: list[tuple[int, int]] = []
        for item in self.items(name, limit=limit):
            if not isinstance(item, list) or len(item) != 2:
                raise MalformedMessage(seen=f"{name}: {str(item)[:40]}", expected="[first, last]")
            pair = fields({"first": item[0], "last": item[1]})
            first = pair.integer("first", 1)
            last = pair.integer("last", first)
            if pairs and first <= pairs[-1][1]:
                raise MalformedMessage(seen=f"{name}: {first} after {pairs[-1]}", expected="ascending ranges")
            pairs.append((first, last))
        return pairs

    def _id(self, check: Callable[[object], str], name: str) -> str:
        try:
            return check(self.of.get(name))
        except BadId as error:
            raise MalformedMessage(seen=f"{name}: {error.seen}", expected=error.expected) from error


def fields(value: Any) -> Fields:
    """Raises MalformedMessage when `value` is not an object."""
    if not isinstance(value, dict):
        raise MalformedMessage(seen=str(value)[:40], expected="an object")
    return Fields(value)
