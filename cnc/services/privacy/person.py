"""Everything that names a person in a shop: found by looking at every row, whatever kind it is."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from cnc.domain.base.errors import CncError
from cnc.domain.privacy.retention import PLACES, Place
from cnc.services.privacy.exports import Export, Member, Section
from cnc.services.privacy.ports import DirectoryRow, Objects, Row, Rows
from cnc.services.privacy.readable import MEMBER_BYTES, is_secret, line, readable, text_of
from cnc.services.privacy.readme import readme

#: Rows of machines cannot name a person; those that people write can.
_NOT_PEOPLES: Final = frozenset({"chunks", "hours", "ledgers", "previews", "schemas", "dirty", "person_keys"})
PEOPLES_PLACES: Final = tuple(place for place in PLACES if place.keeps not in _NOT_PEOPLES)
#: Shorter names would be found in everything.
_SHORTEST_NAME: Final = 3


@dataclass(frozen=True, slots=True)
class Person:
    """Who is looked for. `terms` are what names them in rows; the id is a pseudonym, the others are not."""

    id: str
    issuer: str
    subject: str
    email: str
    name: str

    @property
    def names(self) -> tuple[str, ...]:
        """What tells who it is, the longest first."""
        found = {self.email, self.email.lower(), self.name, self.subject}
        return tuple(sorted((term for term in found if len(term) >= _SHORTEST_NAME), key=len, reverse=True))

    def named_in(self, row: Row) -> bool:
        text = text_of(row)
        return self.id in text or any(term in text for term in map(_as_json, self.names))


class PersonDirectory(Protocol):
    def of_person(self, *, tenant: str, issuer: str, subject: str) -> Sequence[DirectoryRow]: ...


@dataclass(frozen=True, kw_only=True)
class PersonStores:
    """`find` reads the person as the shop knows it. `account` is what the identity provider knows beside it."""

    tenant: str
    rows: Rows
    objects: Objects
    directory: PersonDirectory
    find: Callable[[str], Person | None]
    account: Callable[[Person], Mapping[str, str]]


def known_person(user: str, *, stores: PersonStores) -> Person:
    """Raises CncError `user.not_found`."""
    found = stores.find(user)
    if found is None:
        raise CncError("user.not_found", seen=user)
    return found


def person_sections(export: Export, stores: PersonStores) -> list[Section]:
    """`person.json`, and rows by kind that name the person."""
    person = known_person(export.subject, stores=stores)

    def about(after: str) -> Iterator[Member]:
        if not after:
            yield Member("README.md", readme(export).encode(), "")
            yield Member("person.json", _about(person, stores), "about")

    return [Section("about you", about), *(_mentions(place, person, stores) for place in PEOPLES_PLACES)]


def mentions(place: Place, person: Person, rows: Rows) -> Iterator[Row]:
    """Rows of one kind that name the person."""
    return (row for row in rows.rows(place) if person.named_in(row))


def _about(person: Person, stores: PersonStores) -> bytes:
    directory = stores.directory.of_person(tenant=stores.tenant, issuer=person.issuer, subject=person.subject)
    about = {
        "v": 1,
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "issuer": person.issuer,
        "subject": person.subject,
        "account": stores.account(person),
        "sign_ins_and_memberships": [_facts(row) for row in directory],
    }
    return json.dumps(about, indent=1, sort_keys=True, ensure_ascii=False).encode()


def _facts(row: DirectoryRow) -> dict[str, Any]:
    known = {name: text for name, text in row.facts.items() if not is_secret(name)}
    return {"kind": {"U": "membership", "S": "sign-in", "Y": "list of sign-ins"}.get(row.key[:1], row.key[:1])} | known


def _mentions(place: Place, person: Person, stores: PersonStores) -> Section:
    def members(after: str) -> Iterator[Member]:
        folder = f"mentions/{place.table}_{place.keeps}_{place.noun}"
        count, sort = after.split("|", 1) if after else ("0", "")
        lines: list[bytes] = []
        last, number = sort, int(count)
        for row in stores.rows.rows(place, after=sort):
            last = row.sort
            if person.named_in(row):
                lines.append(line(readable(row)))
            if sum(map(len, lines)) >= MEMBER_BYTES:
                number += 1
                yield Member(f"{folder}/{number:05d}.jsonl", b"".join(lines), f"{number}|{last}")
                lines = []
        if lines:
            number += 1
            yield Member(f"{folder}/{number:05d}.jsonl", b"".join(lines), f"{number}|{last}")

    return Section(place.keeps, members)


def _as_json(term: str) -> str:
    """As it stands inside of a JSON text."""
    return json.dumps(term, ensure_ascii=False)[1:-1]
