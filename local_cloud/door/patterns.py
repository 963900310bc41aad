"""Wildcards and policy variables of IAM: `*`, `?` and `${key}`; a variable's value is a literal, never a pattern."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

Context = Mapping[str, str | Sequence[str]]  # lower-case keys; a list is a multi-valued key, even with one value

_TOKEN = re.compile(r"\$\{([^}]*)\}|\*|\?|[^*?$]+|\$")
_ESCAPES = {"*", "?", "$"}  # ${*} is a literal star


def literal(template: str, context: Context) -> str | None:
    """`template` with its variables filled in, wildcards being ordinary text; None when one is unknown."""
    parts: list[str] = []
    for token in _TOKEN.finditer(template):
        filled = token[0] if token[1] is None else _variable(token[1], context)
        if filled is None:
            return None
        parts.append(filled)
    return "".join(parts)


def matches(template: str, value: str, context: Context, *, fold: bool = False) -> bool:
    """Whether `value` fits the pattern; a pattern with an unknown variable fits nothing."""
    parts: list[str] = []
    for token in _TOKEN.finditer(template):
        if token[1] is not None:
            filled = _variable(token[1], context)
            if filled is None:
                return False
            parts.append(re.escape(filled))
        else:
            parts.append({"*": ".*", "?": "."}.get(token[0]) or re.escape(token[0]))
    return _compiled("".join(parts), fold).fullmatch(value) is not None


def matches_arn(template: str, value: str, context: Context) -> bool:
    """Whether an ARN fits: the six parts one by one, so that `*` never reaches over a colon of the first five."""
    if template == "*":
        return True
    wanted, seen = template.split(":", 5), value.split(":", 5)
    if len(wanted) != 6 or len(seen) != 6:
        return matches(template, value, context) if len(wanted) == len(seen) else False
    return all(matches(one, other, context) for one, other in zip(_rejoined(template), seen, strict=True))


def _rejoined(template: str) -> list[str]:
    """The six parts of a pattern; a colon inside `${…}` is no separator."""
    parts: list[str] = [""]
    for token in re.finditer(r"\$\{[^}]*\}|:|[^:$]+|\$", template):
        if token[0] == ":" and len(parts) < 6:
            parts.append("")
        else:
            parts[-1] += token[0]
    return parts + [""] * (6 - len(parts))


def _variable(name: str, context: Context) -> str | None:
    if name in _ESCAPES:
        return name
    value = context.get(name.lower())
    return value if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def _compiled(pattern: str, fold: bool) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL | (re.IGNORECASE if fold else 0))
