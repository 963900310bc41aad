"""One data key per person, wrapped by the key service: what is kept of a person stays readable as long as it exists.

A sealed text is `~1.<nonce><ciphertext>` in base64 (AES-256-GCM, 12 bytes of nonce, the person's id bound to it). The
wrapped key is bound to (tenant, person) and lies in a table of its own that has no backups: removing its row is final,
and every copy of what it sealed, in backups too, is noise from then on (docs/decisions/0018).
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, NamedTuple, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cnc.domain.privacy.sealed import MARK

NONCE_BYTES: Final = 12
#: How long a process remembers a key: a person who was erased elsewhere is unreadable here after this.
KEPT: Final = timedelta(seconds=60)
KEPT_KEYS: Final = 2_000


class DataKey(NamedTuple):
    """32 bytes, and the same wrapped."""

    plain: bytes
    wrapped: bytes


class KeyService(Protocol):
    """Wraps data keys; `binding` must be the same again to unwrap one."""

    def new(self, *, binding: dict[str, str]) -> DataKey: ...
    def unwrap(self, wrapped: bytes, *, binding: dict[str, str]) -> bytes | None:
        """None for what was not wrapped with this binding."""
        ...


class WrappedKeys(Protocol):
    """Wrapped keys of people of the tenant acted for."""

    def get(self, person: str, /) -> bytes | None: ...
    def add(self, person: str, wrapped: bytes, /) -> bool:
        """False when there is one already."""
        ...

    def remove(self, person: str, /) -> None: ...


@dataclass(slots=True)
class PersonKeys:
    """Seals and opens what is kept of people. One per process; `tenant` says for whom it is asked."""

    service: KeyService
    wrapped: WrappedKeys
    tenant: Callable[[], str]
    random: Callable[[int], bytes]
    now: Callable[[], datetime]
    _kept: OrderedDict[tuple[str, str], tuple[datetime, bytes]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def seal(self, person: str, text: str) -> str:
        """The text, readable with the person's key alone; the key is made at the first call."""
        nonce = self.random(NONCE_BYTES)
        sealed = AESGCM(self._key(person) or self._made(person)).encrypt(nonce, text.encode(), person.encode())
        return MARK + urlsafe_b64encode(nonce + sealed).rstrip(b"=").decode()

    def open(self, person: str, text: str) -> str:
        """What was sealed; "" when the key is gone. A text that was never sealed is what it is."""
        if not text.startswith(MARK):
            return text
        key = self._key(person)
        if key is None:
            return ""
        held = text.removeprefix(MARK)
        try:
            body = urlsafe_b64decode(held + "=" * (-len(held) % 4))
            return AESGCM(key).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], person.encode()).decode()
        except (ValueError, InvalidTag):
            return ""

    def pseudonym(self, person: str, text: str) -> str:
        """16 hex digits that are the same for the same text of this person, as long as the person's key exists.

        "" for a person without a key: none is made, so that nobody who was erased gets one again.
        """
        key = self._key(person)
        return "" if key is None else hmac.digest(key, b"pseudonym\0" + text.encode(), "sha256")[:8].hex()

    def destroy(self, person: str) -> None:
        """Remove the key for good. Again is the same."""
        self.wrapped.remove(person)
        with self._lock:
            self._kept.pop((self.tenant(), person), None)

    def _key(self, person: str) -> bytes | None:
        mark = (self.tenant(), person)
        with self._lock:
            held = self._kept.get(mark)
        if held is not None and self.now() - held[0] < KEPT:
            return held[1]
        wrapped = self.wrapped.get(person)
        key = None if wrapped is None else self.service.unwrap(wrapped, binding=self._binding(person))
        return None if key is None else self._remember(mark, key)

    def _made(self, person: str) -> bytes:
        made = self.service.new(binding=self._binding(person))
        if self.wrapped.add(person, made.wrapped):
            return self._remember((self.tenant(), person), made.plain)
        key = self._key(person)  # somebody else was faster
        if key is None:
            raise RuntimeError(f"the key of {person} is there and cannot be unwrapped")
        return key

    def _remember(self, mark: tuple[str, str], key: bytes) -> bytes:
        with self._lock:
            self._kept[mark] = (self.now(), key)
            self._kept.move_to_end(mark)
            while len(self._kept) > KEPT_KEYS:
                self._kept.popitem(last=False)
        return key

    def _binding(self, person: str) -> dict[str, str]:
        return {"tenant": self.tenant(), "person": person}
