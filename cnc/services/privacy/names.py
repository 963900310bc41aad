"""Whether people are told by name: off for a company until somebody switches it on, and then for who agreed to it.

Names, badges and shifts of operators are personal data, and watching people at work needs an assessment first (GDPR,
article 35). Where names are off, others read the role of whoever did something.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from cnc.domain.privacy.consent import Consent, holding

SETTING: Final = "setting#operator_names"
AGREED: Final = "name_shown"
#: The role that says most of what somebody did, first.
_TELLING: Final = (
    "owner", "admin", "supervisor", "quality", "maintenance", "operator", "developer", "publisher", "buyer", "viewer",
)  # fmt: skip


class Documents(Protocol):
    def read(self, sort: str) -> dict[str, Any] | None: ...
    def write(self, sort: str, body: Any, *, expires_s: int = 0) -> None: ...


class Consents(Protocol):
    def of(self, user: str, /) -> list[Consent]: ...


@dataclass(frozen=True, slots=True)
class OperatorNames:
    """The setting; `by` and `at_ms` of who changed it last."""

    on: bool = False
    by: str = ""
    at_ms: int = 0
    assessed: bool = False


def operator_names(documents: Documents) -> OperatorNames:
    body = documents.read(SETTING)
    return OperatorNames(**body) if body else OperatorNames()


def switch(on: bool, *, by: str, assessed: bool, documents: Documents, now_ms: int) -> OperatorNames:
    """`assessed`: whoever switches it on says that its effect on people was assessed."""
    made = OperatorNames(on, by, now_ms, assessed)
    body = {"on": made.on, "by": made.by, "at_ms": made.at_ms, "assessed": made.assessed}
    documents.write(SETTING, body)
    return made


def told_by_name(user: str, *, setting: OperatorNames, consents: Consents) -> bool:
    """Whether others read this person's name beside what the person did."""
    return setting.on and AGREED in holding(consents.of(user))


def telling_role(roles: Iterable[str]) -> str:
    """The one role to be read in the place of a name; "" for none."""
    held = set(roles)
    return next((role for role in _TELLING if role in held), "")
