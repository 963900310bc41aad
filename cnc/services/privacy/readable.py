"""Rows as people and programs read them: what is packed is unpacked, what is secret is left out."""

import json
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any, Final

from cnc.services.privacy.ports import Row

#: Attributes that open something. Nobody is given these, their owner neither.
_SECRET_PARTS: Final = ("secret", "password", "key_hash", "recovery", "token", "wrapped")
#: Bytes of one member of the archive, and rows of it: what one run holds in memory.
MEMBER_BYTES: Final = 4 << 20
_MOST_INFLATED: Final = 16 << 20


def is_secret(name: str) -> bool:
    return any(part in name.lower() for part in _SECRET_PARTS)


def readable(row: Row) -> dict[str, Any]:
    """The row as a JSON object: `key` is its sort key."""
    return {"key": row.sort} | {name: _value(value) for name, value in row.values.items() if not is_secret(name)}


def line(value: dict[str, Any]) -> bytes:
    """One line of JSON Lines."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode() + b"\n"


def batches(rows: Iterable[Row]) -> Iterator[tuple[str, bytes]]:
    """JSON Lines of some megabytes each, with the sort key of the last row in it."""
    lines: list[bytes] = []
    size, last = 0, ""
    for row in rows:
        lines.append(line(readable(row)))
        size, last = size + len(lines[-1]), row.sort
        if size >= MEMBER_BYTES:
            yield last, b"".join(lines)
            lines, size = [], 0
    if lines:
        yield last, b"".join(lines)


def text_of(row: Row) -> str:
    """All of a row as one text, for looking whether it names somebody or something."""
    return json.dumps([row.sort, {name: _value(value) for name, value in row.values.items()}], ensure_ascii=False)


def _value(value: Any) -> Any:
    if isinstance(value, bytes):
        return _of_bytes(value)
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return _without_secrets(json.loads(value))
        except (ValueError, RecursionError):
            return value
    return value


def _of_bytes(value: bytes) -> Any:
    """Deflated JSON, JSON, or base64 of what is neither."""
    for body in (_inflated(value), value):
        try:
            if body is not None and body[:1] in (b"{", b"["):
                return _without_secrets(json.loads(body))
        except (ValueError, RecursionError):
            continue
    return {"base64": b64encode(value).decode()}


def _inflated(value: bytes) -> bytes | None:
    for wbits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        try:
            unpacker = zlib.decompressobj(wbits)
            body = unpacker.decompress(value, _MOST_INFLATED)
        except zlib.error:
            continue
        if unpacker.eof:
            return body
    return None


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_secrets(one) for name, one in value.items() if not is_secret(str(name))}
    return [_without_secrets(one) for one in value] if isinstance(value, list) else value
