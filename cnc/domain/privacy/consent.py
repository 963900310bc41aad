"""What people agree to: kinds, the version of the text they saw, and records of giving and withdrawing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from cnc.domain.base.errors import CncError


class Document(NamedTuple):
    """A text that may be agreed to. A new wording is a new version, which asks again."""

    version: str
    title: str
    text: str


#: kind -> its present document. None of them is needed to use the product.
DOCUMENTS: Final[Mapping[str, Document]] = MappingProxyType(
    {
        "name_shown": Document(
            "2026-11-25",
            "Your name beside what you do",
            "Others in your company see your name, instead of your role alone, beside changes and approvals of yours. "
            "It is never used to judge your work. You may take this back at any time; then they see your role again.",
        ),
        "product_news": Document(
            "2026-11-25",
            "News about the product",
            "We may write to your e-mail address about what is new, at most once a month. You may take this back at "
            "any time here, or by the link in every message.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Consent:
    """`given` False is a withdrawal. `version` is that of the text that was shown."""

    user: str
    kind: str
    version: str
    given: bool
    at_ms: int

    def row(self) -> dict[str, Any]:
        return {"kind": self.kind, "version": self.version, "given": self.given, "at_ms": self.at_ms}

    @classmethod
    def of_row(cls, user: str, row: Mapping[str, Any]) -> "Consent":
        return cls(user, row["kind"], row["version"], bool(row["given"]), int(row["at_ms"]))


def checked(user: str, kind: str, version: str, *, given: bool, at_ms: int) -> Consent:
    """A record to be kept. Raises CncError `consent.unknown`, `consent.version`; withdrawing takes any version."""
    document = DOCUMENTS.get(kind)
    if document is None:
        raise CncError("consent.unknown", seen=kind, expected=f"one of {', '.join(DOCUMENTS)}")
    if given and version != document.version:
        raise CncError("consent.version", seen=version, expected=document.version, todo="Show the present text.")
    return Consent(user, kind, version, given, at_ms)


def holding(records: Iterable[Consent]) -> dict[str, Consent]:
    """kind -> the record that gave it, for what holds now: given last, and for the present version."""
    last: dict[str, Consent] = {}
    for record in sorted(records, key=lambda one: one.at_ms):
        last[record.kind] = record
    return {
        kind: record
        for kind, record in last.items()
        if record.given and kind in DOCUMENTS and record.version == DOCUMENTS[kind].version
    }
