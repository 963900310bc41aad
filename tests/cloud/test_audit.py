"""The audit chain: nothing can be changed, left out or put in unseen."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from cnc.cloud.store.audit import AuditStore
from cnc.cloud.tenancy import acting_for
from cnc.services.audit import Action, AuditBusy, Entry, first_broken, following, note
from tests.cloud.fixtures import Cloud

ONE, TWO = "t_1111111111111111", "t_2222222222222222"


def action(number: int) -> Action:
    return Action("u_1111111111111111", "gateway.configure", f"g_{number:016d}", "done", number)


@pytest.fixture
def store(cloud: Cloud) -> Iterator[AuditStore]:
    with acting_for(ONE):
        yield AuditStore(cloud.clients.tenant("dynamodb"), table=cloud.tables["audit"])


def chain(length: int) -> list[Entry]:
    entries: list[Entry] = []
    for number in range(length):
        entries.append(following(entries[-1] if entries else None, action(number)))
    return entries


def test_what_is_noted_is_read_back_in_order_and_holds(store: AuditStore) -> None:
    noted = [note(action(number), log=store) for number in range(5)]
    assert list(store.all()) == noted
    assert first_broken(store.all()) is None


def test_writers_at_once_share_one_chain(store: AuditStore) -> None:
    def write(number: int) -> None:
        with acting_for(ONE):
            note(action(number), log=store)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(12)))
    assert [entry.seq for entry in store.all()] == list(range(1, 13))
    assert first_broken(store.all()) is None


def test_tenants_have_chains_of_their_own(store: AuditStore) -> None:
    note(action(1), log=store)
    with acting_for(TWO):
        assert note(action(2), log=store).seq == 1


def test_a_change_an_omission_and_an_insertion_are_found() -> None:
    entries = chain(4)
    changed = [*entries[:1], replace(entries[1], action=action(9)), *entries[2:]]
    assert first_broken(changed) == 2
    assert first_broken(entries[:1] + entries[2:]) == 2
    assert first_broken([*entries[:2], entries[1], *entries[2:]]) == 3


def test_a_chain_rewritten_whole_differs_from_what_was_told_elsewhere() -> None:
    entries = chain(3)
    forged = [following(None, action(7))]
    assert first_broken(forged, told=lambda seq: entries[seq - 1].hash) == 1


def test_an_action_that_cannot_be_noted_is_an_error() -> None:
    class Taken:
        def newest(self) -> Entry | None:
            return None

        def add(self, entry: Entry, /) -> bool:
            return False

    with pytest.raises(AuditBusy):
        note(action(1), log=Taken())
