"""Functions of IoT SQL. Each gets the context and its evaluated arguments; Undefined in, Undefined out.

Left out of AWS's list is what needs other services (`aws_lambda`, `get_thing_shadow`, `machinelearning_predict` …):
a rule that uses one is refused when it is loaded.
"""

import base64
import hashlib
import math
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from local_cloud.rules.context import Context
from local_cloud.rules.values import UNDEFINED, Value, boolean, number, text

STAR = object()  # the bare `*`: the payload as it came


@dataclass(frozen=True, slots=True)
class Function:
    """`call(context, arguments)`; `least` and `most` bound the number of arguments."""

    call: Callable[[Context, Sequence[Value]], Value]
    least: int
    most: int
    takes_undefined: bool = False


def _topic(context: Context, arguments: Sequence[Value]) -> Value:
    if not arguments:
        return context.topic
    level, parts = number(arguments[0]), context.topic.split("/")
    return parts[level - 1] if isinstance(level, int) and 1 <= level <= len(parts) else UNDEFINED


def _encode(context: Context, arguments: Sequence[Value]) -> Value:
    value, scheme = arguments
    if scheme != "base64":
        return UNDEFINED
    if value is STAR:
        return context.base64
    as_text = text(value)
    return UNDEFINED if as_text is UNDEFINED else base64.b64encode(str(as_text).encode()).decode()


def _decode(context: Context, arguments: Sequence[Value]) -> Value:
    value, scheme = context.payload.decode(errors="replace") if arguments[0] is STAR else arguments[0], arguments[1]
    if scheme != "base64" or not isinstance(value, str):
        return UNDEFINED
    try:
        return base64.b64decode(value, validate=True).decode()
    except ValueError:
        return UNDEFINED


def _get(_: Context, arguments: Sequence[Value]) -> Value:
    """get(array | object | string, index or key)."""
    return item(arguments[0], arguments[1])


def item(value: Value, key: Value) -> Value:
    """Element of an array or string by number, of an object by name; else Undefined."""
    if isinstance(value, dict) and isinstance(key, str):
        return value.get(key, UNDEFINED)
    if isinstance(value, (list, str)) and isinstance(key, int) and 0 <= key < len(value):
        return value[key]
    return UNDEFINED


def _cast(_: Context, arguments: Sequence[Value]) -> Value:
    value, kind = arguments
    if kind == "string":
        return text(value)
    if kind == "boolean":
        return value != 0 if isinstance(value, (int, float)) and not isinstance(value, bool) else boolean(value)
    seen = int(value) if isinstance(value, bool) else number(value)
    if not isinstance(seen, (int, float)) or kind not in ("int", "decimal"):
        return UNDEFINED
    return int(seen) if kind == "int" else float(seen)


def _strings(call: Callable[..., Any]) -> Callable[[Context, Sequence[Value]], Value]:
    def applied(_: Context, arguments: Sequence[Value]) -> Value:
        texts = [text(argument) for argument in arguments]
        return UNDEFINED if UNDEFINED in texts else call(*texts)

    return applied


def _numbers(call: Callable[..., Any]) -> Callable[[Context, Sequence[Value]], Value]:
    def applied(_: Context, arguments: Sequence[Value]) -> Value:
        numbers = [number(argument) for argument in arguments]
        return UNDEFINED if UNDEFINED in numbers else call(*numbers)

    return applied


def _concat(_: Context, arguments: Sequence[Value]) -> Value:
    if any(isinstance(argument, list) for argument in arguments):
        return [one for a in arguments for one in (a if isinstance(a, list) else [a])]
    texts = [text(argument) for argument in arguments]
    return UNDEFINED if UNDEFINED in texts else "".join(str(one) for one in texts)


def _substring(_: Context, arguments: Sequence[Value]) -> Value:
    whole, *bounds = arguments
    if not isinstance(whole, str) or not all(isinstance(bound, int) for bound in bounds):
        return UNDEFINED
    return whole[max(0, bounds[0]) : bounds[1] if len(bounds) == 2 else None]


def _matches(_: Context, arguments: Sequence[Value]) -> Value:
    value, pattern = text(arguments[0]), arguments[1]
    if not isinstance(value, str) or not isinstance(pattern, str):
        return UNDEFINED
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return UNDEFINED


def _size(_: Context, arguments: Sequence[Value]) -> Value:
    value = arguments[0]
    return len(value) if isinstance(value, (str, list)) else UNDEFINED


FUNCTIONS: dict[str, Function] = {
    "topic": Function(_topic, 0, 1),
    "timestamp": Function(lambda context, _: context.received_ms, 0, 0),
    "newuuid": Function(lambda _c, _a: str(uuid.uuid4()), 0, 0),
    "clientid": Function(lambda context, _: context.client_id, 0, 0),
    "principal": Function(lambda context, _: context.principal or UNDEFINED, 0, 0),
    "accountid": Function(lambda context, _: context.account, 0, 0),
    "traceid": Function(lambda context, _: context.trace_id, 0, 0),
    "encode": Function(_encode, 2, 2),
    "decode": Function(_decode, 2, 2),
    "get": Function(_get, 2, 2),
    "cast": Function(_cast, 2, 2),
    "concat": Function(_concat, 1, 20),
    "lower": Function(_strings(str.lower), 1, 1),
    "upper": Function(_strings(str.upper), 1, 1),
    "trim": Function(_strings(str.strip), 1, 1),
    "startswith": Function(_strings(str.startswith), 2, 2),
    "endswith": Function(_strings(str.endswith), 2, 2),
    "indexof": Function(_strings(str.find), 2, 2),
    "md5": Function(_strings(lambda s: hashlib.md5(s.encode(), usedforsecurity=False).hexdigest()), 1, 1),
    "sha256": Function(_strings(lambda s: hashlib.sha256(s.encode()).hexdigest()), 1, 1),
    "regexp_matches": Function(_matches, 2, 2),
    "substring": Function(_substring, 2, 3),
    "length": Function(_size, 1, 1),
    "abs": Function(_numbers(abs), 1, 1),
    "ceil": Function(_numbers(math.ceil), 1, 1),
    "floor": Function(_numbers(math.floor), 1, 1),
    "round": Function(_numbers(lambda x: math.floor(x + 0.5)), 1, 1),
    "isnull": Function(lambda _, a: a[0] is None, 1, 1, takes_undefined=True),
    "isundefined": Function(lambda _, a: a[0] is UNDEFINED, 1, 1, takes_undefined=True),
}
