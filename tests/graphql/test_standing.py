"""An open socket does not outlive the rights of its owner."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from cnc_graphql.fan_out import FanOut

from cnc.domain.base.clock import to_ms
from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller
from cnc.services.membership import Membership
from cnc.services.standing import KEPT, Standing
from cnc.services.subscriptions import Registration, register
from tests.graphql.shop import MILL, NOW, OURS, context
from tests.graphql.sockets import Entry, Posted, sockets

ISSUER, LOGIN, HASH = "https://i.test", "sub-1", "0" * 64
SITE = "s_aaaaaaaaaaaaaaaa"
PERSON = Caller(OURS, "u_1", "user", grants={SITE: ("operator", "quality")}, issuer=ISSUER, login=LOGIN)
KEY = Caller(OURS, "k_1", "key", scopes=frozenset({"read"}), login=HASH)
STATES = "subscription { machineState { machineId } }"


@dataclass
class FakeDirectory:
    """One person, one key, one company; `asked` counts the reads."""

    membership: Membership | None = field(
        default_factory=lambda: Membership(OURS, "u_1", {SITE: ("quality", "operator")})
    )
    company: dict[str, str] | None = field(default_factory=dict)
    key: dict[str, str] | None = field(default_factory=dict)
    asked: int = 0

    def user(self, *, issuer: str, subject: str) -> Entry | None:
        self.asked += 1
        assert (issuer, subject) == (ISSUER, LOGIN)
        return Entry("", {self.membership.tenant: self.membership.text()} if self.membership else {})

    def api_key(self, key_hash: str, /) -> Entry | None:
        assert key_hash == HASH
        return None if self.key is None else Entry(OURS, self.key)

    def tenant(self, tenant: str, /) -> Entry | None:
        return None if self.company is None else Entry(tenant, self.company)


@pytest.fixture
def directory() -> FakeDirectory:
    return FakeDirectory()


def holds(directory: FakeDirectory, caller: Caller) -> bool:
    return Standing(directory).holds(caller, now=NOW)


def test_who_is_what_it_was_goes_on_and_roles_have_no_order(directory: FakeDirectory) -> None:
    assert holds(directory, PERSON)
    assert holds(directory, KEY)


@pytest.mark.parametrize(
    "membership",
    [
        None,
        Membership(OURS, "u_1", {SITE: ("operator",)}),
        Membership(OURS, "u_1", {SITE: ("operator", "quality", "admin")}),
        Membership(OURS, "u_1", {"*": ("operator", "quality")}),
        Membership(OURS, "u_1", {SITE: ("operator", "quality")}, ends_at=NOW),
        Membership("t_bbbbbbbbbbbbbbbb", "u_1", {SITE: ("operator", "quality")}),
    ],
)
def test_other_rights_are_another_caller(directory: FakeDirectory, membership: Membership | None) -> None:
    directory.membership = membership
    assert not holds(directory, PERSON)


@pytest.mark.parametrize("company", [None, {"status": "suspended"}, {"status": "deleting"}, {"off": "all"}])
def test_a_company_that_is_closed_is_closed_for_everybody(
    directory: FakeDirectory, company: dict[str, str] | None
) -> None:
    directory.company = company
    assert not holds(directory, PERSON)
    assert not holds(directory, KEY)


def test_a_switch_for_one_kind_leaves_the_other(directory: FakeDirectory) -> None:
    directory.company = {"off": "keys"}
    assert (holds(directory, PERSON), holds(directory, KEY)) == (True, False)
    directory.company = {"off": "people"}
    assert (holds(directory, PERSON), holds(directory, KEY)) == (False, True)


@pytest.mark.parametrize("key", [None, {"ends_at_ms": str(to_ms(NOW))}])
def test_a_key_that_was_revoked_or_has_ended_stops(directory: FakeDirectory, key: dict[str, str] | None) -> None:
    directory.key = key
    assert not holds(directory, KEY)


def test_a_change_is_noticed_within_five_seconds_and_many_operations_ask_once(directory: FakeDirectory) -> None:
    standing = Standing(directory)
    assert all(standing.holds(PERSON, now=NOW) for _ in range(50))
    assert directory.asked == 1
    directory.membership = None
    assert standing.holds(PERSON, now=NOW + KEPT - timedelta(milliseconds=1))
    assert not standing.holds(PERSON, now=NOW + KEPT)
    with pytest.raises(CncError) as refused:
        standing.checked(PERSON, now=NOW + KEPT)
    assert refused.value.code == "auth.expired"


def test_an_event_ends_the_operations_of_who_lost_its_rights_and_reaches_the_others() -> None:
    held, posted = sockets(), Posted()
    for connection, caller in (("c1", PERSON), ("c2", KEY)):
        register(Registration(connection, "1", STATES, {}, caller), sockets=held, now=NOW)
    event = {
        "kind": "machine_state",
        "machine": MILL,
        "payload": {"execution": "ACTIVE", "tile_state": "ACTIVE", "at_ms": 0},
    }
    fan_out = FanOut(
        sockets=held,
        post=posted,
        context_of=lambda caller: context(caller=caller, event=event),
        holds=lambda caller: caller is KEY,
    )
    fan_out.deliver(now=NOW)
    assert [message["type"] for message in posted.sent["c1"]] == ["error"]
    assert posted.sent["c1"][0]["payload"][0]["extensions"]["code"] == "auth.expired"
    assert "c1" not in {row.connection for row in held.registrations.all()}
    fan_out.deliver(now=NOW)
    assert len(posted.sent["c1"]) == 1
