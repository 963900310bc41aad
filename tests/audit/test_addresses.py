"""Addresses in the audit log: pseudonyms under a key of the person's own, which erasure takes away; the chain stays."""

from secrets import token_bytes

from cnc.cloud.store.audit import AuditStore
from cnc.cloud.tenancy import acting_for, current
from cnc.domain.audit.chain import verify
from cnc.domain.base.clock import utc_now
from cnc.services.audit import Circumstances, note, under
from cnc.services.person_keys import DataKey, PersonKeys
from tests.audit.chains import ONE, TWO, action
from tests.cloud.fixtures import Cloud

ANN, BEN, ADDRESS = "u_1111111111111111", "u_2222222222222222", "203.0.113.7"


class Service:
    """Wraps a key in itself."""

    def new(self, *, binding: dict[str, str]) -> DataKey:
        key = token_bytes(32)
        return DataKey(key, key)

    def unwrap(self, wrapped: bytes, *, binding: dict[str, str]) -> bytes | None:
        return wrapped


class Kept(dict[str, bytes]):
    def add(self, person: str, wrapped: bytes, /) -> bool:
        return self.setdefault(person, wrapped) == wrapped

    def remove(self, person: str, /) -> None:
        self.pop(person, None)


def keys() -> PersonKeys:
    made = PersonKeys(Service(), Kept(), lambda: current().tenant, token_bytes, utc_now)  # type: ignore[arg-type]
    for person in (ANN, BEN):
        made.seal(person, "a name")
    return made


def test_a_pseudonym_is_the_same_for_a_person_and_no_address_and_nobody_elses() -> None:
    with acting_for(ONE):
        held = keys()
        told = held.pseudonym(ANN, ADDRESS)
        assert told == held.pseudonym(ANN, ADDRESS)
        assert len(told) == 16
        assert told not in (held.pseudonym(BEN, ADDRESS), held.pseudonym(ANN, "203.0.113.8"))
        assert held.pseudonym("u_3333333333333333", ADDRESS) == ""


def test_erasure_leaves_the_chain_whole_and_a_pseudonym_that_nobody_can_make_again(cloud: Cloud) -> None:
    log = AuditStore(cloud.clients.tenant("dynamodb"), table=cloud.tables["audit"])
    with acting_for(ONE):
        held = keys()
        with under(Circumstances(lambda actor: held.pseudonym(actor, ADDRESS), trace="r-1")):
            before = note(action(1), log=log)
            assert before.action.address == held.pseudonym(ANN, ADDRESS) != ""
            held.destroy(ANN)
            after = note(action(2), log=log)
        assert after.action.address == ""
        held.seal(ANN, "another life")
        assert held.pseudonym(ANN, ADDRESS) != before.action.address
        assert verify(log.all(), tenant=ONE).holds
        assert ADDRESS not in str(list(log.all()))


def test_the_same_address_of_the_same_id_elsewhere_is_another_pseudonym() -> None:
    with acting_for(ONE):
        here = keys().pseudonym(ANN, ADDRESS)
    with acting_for(TWO):
        assert keys().pseudonym(ANN, ADDRESS) != here
