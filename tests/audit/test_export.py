"""An export that was damaged or doctored does not verify, by the product and by the tool that stands alone alike."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnc.cloud.ed25519 import fits
from cnc.domain.audit.entry import FIRST_PREVIOUS, Entry, canonical
from cnc.domain.audit.export import entry_of, line_of, prove
from cnc.domain.base.errors import BadValue
from tests.audit.chains import ONE, TWO, chain
from tests.audit.signing import Key
from tools.verify_audit import verify as alone

KEY, OTHER_KEY = Key(), Key("two")
ENTRIES = chain(8)


def export_of(
    entries: list[Entry], *, tenant: str = ONE, key: Key = KEY, anchored: tuple[int, ...] = (8, 3)
) -> list[str]:
    signed = [key.anchor(seq, entries[seq - 1].hash, tenant=tenant) for seq in anchored]
    head = entries[-1].hash if entries else FIRST_PREVIOUS
    return [
        canonical({"v": 2, "tenant": tenant, "key": key.public_hex()}),
        *(one.pack().decode() for one in signed),
        *map(line_of, entries),
        canonical({"end": {"entries": len(entries), "head": head}}),
    ]


GOOD = export_of(ENTRIES)
FORGED = export_of(chain(8, offset=100), key=OTHER_KEY)


def holds(lines: list[str], *, key: str = "", kept: list[str] | None = None) -> bool:
    """What both say; they have to say the same."""
    from cnc.domain.audit.anchor import SignedAnchor

    anchors = [SignedAnchor.unpack(line) for line in kept or []]
    try:
        ours = prove(lines, fits=fits, key=key, anchors=anchors).holds
    except BadValue:
        ours = False
    try:
        alone(map(json.loads, lines), [json.loads(line) for line in kept or []], key)
        theirs = True
    except Exception:  # noqa: BLE001 - the tool ends with whatever is wrong
        theirs = False
    assert ours is theirs
    return ours


def test_a_whole_export_holds_by_itself_and_by_what_was_kept() -> None:
    assert holds(GOOD)
    assert holds(GOOD, key=KEY.public_hex(), kept=GOOD[1:3])
    assert holds(export_of([], anchored=()))
    assert prove(GOOD, fits=fits).anchor == KEY.anchor(8, ENTRIES[-1].hash).anchor


def test_a_chain_made_anew_with_a_key_of_its_own_holds_by_itself_and_not_by_what_was_kept() -> None:
    assert holds(FORGED)
    assert not holds(FORGED, key=KEY.public_hex())
    assert not holds(FORGED, kept=GOOD[1:2], key=KEY.public_hex())
    assert not holds([GOOD[0], *FORGED[1:]])
    assert not holds([*GOOD[:3], *FORGED[3:]])


@pytest.mark.parametrize(
    "lines",
    [
        GOOD[:-1],
        GOOD[:7],
        [*GOOD[:-2], GOOD[-1]],
        [*GOOD[:-2], canonical({"end": {"entries": 7, "head": ENTRIES[6].hash}})],
        [*GOOD[:3], *export_of(chain(8, tenant=TWO), tenant=TWO)[3:]],
        [*GOOD[:5], *GOOD[6:]],
        [*GOOD[:5], GOOD[6], GOOD[5], *GOOD[7:]],
        [*GOOD[:-1], "[]"],
        [*GOOD[:5], "{", *GOOD[5:]],
        [*GOOD[:1], GOOD[1].replace('"seq":8', '"seq":7'), *GOOD[2:]],
        [*GOOD[:1], canonical({**json.loads(GOOD[1]), "signature": "00"}), *GOOD[2:]],
        [GOOD[0], *export_of(chain(8, tenant=TWO), tenant=TWO)[1:3], *GOOD[3:]],
    ],
    ids=[
        "no end", "torn", "last entry cut", "last entry cut and the end put right", "another tenant's chain",
        "an entry left out", "swapped", "an end that is none", "a line that is none", "anchor changed",
        "anchor without signature", "another tenant's anchors",
    ],
)  # fmt: skip
def test_damage_is_found(lines: list[str]) -> None:
    assert not holds(lines)


def test_what_is_no_export_is_said_to_be_none() -> None:
    for lines in ([], [""], ["[]"], ["{}"], [GOOD[4]]):
        with pytest.raises(BadValue, match="first line of an export"):
            prove(lines, fits=fits)


def test_a_line_written_by_others_is_read_by_its_meaning() -> None:
    loose = json.dumps(json.loads(line_of(ENTRIES[0])), indent=None)
    assert entry_of(loose, seq=1) == ENTRIES[0]
    assert entry_of(line_of(ENTRIES[0]) + "\n", seq=1) == ENTRIES[0]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_byte_of_an_export_can_be_changed(data: st.DataObject) -> None:
    """But in the head's own version, and in how hexadecimal digits or white space are written."""
    at = data.draw(st.integers(1, len(GOOD) - 1))
    place = data.draw(st.integers(0, len(GOOD[at]) - 1))
    byte = data.draw(st.sampled_from('0123456789abcdefxyz"{}[],: '))
    changed = GOOD[at][:place] + byte + GOOD[at][place + 1 :]
    same = changed == GOOD[at]
    assert holds([*GOOD[:at], changed, *GOOD[at + 1 :]], key=KEY.public_hex()) is same
