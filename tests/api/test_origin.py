"""The secret between the front and the origins: rotation, outages, and how often it is read."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from moto import mock_aws

from cnc.cloud.origin_secret import OriginSecret
from cnc.cloud.tenancy import Clients
from cnc.domain.base.errors import CncError
from cnc.services.origin import HEADER, KEPT, LOOK_AGAIN, OriginWall
from infra_cdk.stacks.base import ORIGIN_HEADER
from tests.cloud.fixtures import REGION

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


class Store:
    """Values as they are now; counts how often it is read."""

    def __init__(self, *values: str) -> None:
        self.values, self.reads, self.away = values, 0, False

    def __call__(self) -> tuple[str, ...]:
        self.reads += 1
        if self.away:
            raise CncError("store.throttled")
        return self.values


def passes(wall: OriginWall, shown: str, *, after: timedelta = timedelta()) -> bool:
    return wall.passes({HEADER: shown}, now=NOW + after)


def test_the_stacks_and_the_functions_mean_the_same_header() -> None:
    assert ORIGIN_HEADER == HEADER


def test_a_new_value_is_known_the_moment_the_front_shows_it() -> None:
    store = Store("old")
    wall = OriginWall(store)
    assert passes(wall, "old")
    store.values = ("new", "old")
    assert all(passes(wall, shown, after=LOOK_AGAIN) for shown in ("old", "new", "old"))
    assert store.reads == 2


def test_a_withdrawn_value_ends_within_the_time_it_is_kept() -> None:
    store = Store("new", "old")
    wall = OriginWall(store)
    assert passes(wall, "old")
    store.values = ("new",)
    assert not passes(wall, "old", after=KEPT)


def test_a_guesser_makes_us_read_once_in_five_seconds() -> None:
    store = Store("right")
    wall = OriginWall(store)
    assert not any(passes(wall, f"guess {n}", after=timedelta(milliseconds=n)) for n in range(4000))
    assert store.reads == 1


def test_who_shows_nothing_makes_us_read_nothing() -> None:
    store = Store("right")
    assert not OriginWall(store).passes({}, now=NOW)
    assert store.reads == 0


def test_an_outage_of_the_store_changes_nothing_for_what_is_known() -> None:
    store = Store("right")
    wall = OriginWall(store)
    assert passes(wall, "right")
    store.away = True
    assert passes(wall, "right", after=KEPT)
    assert not passes(wall, "wrong", after=KEPT + LOOK_AGAIN)


def test_without_any_value_nobody_passes() -> None:
    store = Store()
    assert not passes(OriginWall(store), "")
    assert not passes(OriginWall(Store("")), "")
    store.away = True
    with pytest.raises(CncError):
        passes(OriginWall(store), "right")


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clients]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        yield Clients(region=REGION, tenant_role_arn="")


def test_two_versions_hold_after_a_rotation_and_one_before(clients: Clients) -> None:
    store = clients.own("secretsmanager")
    store.create_secret(Name="origin", SecretString="first")
    secret = OriginSecret(store, name="origin")
    assert secret.values() == ("first",)
    store.put_secret_value(SecretId="origin", SecretString="second")
    assert secret.values() == ("second", "first")
    store.put_secret_value(SecretId="origin", SecretString="third")
    assert secret.values() == ("third", "second")


def test_a_secret_that_is_not_there_is_an_error_and_no_open_door(clients: Clients) -> None:
    with pytest.raises(CncError, match="origin"):
        OriginSecret(clients.own("secretsmanager"), name="origin").values()
