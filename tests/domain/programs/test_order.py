"""An order holds for one place, one time and one signature, and anything else in it is refused."""

import hmac
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnc.domain.base.errors import CncError, MalformedMessage
from cnc.domain.programs.order import LIFE_MS, MOST_BYTES, Order, Place, read_order, reasons_against
from cnc.domain.programs.targets import ProgramTarget

ID = "0123456789abcdef"
PLACE = Place(f"t_{ID}", f"s_{ID}", f"g_{ID}", f"m_{ID}", f"d_{ID}", "AF01-2345")
ORDER = Order(
    id=f"o_{ID}",
    tenant=PLACE.tenant,
    site=PLACE.site,
    thing=PLACE.thing,
    machine=PLACE.machine,
    source=PLACE.source,
    serial=PLACE.serial,
    change=f"c_{ID}",
    operation="program",
    target=ProgramTarget(1, "//CNC_MEM/USER/PATH1/", "O1234"),
    sha256="ab" * 32,
    present_sha256="",
    approvers=(f"u_{ID}", "u_fedcba9876543210"),
    nonce="0f" * 16,
    not_before_ms=1_000,
    expires_ms=61_000,
)


def sign(text: bytes) -> bytes:
    return hmac.digest(b"key", text, "sha256")


def verify(text: bytes, signature: bytes) -> bool:
    return hmac.compare_digest(sign(text), signature)


def read(body: dict[str, Any]) -> Order:
    text = json.dumps(body).encode()
    return read_order(text, sign(text), verify=verify)


def body(**changed: Any) -> dict[str, Any]:
    return json.loads(ORDER.text()) | changed


def test_an_order_comes_back_as_it_was_signed() -> None:
    text = ORDER.text().encode()
    assert read_order(text, sign(text), verify=verify) == ORDER


def test_one_changed_byte_breaks_the_signature() -> None:
    text = ORDER.text().encode()
    for at in range(len(text)):
        changed = text[:at] + bytes((text[at] ^ 1,)) + text[at + 1 :]
        with pytest.raises(MalformedMessage, match="signature"):
            read_order(changed, sign(text), verify=verify)


@pytest.mark.parametrize(
    "changed",
    [
        {"expires_ms": 1_000 + LIFE_MS + 1},
        {"expires_ms": 1_000},
        {"approvers": [f"u_{ID}", f"u_{ID}"]},
        {"approvers": [f"u_{ID}"]},
        {"nonce": "0f"},
        {"sha256": ""},
        {"present_sha256": None},
        {"operation": "start"},
        {"operation": ["program"]},
        {"target": {"path": 1, "folder": "//CNC_MEM/../", "name": "O1"}},
        {"target": {"path": True, "folder": "", "name": "O1234"}},
        {"target": {"path": 1, "folder": "", "name": "O1234", "start": True}},
        {"thing": f"t_{ID}"},
        {"serial": ""},
        {"v": 2},
        {"more": 1},
    ],
    ids=str,
)
def test_an_order_with_anything_else_in_it_is_refused_even_when_signed(changed: dict[str, Any]) -> None:
    with pytest.raises(CncError):
        read(body(**changed))


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"null", b"[" * 5000, b" " * (MOST_BYTES + 1)])
def test_what_is_no_order_is_refused(text: bytes) -> None:
    with pytest.raises(MalformedMessage):
        read_order(text, sign(text), verify=verify)


@given(st.binary(max_size=300))
def test_any_bytes_end_in_one_kind_of_error(text: bytes) -> None:
    with pytest.raises(CncError):
        read_order(text, sign(text), verify=verify)


@pytest.mark.parametrize("name", Place.__slots__)
def test_an_order_for_another_place_is_not_carried_out(name: str) -> None:
    assert reasons_against(ORDER, place=PLACE, now_ms=2_000) == ()
    (reason,) = reasons_against(ORDER, place=replace(PLACE, **{name: "other"}), now_ms=2_000)
    assert name in reason


@pytest.mark.parametrize(("now_ms", "allowed"), [(999, False), (1_000, True), (60_999, True), (61_000, False)])
def test_an_order_holds_from_its_beginning_until_its_end(now_ms: int, allowed: bool) -> None:
    assert (reasons_against(ORDER, place=PLACE, now_ms=now_ms) == ()) is allowed
