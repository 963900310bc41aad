"""Every five minutes the head of a chain that grew is signed and put where nobody can change it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cnc.domain.audit.anchor import Anchor, SignedAnchor
from cnc.domain.audit.entry import Entry
from cnc.domain.base.clock import to_ms


class Chain(Protocol):
    """Of the tenant acted for."""

    def newest(self) -> Entry | None: ...
    def at(self, seq: int, /) -> Entry | None: ...


class Anchors(Protocol):
    """Of the tenant acted for; written once, never changed."""

    def newest(self) -> SignedAnchor | None: ...
    def all(self) -> Iterator[SignedAnchor]:
        """Newest first."""
        ...

    def put(self, signed: SignedAnchor, /) -> bool:
        """Whether the place was still free."""
        ...


class Key(Protocol):
    def sign(self, text: bytes) -> bytes: ...
    def public_hex(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Anchored:
    """What came of it. `broken`: the last anchored entry is gone or another one, so nothing was signed."""

    seq: int
    hash: str
    put: bool
    broken: bool = False


def anchor_head(tenant: str, *, chain: Chain, anchors: Anchors, key: Key, now: datetime, known: str = "") -> Anchored:
    """Sign the head of a chain and store it, unless it was before.

    `known` is the hash that was anchored last as far as this process knows. A head is signed only when the entry of
    the anchor before it is still what it was: a chain that was cut or made anew is told, and never blessed.
    """
    head = chain.newest()
    if head is not None and head.hash == known:
        return Anchored(head.seq, head.hash, put=False)
    before = anchors.newest()
    if before is not None:
        held = chain.at(before.anchor.seq)
        if held is None or held.hash != before.anchor.hash:
            return Anchored(before.anchor.seq, "", put=False, broken=True)
    if head is None or (before is not None and before.anchor.seq == head.seq):
        return Anchored(head.seq if head else 0, head.hash if head else "", put=False)
    anchor = Anchor(tenant, head.seq, head.hash, to_ms(now))
    put = anchors.put(SignedAnchor(anchor, key.public_hex(), key.sign(anchor.text()).hex()))
    return Anchored(head.seq, head.hash, put=put)
