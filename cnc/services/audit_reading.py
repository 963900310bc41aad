"""Read a tenant's audit chain: pages with filters, whether it holds, and an export that verifies without us."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol

from cnc.domain.audit.anchor import Anchor, Fits, SignedAnchor, told_by
from cnc.domain.audit.chain import Verdict, verify
from cnc.domain.audit.entry import FIRST_PREVIOUS, Action, Entry, canonical
from cnc.domain.audit.export import line_of
from cnc.domain.base.errors import CncError

#: Entries that one request looks at before it answers with what it found so far.
MOST_LOOKED_AT: Final = 2_000
#: Entries that one request verifies or exports; 5,000 are about 3 MB.
MOST_VERIFIED: Final = 20_000
MOST_EXPORTED: Final = 5_000
#: Anchors that a verification and an export read; one stands for all entries before it.
MOST_ANCHORS: Final = 50
#: Clocks of functions differ: entries side by side may be told in another order than they were stored.
SLACK_MS: Final = 60_000


class Chain(Protocol):
    """Of the tenant acted for."""

    def newest(self) -> Entry | None: ...
    def at(self, seq: int, /) -> Entry | None: ...
    def all(self, *, first: int = 1) -> Iterator[Entry]: ...
    def page(self, *, before: int, most: int) -> list[Entry]: ...


class Anchors(Protocol):
    """Of the tenant acted for."""

    def some(self, most: int, /) -> list[SignedAnchor]: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; "" for anything. `action` may be a noun alone: `key` finds `key.created`.

    `result` is `refused` for every refusal, `done` for whatever was carried out, or the code of one refusal.
    """

    actor: str = ""
    action: str = ""
    subject: str = ""
    result: str = ""
    from_ms: int = 0
    to_ms: int = 0

    def fits(self, action: Action) -> bool:
        return (
            self.actor in ("", action.actor, action.on_behalf)
            and (self.action in ("", action.action) or action.action.startswith(f"{self.action}."))
            and self.subject in ("", action.subject)
            and self._ended(action)
            and self.from_ms <= action.at_ms
            and (not self.to_ms or action.at_ms < self.to_ms)
        )

    def _ended(self, action: Action) -> bool:
        if self.result in ("done", "refused"):
            return action.refused is (self.result == "refused")
        return self.result in ("", action.result)

    def text(self) -> str:
        return canonical([self.actor, self.action, self.subject, self.result, self.from_ms, self.to_ms])


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first, and where to go on; "" at the end. A page may be short, or empty, and not the last."""

    entries: list[Entry]
    cursor: str


def page(wanted: Wanted, *, tenant: str, chain: Chain, most: int, cursor: str = "") -> Page:
    """Raises CncError `cursor.invalid` for a cursor of another tenant, of other filters, or one made up."""
    before = _place(cursor, wanted, tenant=tenant, chain=chain) if cursor else _begin(wanted, chain)
    found: list[Entry] = []
    looked = 0
    while looked < MOST_LOOKED_AT:
        entries = chain.page(before=before, most=min(200, MOST_LOOKED_AT - looked))
        for entry in entries:
            action = entry.action
            if action.at_ms < wanted.from_ms - SLACK_MS:
                return Page(found, "")
            if wanted.fits(action):
                found.append(entry)
            before, looked = entry.seq, looked + 1
            if len(found) == most:
                break
        if not entries or before == 1:
            return Page(found, "")
        if len(found) == most:
            break
    return Page(found, _cursor(before, wanted, tenant=tenant, chain=chain))


def _begin(wanted: Wanted, chain: Chain) -> int:
    """The place before which to begin: half by half where there is an end in time."""
    newest = chain.newest()
    high = newest.seq + 1 if newest else 1
    if not wanted.to_ms:
        return high
    low = 1
    while low < high:
        middle = (low + high) // 2
        entry = chain.at(middle)
        if entry is not None and entry.action.at_ms < wanted.to_ms + SLACK_MS:
            low = middle + 1
        else:
            high = middle
    return low


def _cursor(seq: int, wanted: Wanted, *, tenant: str, chain: Chain) -> str:
    """Bound to the tenant, the filters and the entry itself, so that it is good where it was given out only."""
    entry = chain.at(seq)
    held = entry.hash if entry else FIRST_PREVIOUS
    return f"{seq}.{sha256(canonical([tenant, wanted.text(), seq, held]).encode()).hexdigest()[:32]}"


def _place(cursor: str, wanted: Wanted, *, tenant: str, chain: Chain) -> int:
    number = cursor.partition(".")[0]
    seq = int(number) if number.isascii() and number.isdigit() and len(number) <= 12 else 0
    if seq < 1 or _cursor(seq, wanted, tenant=tenant, chain=chain) != cursor:
        raise CncError("cursor.invalid", seen=cursor[:64], expected="the cursor of the page before, same filters")
    return seq


@dataclass(frozen=True, slots=True)
class Checked:
    """`cursor` is where to go on, "" when the chain was read to its end."""

    verdict: Verdict
    anchored: Anchor | None
    bad_anchors: tuple[int, ...]
    key: str
    cursor: str


def check(
    *, tenant: str, chain: Chain, anchors: Anchors, fits: Fits, cursor: str = "", most: int = MOST_VERIFIED
) -> Checked:
    """Verify the chain against what was anchored, in parts. Raises CncError `cursor.invalid`."""
    signed = anchors.some(MOST_ANCHORS)
    key = trusted_key(signed)
    told = told_by(signed, tenant=tenant, key=key, fits=fits)
    after = _place(cursor, Wanted(), tenant=tenant, chain=chain) if cursor else 0
    before = chain.at(after) if after else None
    newest = chain.newest()
    last = newest.seq if newest else 0
    whole = last - after <= most
    verdict = verify(
        _first(chain.all(first=after + 1), most if not whole else last - after),
        tenant=tenant,
        told=told.hashes,
        after=after,
        previous=before.hash if before else FIRST_PREVIOUS,
        whole=whole,
    )
    more = verdict.holds and not whole
    return Checked(
        verdict,
        told.newest,
        told.bad,
        key,
        _cursor(verdict.entries, Wanted(), tenant=tenant, chain=chain) if more else "",
    )


def trusted_key(anchors: Sequence[SignedAnchor]) -> str:
    """Anchors are written once: the key of the oldest one is the key, and every other one has to have it."""
    return anchors[-1].key if anchors else ""


def _first(entries: Iterator[Entry], most: int) -> Iterator[Entry]:
    for _, entry in zip(range(most), entries, strict=False):
        yield entry


def export(
    *, tenant: str, chain: Chain, anchors: Anchors, cursor: str = "", most: int = MOST_EXPORTED
) -> Iterator[str]:
    """Lines of JSON: at first the key and the anchors, then entries, at last where to go on or that it is the end.

    Raises CncError `cursor.invalid`.
    """
    after = _place(cursor, Wanted(), tenant=tenant, chain=chain) if cursor else 0
    if not cursor:
        signed = anchors.some(MOST_ANCHORS)
        yield canonical({"v": 2, "tenant": tenant, "key": trusted_key(signed)})
        yield from (one.pack().decode() for one in signed)
    seq, head, count = after, "", 0
    for entry in _first(chain.all(first=after + 1), most):
        seq, head, count = entry.seq, entry.hash, count + 1
        yield line_of(entry)
    if count == most:
        yield canonical({"more": _cursor(seq, Wanted(), tenant=tenant, chain=chain)})
    else:
        yield canonical({"end": {"entries": seq, "head": head or _head(chain, after)}})


def _head(chain: Chain, seq: int) -> str:
    entry = chain.at(seq) if seq else None
    return entry.hash if entry else FIRST_PREVIOUS
