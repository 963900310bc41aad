"""Evaluation of IoT policies for one connection.

Rules (AWS IoT developer guide, "AWS IoT Core policies" and "policy variables"):
default deny, Deny wins, `*` and `?` are the wildcards and `+` and `#` are literal.
A variable that does not resolve, or a condition that is not understood, makes an
Allow void and a Deny apply.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

VARIABLE = re.compile(r"\$\{([^}]*)\}")
ATTRIBUTE = re.compile(r"iot:Connection\.Thing\.Attributes\[(.+)\]")
FIXED = {"*": "[*]", "?": "[?]", "$": "$"}


class Unresolved(Exception):
    """A policy variable or a condition has no value for this connection."""


@dataclass(frozen=True, slots=True)
class Who:
    """What policy variables can see. `thing` is set only when the certificate is attached to it and the
    client id equals its name (the rule of AWS for associations that are not exclusive)."""

    client_id: str
    thing: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    source_ip: str = "127.0.0.1"

    def value(self, name: str) -> str:
        """Raises Unresolved."""
        if name == "iot:ClientId":
            return self.client_id
        if name == "aws:SourceIp":
            return self.source_ip
        if name == "iot:Connection.Thing.IsAttached":
            return "true" if self.thing is not None else "false"
        if self.thing is not None and name == "iot:Connection.Thing.ThingName":
            return self.thing
        attribute = ATTRIBUTE.fullmatch(name)
        if self.thing is not None and attribute and attribute[1] in self.attributes:
            return self.attributes[attribute[1]]
        raise Unresolved(name)


def allowed(documents: Iterable[Mapping[str, Any]], action: str, resource: str, who: Who) -> bool:
    """Whether `who` may do `action` (`iot:Publish`) on `resource` (a full ARN)."""
    granted = False
    for document in documents:
        for statement in _listed(document.get("Statement", [])):
            effect = statement.get("Effect")
            if effect == "Deny" and _applies(statement, action, resource, who, when_unresolved=True):
                return False
            if effect == "Allow" and not granted:
                granted = _applies(statement, action, resource, who, when_unresolved=False)
    return granted


def _applies(statement: Mapping[str, Any], action: str, resource: str, who: Who, *, when_unresolved: bool) -> bool:
    if "NotAction" in statement or "NotResource" in statement or "Principal" in statement:
        return when_unresolved
    if not any(_glob(pattern.lower()).fullmatch(action.lower()) for pattern in _listed(statement.get("Action", []))):
        return False
    try:
        return any(_covers(p, resource, who) for p in _listed(statement.get("Resource", []))) and _conditions(
            statement.get("Condition", {}), who
        )
    except Unresolved:
        return when_unresolved


def _covers(pattern: str, resource: str, who: Who) -> bool:
    # Values are put in as literals: a client id with a `*` must not become a wildcard.
    pieces: list[str] = []
    at = 0
    for found in VARIABLE.finditer(pattern):
        pieces.append(_regex(pattern[at : found.start()]))
        name = found[1]
        pieces.append(FIXED[name] if name in FIXED else re.escape(who.value(name)))
        at = found.end()
    pieces.append(_regex(pattern[at:]))
    return _compiled("".join(pieces)).fullmatch(resource) is not None


def _regex(text: str) -> str:
    # `?` stands for one character; a filter's + or # stands for many, so `?` must not cover it.
    return "".join(".*" if c == "*" else "[^+#]" if c == "?" else re.escape(c) for c in text)


@lru_cache(maxsize=4096)
def _compiled(regex: str) -> re.Pattern[str]:
    return re.compile(regex, re.DOTALL)


def _glob(pattern: str) -> re.Pattern[str]:
    return _compiled(_regex(pattern))


def _conditions(conditions: Mapping[str, Any], who: Who) -> bool:
    return all(
        _condition(operator, who.value(key), _listed(wanted), who)
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _condition(operator: str, seen: str, wanted: list[Any], who: Who) -> bool:
    if operator == "Bool":
        return seen in [str(value).lower() for value in wanted]
    filled = [VARIABLE.sub(lambda found: who.value(found[1]), str(value)) for value in wanted]
    if operator == "StringEquals":
        return seen in filled
    if operator == "StringNotEquals":
        return seen not in filled
    if operator == "StringLike":
        return any(_covers(str(value), seen, who) for value in wanted)
    raise Unresolved(f"condition operator {operator}")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
