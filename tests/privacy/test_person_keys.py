"""What is kept of a person is readable as long as the person's key exists, and never after."""

from datetime import timedelta

from cnc.cloud.person_keys import person_keys
from cnc.cloud.privacy import PrivacyParts
from cnc.cloud.tenancy import acting_for
from cnc.domain.privacy.sealed import MARK
from cnc.services.person_keys import KEPT, DataKey
from tests.cloud.fixtures import Cloud
from tests.cloud.shop import OTHER, TENANT, USER, Shop
from tests.privacy.conftest import Places

ELSE = "u_2222222222222222"


def test_a_name_is_stored_sealed_and_read_plain(cloud: Cloud, shop: Shop, places: Places) -> None:
    stored = cloud.raw.get_item(TableName=places.shop_table, Key={"p": {"S": f"T#{TENANT}#U"}, "s": {"S": USER}})[
        "Item"
    ]
    assert stored["name"]["S"].startswith(MARK)
    assert "Ann" not in str(stored)
    assert shop.rows.user(USER)[3:5] == ("ann@example.com", "Ann")  # type: ignore[index]


def test_a_destroyed_key_takes_every_copy_with_it(cloud: Cloud, places: Places) -> None:
    keys = person_keys(cloud.clients, table=places.keys_table, key_id=places.person_key)
    with acting_for(TENANT):
        copy = keys.seal(USER, "Ann Smith")
        assert keys.open(USER, copy) == "Ann Smith"
        keys.destroy(USER)
        keys.destroy(USER)
        assert keys.open(USER, copy) == ""
        assert keys.open(USER, keys.seal(USER, "a new life")) == "a new life"
        assert keys.open(USER, copy) == ""


def test_a_sealed_text_opens_for_nobody_else(cloud: Cloud, places: Places) -> None:
    keys = person_keys(cloud.clients, table=places.keys_table, key_id=places.person_key)
    with acting_for(TENANT):
        copy = keys.seal(USER, "Ann Smith")
        keys.seal(ELSE, "Bob")
        assert keys.open(ELSE, copy) == ""
        for broken in (copy[:-2], copy[:9] + "AAAA" + copy[13:], MARK, MARK + "%%%"):
            assert keys.open(USER, broken) == ""
    with acting_for(OTHER):
        keys.seal(USER, "somebody of the same id elsewhere")
        assert keys.open(USER, copy) == ""


def test_a_wrapped_key_carried_to_another_tenant_opens_nothing(cloud: Cloud, places: Places) -> None:
    keys = person_keys(cloud.clients, table=places.keys_table, key_id=places.person_key)
    with acting_for(TENANT):
        copy = keys.seal(USER, "Ann Smith")
        item = cloud.raw.get_item(TableName=places.keys_table, Key={"p": {"S": f"T#{TENANT}#U"}, "s": {"S": USER}})[
            "Item"
        ]
    cloud.raw.put_item(TableName=places.keys_table, Item=item | {"p": {"S": f"T#{OTHER}#U"}})
    with acting_for(OTHER):
        assert keys.open(USER, copy) == ""


def test_a_text_that_was_never_sealed_is_what_it_is(parts: PrivacyParts) -> None:
    with acting_for(TENANT):
        assert parts.keys.open(USER, "ann@example.com") == "ann@example.com"


def test_a_process_forgets_a_key_that_another_one_destroyed(cloud: Cloud, places: Places) -> None:
    one, other = (person_keys(cloud.clients, table=places.keys_table, key_id=places.person_key) for _ in range(2))
    with acting_for(TENANT):
        copy = one.seal(USER, "Ann Smith")
        other.destroy(USER)
        assert one.open(USER, copy) == "Ann Smith", "remembered for a moment"
        now = one.now()
        one.now = lambda: now + KEPT + timedelta(seconds=1)
        assert one.open(USER, copy) == ""


def test_two_who_make_the_first_key_at_once_use_the_same(cloud: Cloud, places: Places) -> None:
    one, other = (person_keys(cloud.clients, table=places.keys_table, key_id=places.person_key) for _ in range(2))
    copies: list[str] = []
    service = one.service

    class Overtaken:
        """While one makes a key, the other has made and stored it."""

        def new(self, *, binding: dict[str, str]) -> DataKey:
            copies.append(other.seal(USER, "Bob"))
            return service.new(binding=binding)

        def unwrap(self, wrapped: bytes, *, binding: dict[str, str]) -> bytes | None:
            return service.unwrap(wrapped, binding=binding)

    one.service = Overtaken()
    with acting_for(TENANT):
        copies.append(one.seal(USER, "Ann"))
        assert [other.open(USER, copy) for copy in copies] == ["Bob", "Ann"]
