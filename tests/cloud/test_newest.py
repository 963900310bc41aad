"""A gateway with few sources has no pointers: its newest rows are looked for among the last chunks."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from cnc.cloud.store.ledger import GatewayHealthStore
from cnc.cloud.store.views import GatewayViewStore
from cnc.cloud.tenancy import acting_for
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.health import HealthMessage
from cnc.services.ingest.ports import Newest
from tests.cloud.fixtures import Cloud
from tests.cloud.shop import BOOT, CONTROL, MACHINE, METER, SOURCE, START, START_MS, TENANT, THING, Shop

LATER_BOOT = bytes.fromhex("0000000200000000")
FEW = {SOURCE: MACHINE, METER: MACHINE}


@pytest.fixture
def shop(cloud: Cloud) -> Iterator[Shop]:
    with acting_for(TENANT):
        yield Shop(cloud)


def tell(cloud: Cloud, machines: dict[str, str]) -> None:
    """The last health of the gateway."""
    healths = GatewayHealthStore(cloud.clients.tenant("dynamodb"), table=cloud.tables["telemetry"])
    healths.set(THING, HealthMessage(START_MS, 1, {}, ()), machines=machines)


def newest(cloud: Cloud, *, minutes: float) -> dict[str, Newest]:
    now = START + timedelta(minutes=minutes)
    views = GatewayViewStore(cloud.clients.tenant("dynamodb"), table=cloud.tables["telemetry"], clock=lambda: now)
    return dict(views.of(THING).newest)


def from_boot(boot: bytes, *, minute: int) -> Rows:
    return Rows(CONTROL.hash, boot, 1, START_MS + minute * 60_000, 1000, [[1] * 60, [1] * 60], [0] * 60)


def test_newest_rows_of_every_source_are_found(cloud: Cloud, shop: Shop) -> None:
    tell(cloud, FEW)
    for minute in range(6):
        control, meter = shop.minute(minute), shop.meter_minute(minute, watt=900)
    assert newest(cloud, minutes=7) == {SOURCE: control, METER: meter}


def test_a_source_that_fell_silent_minutes_ago_is_found(cloud: Cloud, shop: Shop) -> None:
    tell(cloud, FEW)
    meter = shop.meter_minute(0, watt=900)
    for minute in range(12):
        shop.minute(minute)
    assert newest(cloud, minutes=13)[METER] == meter


def test_pointers_of_older_days_are_not_believed(cloud: Cloud, shop: Shop) -> None:
    shop.point_to({SOURCE: shop.minute(0)})
    last = shop.minute(1)
    tell(cloud, FEW)
    assert newest(cloud, minutes=2) == {SOURCE: last}


def test_a_gateway_that_grew_is_read_by_its_pointers(cloud: Cloud, shop: Shop) -> None:
    tell(cloud, {})
    pointed = shop.minute(0)
    shop.minute(1)
    shop.point_to({SOURCE: pointed})
    assert newest(cloud, minutes=2) == {SOURCE: pointed}


def test_a_clock_that_was_set_back_hides_nothing(cloud: Cloud, shop: Shop) -> None:
    tell(cloud, FEW)
    shop.put(from_boot(BOOT, minute=90))
    shop.put(from_boot(BOOT, minute=2))
    right = shop.put(from_boot(LATER_BOOT, minute=1))
    assert newest(cloud, minutes=3) == {SOURCE: right}


def test_a_gateway_that_never_sent_anything_has_no_newest_rows(cloud: Cloud, shop: Shop) -> None:
    tell(cloud, FEW)
    assert newest(cloud, minutes=1) == {}
