"""What rows hold of people, sealed with the key of each: one choice per process, like the table that rows lie in.

A process without keys writes texts as they are, and reads sealed ones as "".
"""

from dataclasses import dataclass
from typing import Protocol

from cnc.domain.privacy.sealed import MARK


class Keys(Protocol):
    """`cnc.services.person_keys.PersonKeys`, which loads what only some functions ship."""

    def seal(self, person: str, text: str) -> str: ...
    def open(self, person: str, text: str) -> str: ...
    def pseudonym(self, person: str, text: str) -> str: ...


@dataclass(slots=True)
class _Sealing:
    keys: Keys | None = None


_sealing = _Sealing()


def seal_with(keys: Keys | None) -> None:
    """Use these keys for all rows of people of this process from now on."""
    _sealing.keys = keys


def sealed(person: str, text: str) -> str:
    """As it is stored."""
    return text if _sealing.keys is None or not text else _sealing.keys.seal(person, text)


def opened(person: str, text: str) -> str:
    """As people read it."""
    if not text.startswith(MARK):
        return text
    return "" if _sealing.keys is None else _sealing.keys.open(person, text)


def pseudonym(person: str, text: str) -> str:
    """As the audit log holds it: the same for the same text, and nobody's once the person's key is gone."""
    return "" if _sealing.keys is None else _sealing.keys.pseudonym(person, text)
