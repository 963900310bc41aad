"""A body is JSON that can be read, or the request is refused before the router sees it."""

import json
import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from cnc.domain.base.errors import CncError

JSON = "application/json"
MOST_BYTES = 4_000_000  # a program of a large control; Lambda takes 6 MB
MOST_LEVELS = 32
_MARKS = re.compile(r'"(?:\\.|[^"\\])*"?|[\[\]{}]')


def check_body(event: Mapping[str, Any]) -> None:
    """Raises CncError: limit.size, media.unsupported, limit.cost for too deep nesting, or request.malformed."""
    text: str = event.get("body") or ""
    data = b64decode(text) if event.get("isBase64Encoded") else text.encode("utf-8", "surrogatepass")
    if not data:
        return
    if len(data) > MOST_BYTES:
        raise CncError("limit.size", seen=f"{len(data)} bytes", expected=f"at most {MOST_BYTES} bytes")
    media = str((event.get("headers") or {}).get("content-type", "")).partition(";")[0].strip().lower()
    if media != JSON:
        raise CncError("media.unsupported", seen=media, expected=JSON)
    try:
        read = data.decode("utf-8")
        _check_levels(read)
        json.loads(read, parse_constant=_no_number)
    except ValueError as error:  # of both decoders
        raise CncError("request.malformed", seen="a body that is no JSON", expected="JSON in UTF-8") from error


def _check_levels(text: str) -> None:
    """Parsers go down one call per level, so that is counted first, outside of strings."""
    level = 0
    for mark in _MARKS.finditer(text):
        level += {"[": 1, "{": 1, "]": -1, "}": -1}.get(mark.group(), 0)
        if level > MOST_LEVELS:
            raise CncError("limit.cost", seen="a deeper body", expected=f"at most {MOST_LEVELS} levels")


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
