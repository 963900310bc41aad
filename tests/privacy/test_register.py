"""Whatever is stored stands in the register with how long it is kept; a new kind or field without a line fails."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import cnc.cloud.store
from cnc.cloud.store import alarms, factors, intervals, quarantine, rollups, usage
from cnc.cloud.store.shop_rows import ShopRow
from cnc.domain.privacy.retention import DIRECTORY, KEPT, OBJECTS, PLACES, Ends
from cnc.services import idempotency
from cnc.services.hours.parquet import REMADE_FOR
from cnc.services.people import invitations
from tools import privacy_register

ROOT = Path(__file__).resolve().parents[2]
REGISTER = privacy_register.source()
STORES = REGISTER["store"]
OWN = {"p", "s", "v"}


def code(*folders: str) -> str:
    return "\n".join(path.read_text() for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))


def all_rows() -> Iterator[type[ShopRow]]:
    for module in pkgutil.iter_modules(cnc.cloud.store.__path__):
        importlib.import_module(f"cnc.cloud.store.{module.name}")
    waiting = [ShopRow]
    while waiting:
        for row in waiting.pop().__subclasses__():
            waiting.append(row)
            yield row


def nouns_in_code() -> set[str]:
    text = code("cnc/cloud")
    named = re.findall(r'(?:partition|_p|_get|_all)\((?:\w+Row, )?"([A-Z]{1,2})"', text)
    given = re.findall(r'noun: str = "([A-Z]{1,2})"|PrivacyRows\([^)]*, "([A-Z]{1,2})"\)', text + code("functions"))
    return {*named, *(one or other for one, other in given)}


def test_every_partition_that_code_names_is_a_place_and_every_place_is_used() -> None:
    # Tickets lie in the directory since they are asked for before a tenant is known.
    assert nouns_in_code() == {place.noun for place in PLACES} - {"X"}


def test_every_kind_of_object_and_of_directory_row_has_its_line() -> None:
    kinds = set(re.findall(r'(?:object_key|content_key)\(\s*"([a-z]+)"', code("cnc/cloud")))
    assert kinds == set(OBJECTS)
    text = code("cnc/cloud/tenancy") + (ROOT / "cnc/cloud/erasure_orders.py").read_text()
    assert set(re.findall(r'f"([A-Z])#\{', text)) == set(DIRECTORY)


def test_the_register_has_every_place_object_and_directory_row_once() -> None:
    places = {(place.table, place.noun + (f"/{place.prefix.rstrip('#')}" if place.prefix else "")) for place in PLACES}
    wanted = places | {("bucket", kind) for kind in OBJECTS} | {("directory", letter) for letter in DIRECTORY}
    listed = [(store["where"], store["kind"]) for store in STORES]
    assert len(listed) == len(set(listed))
    assert wanted - set(listed) == set()


def test_every_field_of_every_row_stands_in_the_register() -> None:
    said: dict[str, set[str]] = {}
    for store in STORES:
        for name in store.get("rows", ()):
            said[name] = set(store["fields"])
    for row in all_rows():
        assert row.__name__ in said, f"{row.__name__} has no store in docs/privacy/register.toml"
        fields = set(row.get_attributes()) - OWN
        assert fields <= said[row.__name__], f"{row.__name__}: say in docs/privacy/register.toml what these hold"


def test_fields_that_sound_like_a_person_are_marked_so() -> None:
    telling = {"email", "phone", "phone_pending", "subject", "issuer", "address", "device", "paired_by", "created_by"}
    for store in STORES:
        unmarked = telling & set(store["fields"]) - set(store["personal"])
        assert unmarked == set(), f"{store['where']} {store['kind']}"
        assert set(store["personal"]) <= set(store["fields"])


def test_a_store_keeps_a_known_class_and_belongs_to_a_known_activity() -> None:
    activities = {activity["id"] for activity in REGISTER["activity"]}
    assert {store["activity"] for store in STORES} == activities
    assert {store["keeps"] for store in STORES} == set(KEPT), "a class that nothing keeps, or an unknown one"


def test_the_printed_pages_are_of_today() -> None:
    assert privacy_register.main(["--check"]) == 0, "run: python -m tools.privacy_register"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("chunks", REMADE_FOR),
        ("hours", rollups.KEPT),
        ("hours", intervals.KEPT),
        ("alarms", alarms.KEPT),
        ("quarantine", quarantine.KEPT),
        ("quarantined_bytes", quarantine.KEPT),
        ("probes", factors.PROBE_KEPT),
        ("answers", idempotency.KEPT),
        ("usage", usage.KEPT),
        ("invitations", invitations.LIFE + timedelta(days=1)),
    ],
)
def test_the_table_says_what_the_code_writes(name: str, written: timedelta) -> None:
    assert KEPT[name].kept == written


def test_classes_that_end_by_themselves_say_how_long_they_are_kept() -> None:
    endless = {Ends.TENANT, Ends.PERSON, Ends.WORK}
    assert [name for name, kept in KEPT.items() if kept.kept is None and kept.ends not in endless] == []
