"""Policy documents and the decision: an explicit Deny wins, else an Allow is needed, else no."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from local_cloud.door import conditions
from local_cloud.door.patterns import Context, matches, matches_arn

_KNOWN = {
    "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition", "Principal", "NotPrincipal",
}  # fmt: skip


class BadPolicy(ValueError):
    """A document that cannot be judged; the text names what was seen."""


class Decision(Enum):
    ALLOW = "allow"
    DENY = "deny"  # a Deny statement, or something unknown
    NOTHING = "nothing"  # no statement speaks about it


@dataclass(frozen=True, slots=True)
class Ask:
    """One action on one resource, with the context of the request."""

    action: str
    resource: str
    context: Context


@dataclass(frozen=True, slots=True)
class Statement:
    allow: bool
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_resources: tuple[str, ...]
    condition: Mapping[str, Mapping[str, Any]]
    principals: tuple[str, ...]  # "*", an ARN or a service; empty in identity policies

    def speaks_of(self, ask: Ask) -> bool:
        """Whether action and resource are those of the statement."""
        acts = any(matches(one, ask.action, ask.context, fold=True) for one in self.actions or self.not_actions)
        if acts == bool(self.not_actions):
            return False
        if not self.resources and not self.not_resources:
            return True  # trust policies name none
        on = any(matches_arn(one, ask.resource, ask.context) for one in self.resources or self.not_resources)
        return on != bool(self.not_resources)


def parse(document: Mapping[str, Any]) -> tuple[Statement, ...]:
    """Statements of a document. Raises BadPolicy for elements that are not known here."""
    raw = document.get("Statement", [])
    return tuple(_statement(one) for one in (raw if isinstance(raw, list) else [raw]))


def _statement(raw: Mapping[str, Any]) -> Statement:
    extra = raw.keys() - _KNOWN
    if extra or raw.get("Effect") not in ("Allow", "Deny") or "NotPrincipal" in raw:
        raise BadPolicy(f"cannot judge the statement {dict(raw)!r}")
    return Statement(
        allow=raw["Effect"] == "Allow",
        actions=_many(raw.get("Action")),
        not_actions=_many(raw.get("NotAction")),
        resources=_many(raw.get("Resource")),
        not_resources=_many(raw.get("NotResource")),
        condition=raw.get("Condition", {}),
        principals=_principals(raw.get("Principal")),
    )


def _many(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)


def _principals(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    return tuple(one for many in value.values() for one in _many(many))


def decide(statements: Iterable[Statement], ask: Ask, *, principals: Sequence[str] | None = None) -> Decision:
    """Judge one ask. `principals` are the caller's names, for documents that carry principals."""
    found = Decision.NOTHING
    for statement in statements:
        if principals is not None and not _names(statement, principals):
            continue
        if not statement.speaks_of(ask):
            continue
        try:
            applies = conditions.hold(statement.condition, ask.context)
        except conditions.UnknownOperator:
            return Decision.DENY
        if applies and not statement.allow:
            return Decision.DENY
        if applies:
            found = Decision.ALLOW
    return found


def _names(statement: Statement, principals: Sequence[str]) -> bool:
    return any(one == "*" or one in principals for one in statement.principals)
