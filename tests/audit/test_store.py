"""The chain in its table: an entry and its effects are stored together, whoever else writes and whatever dies."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cnc.cloud.store.audit import AuditStore
from cnc.cloud.store.effects import putting, removing, updating
from cnc.cloud.store.shop_rows import SiteRow, bind
from cnc.cloud.tenancy import acting_for, current
from cnc.domain.audit.chain import verify
from cnc.domain.base.errors import CncError
from cnc.services.audit import AuditBusy, Circumstances, note, refusals_noted, under
from tests.audit.chains import ONE, TWO, action
from tests.cloud.fixtures import Cloud


@pytest.fixture
def store(cloud: Cloud) -> Iterator[AuditStore]:
    bind(cloud.clients, table=cloud.tables["shop"])
    with acting_for(ONE):
        yield AuditStore(cloud.clients.tenant("dynamodb"), table=cloud.tables["audit"])


def site(name: str, number: int = 1) -> SiteRow:
    return SiteRow(current().partition("S"), f"s_{number:016d}", name=name, time_zone="UTC")


def names() -> list[str]:
    return [row.name for row in SiteRow.query(current().partition("S"), consistent_read=True)]


def taken() -> Exception:
    return CncError("change.state", seen="another version")


def test_what_is_noted_is_read_back_in_order_and_holds(store: AuditStore) -> None:
    noted = [note(action(number), log=store) for number in range(5)]
    assert list(store.all()) == noted
    assert verify(store.all(), tenant=ONE).holds


def test_an_action_and_its_effects_are_one_step(store: AuditStore) -> None:
    store.commit(action(1), [putting(site("A")), putting(site("B", 2))])
    store.commit(action(2), [updating(site("A"), [SiteRow.name.set("C")]), removing(site("B", 2))])
    assert names() == ["C"]
    assert len(list(store.all())) == 2


def test_an_effect_that_does_not_hold_leaves_neither_it_nor_the_others_nor_an_entry(store: AuditStore) -> None:
    effects = [putting(site("A")), putting(site("B", 2), condition=SiteRow.p.exists(), refused=taken)]
    with pytest.raises(CncError, match="another version"):
        store.commit(action(1), effects)
    assert names() == []
    assert list(store.all()) == []


def test_an_effect_with_a_condition_says_what_it_means_when_it_does_not_hold(store: AuditStore) -> None:
    with pytest.raises(TypeError, match="refused"):
        putting(site("A"), condition=SiteRow.p.exists())


def test_more_than_a_transaction_holds_is_refused_before_anything_is_written(store: AuditStore) -> None:
    with pytest.raises(ValueError, match="at most 99"):
        store.commit(action(1), [putting(site("A", number)) for number in range(100)])
    store.commit(action(1), [putting(site("A", number)) for number in range(99)])
    assert len(names()) == 99


def test_writers_at_once_share_one_chain_and_no_effect_is_lost(store: AuditStore) -> None:
    def write(number: int) -> None:
        with acting_for(ONE):
            store.commit(action(number), [putting(site(f"{number}", number))])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    verdict = verify(store.all(), tenant=ONE)
    assert verdict.holds
    assert verdict.entries == len(names()) == 40
    assert {entry.action.subject for entry in store.all()} == {f"g_{number:016d}" for number in range(40)}


class Killed(BaseException):
    """A process that ends where it stands."""


class Dying:
    """A client whose process ends before or after its n-th write."""

    def __init__(self, client: Any, *, before: bool) -> None:
        self._client, self._before = client, before

    def query(self, **call: Any) -> Any:
        return self._client.query(**call)

    def transact_write_items(self, **call: Any) -> Any:
        if not self._before:
            self._client.transact_write_items(**call)
        raise Killed


@pytest.mark.parametrize("before", [True, False])
def test_a_process_that_dies_between_reading_and_writing_leaves_both_or_neither(
    cloud: Cloud, store: AuditStore, before: bool
) -> None:
    """Eight go on writing while eight others die at their transaction."""
    client, gate = cloud.clients.tenant("dynamodb"), threading.Barrier(8)

    def write(number: int) -> None:
        with acting_for(ONE):
            gate.wait(timeout=10)
            mine = AuditStore(Dying(client, before=before), table=cloud.tables["audit"]) if number % 2 else store
            try:
                mine.commit(action(number), [putting(site(f"{number}", number))])
            except Killed:
                return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(16)))
    entries = list(store.all())
    noted = {entry.action.at_ms for entry in entries}
    assert verify(entries, tenant=ONE).holds
    assert {int(name) for name in names()} == noted
    assert noted >= set(range(0, 16, 2))
    assert before is not bool(noted & set(range(1, 16, 2)))


def test_tenants_have_chains_of_their_own(store: AuditStore) -> None:
    note(action(1), log=store)
    with acting_for(TWO):
        assert note(action(2), log=store).seq == 1
    assert verify(store.all(), tenant=ONE).holds
    assert not verify(store.all(), tenant=TWO).holds


def test_a_refusal_is_noted_with_its_code_and_raised(store: AuditStore) -> None:
    with pytest.raises(CncError), refusals_noted(action(1), log=store):
        raise CncError("auth.forbidden")
    assert [entry.action.result for entry in store.all()] == ["auth.forbidden"]


def test_an_entry_carries_the_circumstances_of_its_request(store: AuditStore) -> None:
    with under(Circumstances(address=lambda actor: f"{actor[:2]}a1", trace="r1", on_behalf="u_2222222222222222")):
        noted = note(action(1), log=store)
    assert (noted.action.address, noted.action.trace, noted.action.on_behalf) == ("u_a1", "r1", "u_2222222222222222")
    assert note(action(2), log=store).action.trace == ""


def test_who_never_gets_a_place_is_told_and_nothing_is_done(cloud: Cloud, store: AuditStore) -> None:
    """Somebody else is always faster, for longer than a request may take."""
    client, passed = cloud.clients.tenant("dynamodb"), iter(range(100))

    class Outrun(Dying):
        def transact_write_items(self, **call: Any) -> Any:
            note(action(0), log=store)
            return client.transact_write_items(**call)

    slow = AuditStore(Outrun(client, before=True), table=cloud.tables["audit"], clock_s=lambda: float(next(passed)))
    with pytest.raises(AuditBusy, match="no free place"):
        slow.commit(action(1), [putting(site("A"))])
    assert names() == []
    assert verify(store.all(), tenant=ONE).holds


def test_an_entry_of_the_first_version_still_verifies_and_is_read(cloud: Cloud, store: AuditStore) -> None:
    """As the product wrote it before entries named their tenant: copied from a table of that time."""
    cloud.raw.put_item(
        TableName=cloud.tables["audit"],
        Item={
            "p": {"S": f"T#{ONE}#L"},
            "s": {"S": "000000000001"},
            "b": {
                "S": '{"action":"change.ordered","actor":"u_1111111111111111","at_ms":1700000000000,'
                '"request":"","result":"done","subject":"c_1111111111111111"}'
            },
            "q": {"S": "0" * 64},
            "h": {"S": FIRST_VERSION_HASH},
            "v": {"N": "1"},
        },
    )
    note(action(2), log=store)
    assert [entry.action.subject for entry in store.all()] == ["c_1111111111111111", "g_0000000000000002"]
    assert verify(store.all(), tenant=ONE).entries == 2


#: SHA-256 of 64 zeros and the item's JSON with `"seq":1` in its place, computed by `sha256sum`.
FIRST_VERSION_HASH = "c4f46a27a0bd1e222e4f66c337168b8653c586b69791c8211e4ca5ac3a9fd959"
