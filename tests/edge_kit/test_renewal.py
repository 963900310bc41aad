"""A gateway's certificate over the years: renewed, proven, retired, revoked. Real TLS against our broker."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from greengrass_components.edge_kit.config import Bootstrap
from greengrass_components.edge_kit.enrol import enrol
from greengrass_components.edge_kit.identity import renewed
from greengrass_components.edge_kit.identity.exchange import Pending
from greengrass_components.edge_kit.identity.keys import Credentials, new_key, renew_at, signing_request
from greengrass_components.edge_kit.identity.renewal import ASKS_EVERY, GIVES_WAY_AFTER_S, SAYS_EVERY_S, Renewal
from greengrass_components.edge_kit.link import LinkError
from greengrass_components.edge_kit.mqtt_link import MqttLink
from greengrass_components.edge_kit.pace import pace_of
from greengrass_components.relay.relay import open_relay
from local_cloud import pki
from local_cloud.broker.pki import Authority, certificate_id
from tests.edge_kit.fakes import eventually
from tests.edge_kit.provisioned import THING, TOKEN, Cloud, provisioning_cloud

LATER = datetime.now(UTC) + timedelta(days=331)


@pytest.fixture
async def cloud(tmp_path: Path) -> AsyncIterator[Cloud]:
    async with provisioning_cloud(tmp_path) as made:
        made.rows.expect(TOKEN, THING)
        yield made


@pytest.fixture
async def gateway(cloud: Cloud, tmp_path: Path) -> Bootstrap:
    return await enrol(await asyncio.to_thread(cloud.claim), tmp_path / "gateway")


@asynccontextmanager
async def linked(bootstrap: Bootstrap) -> AsyncIterator[MqttLink]:
    link = MqttLink(bootstrap)
    await link.start([bootstrap.down("cmd")], lambda topic, payload: None, lambda: None)
    await eventually(lambda: link.connected)
    try:
        yield link
    finally:
        await link.close()


def renewal_of(bootstrap: Bootstrap, link: MqttLink, *, now: datetime = LATER) -> tuple[Renewal, list[str]]:
    opened: list[str] = []
    return Renewal(bootstrap, link, link, lambda: opened.append("again"), now=lambda: now), opened


def in_use(bootstrap: Bootstrap) -> str:
    return certificate_id(renewed.credentials(bootstrap).certificate)


async def renew(bootstrap: Bootstrap) -> None:
    async with linked(bootstrap) as link:
        renewal, opened = renewal_of(bootstrap, link)
        await renewal.step()
        assert opened == ["again"]


async def test_a_certificate_is_renewed_in_time_with_a_new_key_and_both_work(cloud: Cloud, gateway: Bootstrap) -> None:
    before = renewed.credentials(gateway)
    await renew(gateway)
    after = renewed.credentials(gateway)
    assert after.fits()
    assert after.key != before.key
    assert cloud.statuses() == ["ACTIVE", "ACTIVE"]
    assert cloud.broker.registry.thing(THING).attributes["tenant"] == gateway.tenant
    path = renewed.path_of(gateway)
    assert path.stat().st_mode & 0o777 == 0o600
    assert not path.with_name("pending.json").exists()


async def test_nothing_is_asked_before_its_time(cloud: Cloud, gateway: Bootstrap) -> None:
    async with linked(gateway) as link:
        renewal, opened = renewal_of(gateway, link, now=datetime.now(UTC))
        await renewal.step()
    assert opened == []
    assert len(cloud.asked) == 1


async def test_the_first_word_with_the_new_certificate_ends_the_old(cloud: Cloud, gateway: Bootstrap) -> None:
    old = in_use(gateway)
    await renew(gateway)
    async with linked(gateway) as link:
        renewal, _ = renewal_of(gateway, link, now=datetime.now(UTC))
        await renewal.step()
    found = renewed.load(gateway)
    assert found is not None
    assert found.proven
    settled = cloud.settle(in_use(gateway))
    assert settled.retired == (old,)
    assert cloud.active() == [in_use(gateway)]


async def test_the_old_certificate_cannot_end_the_one_that_follows_it(cloud: Cloud, gateway: Bootstrap) -> None:
    old = in_use(gateway)
    cloud.broker.registry.db.execute("UPDATE certificate SET created_ms = created_ms - 1000 WHERE id = ?", (old,))
    await renew(gateway)
    assert cloud.settle(old).retired == ()
    assert cloud.statuses() == ["ACTIVE", "ACTIVE"]


async def test_a_revoked_gateway_is_disconnected_and_stays_out(cloud: Cloud, gateway: Bootstrap) -> None:
    async with linked(gateway) as link:
        await asyncio.to_thread(
            cloud.iot.control.update_certificate, certificateId=in_use(gateway), newStatus="INACTIVE"
        )
        await eventually(lambda: not link.connected, within_s=5)
        await eventually(lambda: "AUTHORIZED" in link.trouble.upper() or "CONNACK" in link.trouble.upper(), within_s=5)
        assert not link.connected
        with pytest.raises(LinkError):
            await link.publish(gateway.up("edge_health"), b"{}")


async def test_a_renewal_that_was_cut_off_goes_on_with_its_key(cloud: Cloud, gateway: Bootstrap) -> None:
    pending = Pending(new_key())
    path = renewed.path_of(gateway).with_name("pending.json")
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"key": pending.key, "certificate": "", "ownership": ""}))
    await renew(gateway)
    assert renewed.credentials(gateway).key == pending.key


async def test_a_gateway_that_is_not_ours_any_more_is_not_renewed(cloud: Cloud, gateway: Bootstrap) -> None:
    del cloud.rows.things[THING]
    async with linked(gateway) as link:
        renewal, opened = renewal_of(gateway, link)
        await renewal.step()
        await renewal.step()
    assert opened == []
    assert len(cloud.asked) == 2, "asked once, and not again for hours"
    assert renewed.load(gateway) is None


@dataclass
class HandLink:
    """A link that a test connects and cuts."""

    connected: bool = False
    published: list[str] = field(default_factory=list)

    async def publish(self, topic: str, payload: bytes) -> None:
        self.published.append(topic)

    async def request(self, topic: str, payload: bytes) -> tuple[bool, bytes]:
        raise LinkError("nobody answers")


@dataclass
class Hand:
    """A renewal over a link and clocks that a test sets."""

    bootstrap: Bootstrap
    link: HandLink = field(default_factory=HandLink)
    at_s: float = 0.0
    now: datetime = LATER - timedelta(days=300)
    opened: int = 0

    def __post_init__(self) -> None:
        self.renewal = Renewal(
            self.bootstrap, self.link, self.link, self._open, now=lambda: self.now, monotonic_s=lambda: self.at_s
        )  # type: ignore[arg-type]

    def _open(self) -> None:
        self.opened += 1

    async def after(self, seconds: float) -> None:
        self.at_s += seconds
        await self.renewal.step()


async def test_a_new_certificate_that_does_not_connect_gives_way_and_is_given_up(
    cloud: Cloud, gateway: Bootstrap
) -> None:
    before = renewed.credentials(gateway)
    await renew(gateway)
    hand = Hand(gateway)
    await hand.after(GIVES_WAY_AFTER_S - 1)
    assert hand.opened == 0
    await hand.after(1)
    assert hand.opened == 1
    assert renewed.credentials(gateway) == before
    again = Hand(gateway)  # the process makes its link anew
    again.link.connected = True
    await again.after(1)
    assert renewed.load(gateway) is None
    assert renewed.credentials(gateway) == before
    again.now = LATER
    await again.after(1)
    assert hand.link.published == []


async def test_both_take_turns_while_neither_connects(cloud: Cloud, gateway: Bootstrap) -> None:
    before = renewed.credentials(gateway)
    await renew(gateway)
    new = renewed.credentials(gateway)
    seen = []
    for _ in range(4):
        await Hand(gateway).after(GIVES_WAY_AFTER_S)
        seen.append(renewed.credentials(gateway) == new)
    assert seen == [False, True, False, True]
    assert before != new


async def test_it_says_who_it_is_once_a_day(gateway: Bootstrap) -> None:
    hand = Hand(gateway)
    hand.link.connected = True
    for seconds in (0, 60, SAYS_EVERY_S - 61, 1):
        await hand.after(seconds)
    assert hand.link.published == [gateway.up("gateway_identity")] * 2


async def test_a_cloud_that_does_not_answer_is_asked_again_after_hours(gateway: Bootstrap) -> None:
    hand = Hand(gateway, now=LATER)
    hand.link.connected = True
    await hand.after(1)
    await hand.after(1)
    pending = Pending.load(renewed.path_of(gateway).with_name("pending.json"))
    hand.now += ASKS_EVERY
    await hand.after(1)
    assert pending is not None
    assert Pending.load(renewed.path_of(gateway).with_name("pending.json")) == pending


async def test_a_certificate_that_somebody_puts_there_by_hand_counts(cloud: Cloud, gateway: Bootstrap) -> None:
    await renew(gateway)
    other = await asyncio.to_thread(cloud.certificate, "cnc-dev-gateway")
    assert gateway.cert is not None
    assert gateway.key is not None
    gateway.cert.write_text(other.certificate)
    gateway.key.write_text(other.key)
    assert renewed.load(gateway) is None
    assert renewed.credentials(gateway) == other


@pytest.mark.parametrize("data", ["", "{}", "[]", "\ufffd", '{"credentials": {}}'])
async def test_a_damaged_file_leaves_the_bootstraps_certificate(gateway: Bootstrap, data: str) -> None:
    path = renewed.path_of(gateway)
    path.parent.mkdir(exist_ok=True)
    path.write_text(data)
    assert renewed.load(gateway) is None


async def test_a_pair_that_does_not_fit_is_not_used(cloud: Cloud, gateway: Bootstrap) -> None:
    await renew(gateway)
    found = renewed.load(gateway)
    assert found is not None
    renewed.save(gateway, replace(found, credentials=Credentials(found.credentials.certificate, new_key())))
    assert renewed.load(gateway) is None


async def test_the_cloud_tells_of_a_certificate_that_ends_soon(cloud: Cloud, gateway: Bootstrap) -> None:
    assert not cloud.settle(in_use(gateway)).ending
    assert cloud.settle(in_use(gateway), now=datetime.now(UTC) + timedelta(days=336)).ending
    assert renew_at(renewed.credentials(gateway).certificate) < datetime.now(UTC) + timedelta(days=336 - 30)


async def test_only_the_gateway_itself_may_renew(cloud: Cloud, gateway: Bootstrap) -> None:
    """Another gateway's certificate, or a claim without a token, is nobody the hook knows."""
    other = "g_" + "9" * 16
    cloud.rows.expect("cnce_other", other)
    event = {"claimCertificateId": in_use(gateway), "clientId": other, "parameters": {}, "certificatePem": ""}
    assert cloud.hook(event) == {"allowProvisioning": False}
    assert cloud.hook({**event, "clientId": "enrol-1"}) == {"allowProvisioning": False}
    assert cloud.hook({**event, "clientId": THING, "claimCertificateId": "00"}) == {"allowProvisioning": False}


async def test_a_running_relay_renews_and_goes_on_with_the_new_certificate(
    cloud: Cloud, gateway: Bootstrap, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = renewed.credentials(gateway)
    now = datetime.now(UTC)
    monkeypatch.setattr(
        "greengrass_components.edge_kit.identity.renewal.renew_at",
        lambda pem: now - timedelta(days=1) if pem == first.certificate else now + timedelta(days=1),
    )
    monkeypatch.setattr("greengrass_components.relay.relay.STEP_S", 0.05)
    stop, opened = asyncio.Event(), []

    async def relay() -> None:
        while await open_relay(gateway, link=MqttLink(gateway), pace=pace_of(None)).run(stop):
            opened.append(in_use(gateway))

    running = asyncio.create_task(relay())
    await eventually(lambda: (found := renewed.load(gateway)) is not None and found.proven)
    assert cloud.broker.router.sessions[THING].certificate == in_use(gateway) != certificate_id(first.certificate)
    assert opened == [in_use(gateway)]
    stop.set()
    await asyncio.wait_for(running, 20)


@pytest.mark.parametrize(("days", "after"), [(1, 0.6), (30, 20), (365, 305), (9000, 330)])
def test_a_certificate_is_renewed_late_in_its_life_and_never_when_it_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, after: float
) -> None:
    monkeypatch.setattr("local_cloud.broker.pki.DAYS", days)
    now = datetime.now(UTC)
    authority = Authority.load(pki.ensure(tmp_path, now=now))
    due = renew_at(authority.sign_csr(signing_request(new_key()), now=now))
    assert now < due < now + timedelta(days=days)
    assert abs(due - (now + timedelta(days=after))) < timedelta(days=1.01)
