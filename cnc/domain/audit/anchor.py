"""The head of a chain, told elsewhere: who holds it sees that a tail was cut or a whole chain made anew.

    {"anchor":{"at_ms","hash","seq","tenant","v":1},"key":<Ed25519 public key, hex>,"signature":<64 bytes, hex>}

Signed are the bytes of the canonical JSON of `anchor`. As every entry is bound to the one before it, an anchor stands
for all entries up to its own.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

from cnc.domain.audit.entry import canonical
from cnc.domain.base.errors import BadValue

#: (public key in hex, signature, signed bytes) -> whether they fit.
Fits = Callable[[str, bytes, bytes], bool]


@dataclass(frozen=True, slots=True)
class Anchor:
    """Entry `seq` of this tenant had this hash at this time."""

    tenant: str
    seq: int
    hash: str
    at_ms: int

    def text(self) -> bytes:
        """What is signed."""
        said = {"v": 1, "tenant": self.tenant, "seq": self.seq, "hash": self.hash, "at_ms": self.at_ms}
        return canonical(said).encode()


@dataclass(frozen=True, slots=True)
class SignedAnchor:
    """`key` and `signature` in hex."""

    anchor: Anchor
    key: str
    signature: str

    def pack(self) -> bytes:
        """One line of JSON."""
        return canonical(
            {"anchor": json.loads(self.anchor.text()), "key": self.key, "signature": self.signature}
        ).encode()

    @classmethod
    def unpack(cls, line: bytes | str) -> Self:
        """Raises BadValue."""
        try:
            said = json.loads(line)
            held = said["anchor"]
            anchor = Anchor(str(held["tenant"]), int(held["seq"]), str(held["hash"]), int(held["at_ms"]))
            return cls(anchor, str(said["key"]), str(said["signature"]))
        except (ValueError, TypeError, KeyError) as error:
            raise BadValue(seen=repr(line[:80]), expected="an anchor: anchor, key and signature") from error


@dataclass(frozen=True, slots=True)
class Told:
    """What good anchors say: the hash by place. `bad` are the places of those that do not hold."""

    hashes: dict[int, str]
    bad: tuple[int, ...]
    newest: Anchor | None


def told_by(anchors: Iterable[SignedAnchor], *, tenant: str, key: str, fits: Fits) -> Told:
    """Read anchors. One of another tenant, of another key than the trusted one or whose signature does not fit is bad,
    and so is one that contradicts another."""
    hashes: dict[int, str] = {}
    bad: list[int] = []
    newest: Anchor | None = None
    for signed in anchors:
        anchor = signed.anchor
        good = anchor.tenant == tenant and signed.key == key and _holds(signed, fits)
        if not good or hashes.setdefault(anchor.seq, anchor.hash) != anchor.hash:
            bad.append(anchor.seq)
        elif newest is None or anchor.seq >= newest.seq:
            newest = anchor
    return Told(hashes, tuple(bad), newest)


def _holds(signed: SignedAnchor, fits: Fits) -> bool:
    try:
        signature = bytes.fromhex(signed.signature)
    except ValueError:
        return False
    return fits(signed.key, signature, signed.anchor.text())
