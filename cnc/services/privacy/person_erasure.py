"""The erasure of a person in one shop: rows of the person go, names in rows of the shop go, and the person's key goes.

What must stay (approvals, the audit chain, versions of programs) names the person by an id that leads nowhere any more.
Every step may be done again.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from cnc.domain.base.clock import to_ms
from cnc.domain.base.errors import CncError
from cnc.domain.privacy.retention import Place
from cnc.services.privacy.person import PEOPLES_PLACES, Person, PersonStores
from cnc.services.privacy.ports import Row

#: An order that is not carried out by then is begun again.
LATE: Final = timedelta(minutes=15)
#: What stands where a name stood.
ERASED: Final = "[erased]"
#: Kinds of row that are of one person: the sort key says whose, or the row names the person and nobody else.
_OF_PERSON: Final = frozenset({"people", "consents"})
#: Never changed: the chain holds ids and digests alone.
_UNCHANGED: Final = frozenset({"audit", "person_keys"})


class Keys(Protocol):
    def destroy(self, person: str) -> None: ...


class Accounts(Protocol):
    def remove(self, *, email: str, subject: str) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class PersonErasure:
    """What erasing a person needs. `forget` takes the person out of the directory: whether no other tenant is left.

    `forget_archives` removes the archives that were made of the person; how many.
    """

    stores: PersonStores
    keys: Keys
    accounts: Accounts
    forget: Callable[[Person], bool]
    forget_archives: Callable[[str], int]


def may_be_erased(person: str, *, roles: Mapping[str, tuple[str, ...]]) -> None:
    """`roles` are those of everybody in the shop, by id. Raises CncError `erasure.last_owner`."""
    owners = {user for user, held in roles.items() if "owner" in held}
    if owners == {person}:
        todo = "Make somebody else an owner first, or delete the company."
        raise CncError("erasure.last_owner", seen="the only owner", expected="another owner", todo=todo)


def erase(person: Person, *, parts: PersonErasure) -> dict[str, int]:
    """Counts by what was done: rows removed, rows in which a name was replaced, account and key."""
    counts: dict[str, int] = {}
    last = parts.forget(person)
    counts["account"] = int(last and parts.accounts.remove(email=person.email, subject=person.subject))
    user_row: tuple[Place, str] | None = None
    for place in PEOPLES_PLACES:
        for row in list(parts.stores.rows.rows(place)):
            if not person.named_in(row):
                continue
            if place.noun == "U" and row.sort == person.id:
                user_row = (place, row.sort)
            elif place.keeps in _OF_PERSON or _invites(row, person):
                parts.stores.rows.drop(place, [row.sort])
                counts["removed"] = counts.get("removed", 0) + 1
            elif place.keeps not in _UNCHANGED and (changed := without_names(row, person)):
                parts.stores.rows.replace(place, row.sort, changed)
                counts["names_replaced"] = counts.get("names_replaced", 0) + 1
    counts["archives"] = parts.forget_archives(person.id)
    parts.keys.destroy(person.id)
    if user_row is not None:  # last: as long as it is there, an erasure that was cut off finds the person again
        parts.stores.rows.drop(user_row[0], [user_row[1]])
        counts["removed"] = counts.get("removed", 0) + 1
    return counts


def without_names(row: Row, person: Person) -> dict[str, str]:
    """Texts of a row that name the person by more than the id, with the names taken out."""
    changed = {}
    for name, value in row.values.items():
        if isinstance(value, str):
            text = _replaced(value, person)
            if text != value:
                changed[name] = text
    return changed


def _replaced(text: str, person: Person) -> str:
    for term in person.names:
        text = text.replace(term, ERASED)
        inside = json.dumps(term)[1:-1]
        text = text.replace(inside, ERASED)
    return text


def _invites(row: Row, person: Person) -> bool:
    """An invitation of this very person: it names the address it was sent to."""
    email: Any = row.values.get("email")
    return isinstance(email, str) and email.lower() == person.email.lower()


class Documents(Protocol):
    def read(self, sort: str) -> dict[str, Any] | None: ...
    def write(self, sort: str, body: Any, *, expires_s: int = 0) -> None: ...
    def below(self, prefix: str) -> Iterator[tuple[str, dict[str, Any]]]: ...


def order_erasure(person: str, *, by: str, documents: Documents, now_ms: int) -> dict[str, Any]:
    """Keep the order to erase a person; the one that is there already, unless it is done."""
    held = documents.read(f"erasure#{person}")
    if held is not None and held["state"] != "done":
        return held
    order = {"v": 1, "person": person, "by": by, "asked_ms": now_ms, "state": "ordered", "done_ms": 0, "erased": {}}
    documents.write(f"erasure#{person}", order)
    return order


def erase_ordered(person: str, *, parts: PersonErasure, documents: Documents, now_ms: int) -> dict[str, Any] | None:
    """Carry out an order; the order as it stands then, None without one. An order that is done stays done."""
    order = documents.read(f"erasure#{person}")
    if order is None or order["state"] == "done":
        return None
    found = parts.stores.find(person)
    counts = {} if found is None else erase(found, parts=parts)
    parts.keys.destroy(person)
    order = order | {"state": "done", "done_ms": now_ms, "erased": counts}
    documents.write(f"erasure#{person}", order)
    return order


def waiting_people(documents: Documents, *, now: datetime) -> list[str]:
    """People whose erasure was ordered a while ago and is not done."""
    late_ms = to_ms(now - LATE)
    return [
        person
        for person, order in documents.below("erasure#")
        if order["state"] != "done" and order["asked_ms"] < late_ms
    ]
