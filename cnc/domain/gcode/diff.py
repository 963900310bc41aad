"""Two versions of a program, block by block: what was added, removed and changed, and what that means."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

from cnc.domain.base.errors import BadValue
from cnc.domain.gcode.align import differences
from cnc.domain.gcode.codes import name
from cnc.domain.gcode.dialect import MILL, Dialect
from cnc.domain.gcode.source import Source, program_name
from cnc.domain.gcode.words import Line, Words, plain_words

_MOST_LINES: Final = 400_000
_LINE: Final = 4_096
_COORDINATES: Final = frozenset("XYZUVWABCIJKR")
_COUNTS: Final = frozenset("GMNODHTSPLF")
What = Literal["coordinate", "feed", "speed", "tool", "offset", "code", "parameter", "program", "macro", "comment"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """One word that differs, as it stands in its program; None = not there."""

    what: What
    address: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One block that differs. Lines count from 1; None on the side where it does not exist."""

    kind: Literal["added", "removed", "changed"]
    old_line: int | None
    new_line: int | None
    old_text: str
    new_text: str
    meaning: tuple[Meaning, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """`only_form`: nothing a control would do differently, only spaces, sequence numbers or ways to write numbers."""

    changes: tuple[Change, ...]
    only_form: bool
    more: int
    """Changes beyond the ones listed."""


@dataclass(frozen=True, slots=True)
class _Block:
    line: int
    text: str
    canonical: str
    words: tuple[tuple[str, str, str], ...]
    """(address, value that is compared, text as written)."""


def diff(old: Source, new: Source, *, dialect: Dialect = MILL, most: int = 2_000) -> Difference:
    """Changes from `old` to `new` in meaning. Raises BadValue for a program of more than 400,000 lines."""
    before, after = _blocks(_middle(old, new), dialect)
    changes: list[Change] = []
    count = 0
    for a, b, c, d in differences([block.canonical for block in before], [block.canonical for block in after]):
        for change in _changes(before[a:b], after[c:d]):
            count += 1
            if len(changes) < most:
                changes.append(change)
    only_form = not count and _digest(old) != _digest(new)
    return Difference(tuple(changes), only_form=only_form, more=count - len(changes))


def _digest(source: Source) -> bytes:
    made, offset = hashlib.sha256(), 0
    while data := source.read_at(offset, 65_536):
        made.update(data)
        offset += len(data)
    return made.digest()


def _middle(old: Source, new: Source) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Numbered lines of both without the equal ones at the beginning and end."""
    before, after = _lines(old), _lines(new)
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return (
        list(enumerate(before[head : len(before) - tail], head + 1)),
        list(enumerate(after[head : len(after) - tail], head + 1)),
    )


def _lines(source: Source) -> list[str]:
    lines = list(islice(source.lines(0, limit=_LINE), _MOST_LINES + 1))
    if len(lines) > _MOST_LINES:
        raise BadValue(seen=f"more than {_MOST_LINES} lines", expected="a shorter program for a comparison")
    return lines


def _blocks(
    sides: tuple[list[tuple[int, str]], list[tuple[int, str]]], dialect: Dialect
) -> tuple[list[_Block], list[_Block]]:
    old, new = ([_block(text, number, dialect) for number, text in side] for side in sides)
    return [block for block in old if block.canonical], [block for block in new if block.canonical]


def _block(text: str, number: int, dialect: Dialect) -> _Block:
    line = Line(text, number)
    code = line.code
    parts: list[tuple[str, str, str]] = []
    if "#" in code or "[" in code:
        parts.append(("", code, code))
    elif code:
        words, odd = plain_words(code)
        parts = list(_values(words, dialect))
        if odd:
            parts.append(("?", odd, odd))
    if line.comments:
        parts.append(("(", line.comments, line.comments))
    if line.skip is not None:
        parts.append(("/", str(line.skip), f"/{line.skip}"))
    return _Block(number, text.strip(), " ".join(f"{address}{value}" for address, value, _ in parts), tuple(parts))


def _values(words: Words, dialect: Dialect) -> Iterator[tuple[str, str, str]]:
    """Words in order, their values brought to one form: G01 = G1, and X1000 = X1. where the control says so."""
    for address, value in words.pairs:
        if address == "G":
            yield "G", name(round(value * 10))[1:], name(round(value * 10))
        elif address == "O":
            yield "O", f"{value:g}", program_name(int(value))
        else:
            scaled = address[-1] not in _COUNTS and address in words.bare and not dialect.calculator
            value = value * dialect.increment_mm if scaled else value
            yield address, f"{value:.9g}", f"{address}{value:.9g}"


def _changes(old: list[_Block], new: list[_Block]) -> Iterator[Change]:
    """Blocks of a stretch in pairs; what is left over was removed or added."""
    for a, b in zip(old, new, strict=False):
        yield Change("changed", a.line, b.line, a.text, b.text, tuple(_meaning(a, b)))
    for a in old[len(new) :]:
        yield Change("removed", a.line, None, a.text, "", tuple(_meaning(a, None)))
    for b in new[len(old) :]:
        yield Change("added", None, b.line, "", b.text, tuple(_meaning(None, b)))


def _meaning(old: _Block | None, new: _Block | None) -> Iterator[Meaning]:
    """Words of one address against each other in order, so that several G codes are told apart."""
    left, right = _by_address(old), _by_address(new)
    for address in dict.fromkeys([*left, *right]):
        before, after = left.get(address, []), right.get(address, [])
        if address in ("G", "M"):  # the order of codes says nothing: take off what both have
            common = [pair for pair in before if pair in after]
            before, after = [p for p in before if p not in common], [p for p in after if p not in common]
        for n in range(max(len(before), len(after))):
            a = before[n] if n < len(before) else None
            b = after[n] if n < len(after) else None
            if (a and a[0]) != (b and b[0]):
                yield Meaning(_what(address), address, a and a[1], b and b[1])


def _by_address(block: _Block | None) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for address, value, text in block.words if block else ():
        found.setdefault(address, []).append((value, text))
    return found


def _what(address: str) -> What:
    fixed: dict[str, What] = {
        "F": "feed", "S": "speed", "T": "tool", "H": "offset", "D": "offset", "G": "code", "M": "code", "/": "code",
        "O": "program", "": "macro", "(": "comment",
    }  # fmt: skip
    if address in fixed:
        return fixed[address]
    return "coordinate" if address in _COORDINATES else "parameter"
