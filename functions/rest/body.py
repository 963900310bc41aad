"""A body is JSON that can be read, or the request is refused before the router sees it."""

import json
import math
import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from cnc.domain.base.errors import CncError

JSON = "application/json"
MOST_BYTES = 4_000_000  # a program of a large control; Lambda takes 6 MB
MOST_LEVELS = 32
MOST_DIGITS = 19  # of an integer: 64 bits, more than any field holds
#: Texts in which a NUL or half of a surrogate pair may stand, as such or escaped.
_SUSPICIOUS = re.compile(r"\0|\\u(?:0000|[dD][89a-fA-F])")
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
        text = data.decode("utf-8")
        _check_levels(text)
        body = json.loads(text, parse_constant=_no_number, parse_float=_finite, parse_int=_storable)
        if _SUSPICIOUS.search(text):
            _check_letters(body)
    except ValueError as error:  # of both decoders
        raise CncError("request.malformed", seen=_why(error), expected="JSON in UTF-8") from error
    if body is not None and not isinstance(body, dict):
        raise CncError("request.invalid", seen=f"a body of type {type(body).__name__}", expected="an object")


def _check_levels(text: str) -> None:
    """Parsers go down one call per level, so that is counted first, outside of strings."""
    level = 0
    for mark in _MARKS.finditer(text):
        level += {"[": 1, "{": 1, "]": -1, "}": -1}.get(mark.group(), 0)
        if level > MOST_LEVELS:
            raise CncError("limit.cost", seen="a deeper body", expected=f"at most {MOST_LEVELS} levels")


class Unstorable(ValueError):
    """A value that JSON can write and no field can hold; the text says which."""


def _no_number(name: str) -> None:
    raise Unstorable(f"{name}, which is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise Unstorable("a number beyond all bounds")
    return number


def _storable(text: str) -> int:
    if len(text.lstrip("-")) > MOST_DIGITS:
        raise Unstorable(f"an integer of more than {MOST_DIGITS} digits")
    return int(text)


def _check_letters(value: Any) -> None:
    """Names of fields are looked at too: a free-form object keeps them."""
    if isinstance(value, str) and ("\0" in value or (not value.isascii() and _has_half_a_pair(value))):
        raise Unstorable("a text with a NUL or half of a surrogate pair")
    inner = (*value.keys(), *value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        _check_letters(one)


def _has_half_a_pair(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def _why(error: ValueError) -> str:
    return str(error) if isinstance(error, Unstorable) else "a body that is no JSON"
