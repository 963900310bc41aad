"""A gateway forgets its shop when it is told so, keeps what it is, and never heeds an order for somebody else."""

import json
from pathlib import Path

import pytest

from greengrass_components.edge_kit import wipe
from greengrass_components.edge_kit.config import Bootstrap
from greengrass_components.edge_kit.mailbox import outbox

TENANT, THING = "t_1111111111111111", "g_1111111111111111"
ORDER = {"type": "wipe", "tenant": TENANT, "thing": THING, "request": "q_1111111111111111"}
KEPT = {"bootstrap.toml", "certificate.pem.crt", "private.pem.key", "identity/current.json"}


@pytest.fixture
def bootstrap(tmp_path: Path) -> Bootstrap:
    """A gateway that has been at work."""
    words = {
        "config.json": "canary",
        "journal/focas/1.seg": "canary" * 100,
        "journal/focas/devices/d.json": "canary",
        "relay/marks.json": "canary",
        "inbox/focas/a.json": "canary",
        "outbox/focas/a.json": "canary",
        "snapshots/m_1/newest.json": "canary",
        "secrets/password": "canary",
        "writing/m_1": "canary",
        **dict.fromkeys(KEPT, "mine"),
    }
    for name, text in words.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    cert, key = tmp_path / "certificate.pem.crt", tmp_path / "private.pem.key"
    return Bootstrap(THING, TENANT, "s_1111111111111111", tmp_path, cert=cert, key=key)


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_everything_goes_but_what_the_gateway_is_and_the_cloud_is_told(bootstrap: Bootstrap) -> None:
    assert wipe.order(bootstrap, ORDER, now_ms=0)
    assert wipe.ordered(bootstrap) is not None, "drivers see it and close their journals"
    assert not wipe.carry_out(bootstrap, now_ms=wipe.CLOSED_AFTER_MS - 1), "they have time for it"
    assert wipe.due(bootstrap, now_ms=wipe.CLOSED_AFTER_MS)
    assert wipe.carry_out(bootstrap, now_ms=wipe.CLOSED_AFTER_MS)
    left = files(bootstrap.data)
    assert {name for name in left if not name.startswith("outbox/")} == KEPT | {"wipe.json"}
    (report,) = outbox(bootstrap.data, "relay").paths()
    told = json.loads(report.read_bytes())
    assert (told["type"], told["request"], told["files"]) == ("wiped", ORDER["request"], 9)
    assert not any(b"canary" in (bootstrap.data / name).read_bytes() for name in left)


def test_an_order_is_carried_out_once(bootstrap: Bootstrap) -> None:
    wipe.order(bootstrap, ORDER, now_ms=0)
    assert wipe.carry_out(bootstrap, now_ms=10_000)
    wipe.order(bootstrap, ORDER, now_ms=20_000)
    assert not wipe.due(bootstrap, now_ms=30_000)
    assert not wipe.carry_out(bootstrap, now_ms=30_000)
    assert wipe.ordered(bootstrap) is not None, "nothing is read for this shop any more"


@pytest.mark.parametrize(
    "changed", [{"tenant": "t_2222222222222222"}, {"thing": "g_2222222222222222"}, {"thing": None}]
)
def test_an_order_for_another_shop_or_gateway_does_nothing(
    bootstrap: Bootstrap, changed: dict[str, str | None]
) -> None:
    before = files(bootstrap.data)
    assert not wipe.order(bootstrap, ORDER | changed, now_ms=0)
    assert not wipe.carry_out(bootstrap, now_ms=10_000)
    assert files(bootstrap.data) == before


def test_a_gateway_that_was_enrolled_anew_is_under_no_order(bootstrap: Bootstrap) -> None:
    wipe.order(bootstrap, ORDER, now_ms=0)
    anew = Bootstrap("g_2222222222222222", "t_2222222222222222", "s_2222222222222222", bootstrap.data)
    assert wipe.ordered(anew) is None


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"tenant": 5}', b"\xff\xff"])
def test_a_damaged_order_is_none(bootstrap: Bootstrap, damage: bytes) -> None:
    (bootstrap.data / "wipe.json").write_bytes(damage)
    assert wipe.ordered(bootstrap) is None
