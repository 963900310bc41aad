"""An export: lines of JSON that verify without us.

{"key":<hex>,"tenant":"t_…","v":2}                                   first
{"anchor":{…},"key":<hex>,"signature":<hex>}                         anchors
{"entry":{…},"hash":<hex>,"previous":<hex>}                          entries, from the first on
{"more":<cursor>}                                                    the export goes on elsewhere
{"end":{"entries":<count>,"head":<hash of the last>}}                last; without it the file is not whole
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cnc.domain.audit.anchor import Anchor, Fits, SignedAnchor, told_by
from cnc.domain.audit.chain import Problem, Verdict, verify
from cnc.domain.audit.entry import Entry, canonical
from cnc.domain.base.errors import BadValue

_AS_WRITTEN = re.compile(
    r'\{"entry":(?P<body>\{.*\}),"hash":"(?P<hash>[0-9a-f]{64})","previous":"(?P<previous>[0-9a-f]{64})"\}\s*'
)


def line_of(entry: Entry) -> str:
    """One entry; its body stands in the line as it was hashed."""
    return f'{{"entry":{entry.body},"hash":"{entry.hash}","previous":"{entry.previous}"}}'


def entry_of(line: str, *, seq: int) -> Entry:
    """Back from such a line, the `seq`-th of its kind; whether it says so itself is for the verification.

    A line as `line_of` writes it is cut and not parsed: its body is parsed once, when it is verified. Raises KeyError,
    TypeError or ValueError for what is no such line.
    """
    cut = _AS_WRITTEN.fullmatch(line)
    if cut is not None:
        return Entry(seq, cut["body"], cut["previous"], cut["hash"])
    said = json.loads(line)
    return Entry(int(said["entry"]["seq"]), canonical(said["entry"]), str(said["previous"]), str(said["hash"]))


@dataclass(frozen=True, slots=True)
class Proof:
    """What an export shows. `anchor` is the newest good one that was told, of the file or from elsewhere."""

    tenant: str
    key: str
    verdict: Verdict
    anchor: Anchor | None
    bad_anchors: tuple[int, ...]
    whole: bool

    @property
    def holds(self) -> bool:
        return self.verdict.holds and self.whole and not self.bad_anchors


def prove(lines: Iterable[str], *, fits: Fits, key: str = "", anchors: Iterable[SignedAnchor] = ()) -> Proof:
    """Verify an export, line by line. `key` and `anchors` are those kept from elsewhere: they outrank the file's own.

    Raises BadValue for a file that is no export.
    """
    head, signed, entries = _opened(iter(lines))
    trusted = key or str(head.get("key", ""))
    tenant = str(head.get("tenant", ""))
    told = told_by([*anchors, *signed], tenant=tenant, key=trusted, fits=fits)
    reading = _Entries(entries)
    verdict = verify(reading, tenant=tenant, told=told.hashes)
    if reading.unreadable:
        seq = verdict.entries + 1
        verdict = Verdict(verdict.entries, verdict.head, Problem.CONTENT, seq, reading.unreadable, "an entry")
    return Proof(tenant, trusted, verdict, told.newest, told.bad, reading.ended == (verdict.entries, verdict.head))


def _opened(lines: Iterator[str]) -> tuple[dict[str, Any], list[SignedAnchor], Iterator[str]]:
    """The head, the anchors, and the lines after them."""
    first = next(lines, "")
    try:
        head = json.loads(first)
    except ValueError:
        head = None
    if not isinstance(head, dict) or "tenant" not in head:
        raise BadValue(seen=repr(first[:80]), expected="the first line of an export: key, tenant and v")
    signed: list[SignedAnchor] = []
    for line in lines:
        if not line.startswith('{"anchor":'):
            return head, signed, _with(line, lines)
        signed.append(SignedAnchor.unpack(line))
    return head, signed, iter(())


def _with(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


class _Entries:
    """Entries of the lines that are left; afterwards what ended them."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.unreadable = ""
        self.ended: tuple[int, str] | None = None

    def __iter__(self) -> Iterator[Entry]:
        seq = 1
        for line in self._lines:
            try:
                if line.startswith('{"end":'):
                    end = json.loads(line)["end"]
                    self.ended = int(end["entries"]), str(end["head"])
                    return
                if line.startswith('{"more":'):
                    continue
                entry = entry_of(line, seq=seq)
            except (ValueError, TypeError, KeyError, RecursionError):
                self.unreadable = repr(line[:80])
                return
            yield entry
            seq += 1
