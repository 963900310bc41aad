"""Tampering with a chain, in whatever way: found, at the first place that does not hold."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnc.domain.audit.chain import Problem, verify
from cnc.domain.audit.entry import FIRST_PREVIOUS, Action, Entry, canonical, entry_hash, following
from tests.audit.chains import ONE, TWO, action, chain

ENTRIES = chain(12)
OTHER = chain(12, tenant=TWO)
#: What was anchored: the sixth and the last entry.
TOLD = {6: ENTRIES[5].hash, 12: ENTRIES[11].hash}


def rehashed(entries: list[Entry], start: int) -> list[Entry]:
    """As somebody would who can write the table and knows how hashes are made."""
    made = entries[:start]
    previous = made[-1].hash if made else FIRST_PREVIOUS
    for number, entry in enumerate(entries[start:], start=start + 1):
        body = canonical({**json.loads(entry.body), "seq": number})
        made.append(Entry(number, body, previous, entry_hash(previous, body)))
        previous = made[-1].hash
    return made


def said(entry: Entry, **changed: object) -> Entry:
    return replace(entry, body=canonical({**json.loads(entry.body), **changed}))


def test_a_chain_that_nobody_touched_holds() -> None:
    verdict = verify(ENTRIES, tenant=ONE, told=TOLD)
    assert (verdict.holds, verdict.entries, verdict.head, verdict.anchored) == (True, 12, ENTRIES[-1].hash, 12)
    assert verify([], tenant=ONE).holds


@pytest.mark.parametrize(
    ("tampered", "problem", "seq"),
    [
        ([*ENTRIES[:4], said(ENTRIES[4], result="auth.forbidden"), *ENTRIES[5:]], Problem.CONTENT, 5),
        ([*ENTRIES[:4], *ENTRIES[5:]], Problem.PLACE, 5),
        ([*ENTRIES[:4], ENTRIES[3], *ENTRIES[4:]], Problem.PLACE, 5),
        ([*ENTRIES[:4], ENTRIES[5], ENTRIES[4], *ENTRIES[6:]], Problem.PLACE, 5),
        ([*ENTRIES[:4], replace(ENTRIES[4], previous="0" * 64), *ENTRIES[5:]], Problem.PREVIOUS, 5),
        ([*ENTRIES[:4], replace(ENTRIES[4], hash="0" * 64), *ENTRIES[5:]], Problem.CONTENT, 5),
        (ENTRIES[:11], Problem.CUT, 12),
        ([], Problem.CUT, 1),
        (rehashed([*ENTRIES[:2], said(ENTRIES[2], actor="u_other"), *ENTRIES[3:]], 2), Problem.ANCHOR, 6),
        (rehashed([said(ENTRIES[0], actor="u_other"), *ENTRIES[1:]], 0), Problem.ANCHOR, 6),
        (rehashed([*ENTRIES[:8], *ENTRIES[9:], said(ENTRIES[8])], 8), Problem.ANCHOR, 12),
        ([*ENTRIES[:4], *OTHER[4:]], Problem.PREVIOUS, 5),
        (OTHER, Problem.TENANT, 1),
        (rehashed([*ENTRIES[:7], *OTHER[7:]], 7), Problem.TENANT, 8),
        ([*ENTRIES[:4], replace(ENTRIES[4], body="{" * 50), *ENTRIES[5:]], Problem.CONTENT, 5),
    ],
    ids=[
        "changed", "left out", "put in", "swapped", "unbound", "other hash", "tail cut", "all cut",
        "made anew from the third on", "made anew", "moved to the end and made anew", "another chain's tail",
        "another chain", "another chain's tail, made anew", "no JSON",
    ],
)  # fmt: skip
def test_tampering_is_found_where_it_begins_or_is_anchored(tampered: list[Entry], problem: Problem, seq: int) -> None:
    verdict = verify(tampered, tenant=ONE, told=TOLD)
    assert (verdict.problem, verdict.seq) == (problem, seq)
    assert verdict.seen != verdict.expected


def test_without_anchors_a_cut_tail_and_a_chain_made_anew_look_whole() -> None:
    """Why heads are told elsewhere."""
    assert verify(ENTRIES[:11], tenant=ONE).holds
    assert verify(rehashed([said(ENTRIES[0], actor="u_other"), *ENTRIES[1:]], 0), tenant=ONE).holds


def test_a_body_with_a_word_said_twice_is_no_entry() -> None:
    """Its hash fits, and what it says would depend on who reads it."""
    body = ENTRIES[0].body.replace('"actor"', '"actor":"u_friend","actor"', 1)
    forged = Entry(1, body, FIRST_PREVIOUS, entry_hash(FIRST_PREVIOUS, body))
    assert verify([forged], tenant=ONE).problem is Problem.PLACE


def test_a_chain_read_in_parts_gives_the_same_verdict() -> None:
    first = verify(ENTRIES[:5], tenant=ONE, told=TOLD, whole=False)
    assert first.holds
    rest = verify(ENTRIES[5:], tenant=ONE, told=TOLD, after=5, previous=first.head)
    assert (rest.holds, rest.entries, rest.anchored) == (True, 12, 12)
    cut = verify(ENTRIES[5:9], tenant=ONE, told=TOLD, after=5, previous=first.head)
    assert (cut.problem, cut.seq, cut.anchored) == (Problem.CUT, 10, 6)


def test_entries_of_both_versions_are_one_chain() -> None:
    body = '{"action":"a.b","actor":"u_1","at_ms":1,"request":"","result":"done","seq":1,"subject":"c_1"}'
    old = Entry(1, body, FIRST_PREVIOUS, entry_hash(FIRST_PREVIOUS, body))
    new = following(old, action(2), tenant=ONE)
    assert verify([old, new], tenant=ONE).holds
    assert old.action == Action("u_1", "a.b", "c_1", "done", 1)


_place = st.integers(0, len(ENTRIES) - 1)
_edits: st.SearchStrategy[Callable[[list[Entry]], list[Entry]]] = st.one_of(
    st.builds(lambda at: lambda e: e[:at] + e[at + 1 :], _place),
    st.builds(lambda at: lambda e: e[:at], _place),
    st.builds(lambda a, b: lambda e: [*e[:a], *e[b : b + 1], *e[a:]], _place, _place),
    st.builds(lambda a, b: lambda e: [*e[:a], *OTHER[b : b + 1], *e[a + 1 :]], _place, _place),
    st.builds(
        lambda at, name, value: (
            lambda e: [
                *e[:at],
                *(said(one, **{name: value}) for one in e[at : at + 1]),
                *e[at + 1 :],
            ]
        ),
        _place,
        st.sampled_from(["actor", "action", "object", "result", "seq", "tenant", "extra"]),
        st.one_of(st.text(max_size=5), st.integers(), st.none()),
    ),
    st.builds(lambda at: lambda e: rehashed(e, min(at, len(e))), _place),
    st.builds(
        lambda at, byte: lambda e: [*e[:at], *(_flipped(one, byte) for one in e[at : at + 1]), *e[at + 1 :]],
        _place,
        st.integers(0, 10_000),
    ),
)


def _flipped(entry: Entry, byte: int) -> Entry:
    text = entry.body + entry.hash + entry.previous
    at = byte % len(text)
    text = text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]
    size = len(entry.body)
    return Entry(entry.seq, text[:size], text[size + 64 :], text[size : size + 64])


@settings(max_examples=300, deadline=None)
@given(st.lists(_edits, min_size=1, max_size=4))
def test_whatever_somebody_does_to_a_chain_whose_head_is_anchored_is_found(
    edits: list[Callable[[list[Entry]], list[Entry]]],
) -> None:
    tampered = ENTRIES
    for edit in edits:
        tampered = edit(tampered)
    assert verify(tampered, tenant=ONE, told=TOLD).holds is (tampered == ENTRIES)
