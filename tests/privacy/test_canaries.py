"""A tenant and a person are sown into every place there is: export finds them all, erasure leaves none anywhere.

`make canaries` does the same to the running product, its processes, files and logs.
"""

import io
import json
import sqlite3
import zipfile
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest

from cnc.cloud.erasure import ErasedGateways, ErasedPeople, WaitingMessages
from cnc.cloud.erasure_orders import ErasureOrders
from cnc.cloud.privacy import PrivacyParts
from cnc.cloud.store.audit import AuditStore
from cnc.cloud.store.dirty import DirtyHourStore
from cnc.cloud.store.every_object import ArchiveStore
from cnc.cloud.store.wipes import WipeStore
from cnc.domain.base.clock import utc_now
from cnc.services.privacy import erasure, exports, person_erasure
from cnc.services.privacy.contents import tenant_sections
from cnc.services.privacy.erasure import Erasure, ErasureState, ErasureStores
from cnc.services.privacy.exports import ExportKind, ExportState
from cnc.services.privacy.person import PEOPLES_PLACES, Person, person_sections
from cnc.services.privacy.person_erasure import PersonErasure
from tests.cloud.fixtures import Cloud
from tests.cloud.shop import MACHINE, SITE, TENANT, THING, USER, Shop
from tests.privacy import canaries
from tests.privacy.conftest import Places

#: In no archive: they end by themselves within hours, and say nothing but that somebody asked.
NOT_TAKEN_ALONG = {"tickets", "connections", "answers", "person_keys", "chunks"}
NAME, EMAIL = "Annabel Canary-Quill", "annabel.canary-quill@example.test"


def key_of(place: Any) -> str:
    owner = {"machine": f"#{MACHINE}", "gateway": f"#{THING}", "": ""}[place.per]
    return f"T#{TENANT}#{place.noun}{owner}"


def sow_tenant(cloud: Cloud, places: Places) -> dict[str, list[str]]:
    """Words by class of data."""
    words: dict[str, list[str]] = {}
    for place, store in canaries.stores():
        table = getattr(places, f"{place.table}_table")
        if place.noun in ("M", "G", "S", "U") and place.table == "shop":
            continue  # real rows, made by `Shop`, whose words are looked for as well
        kept = words.setdefault(place.keeps, [])
        item = canaries.sown(place, store, key=key_of(place), words=kept, name="tc")
        if place.noun == "L":
            continue  # the chain is written by the audit log alone
        cloud.raw.put_item(TableName=table, Item=item)
    DirtyHourStore(cloud.clients.tenant("dynamodb"), table=places.telemetry_table).close_until(
        int(utc_now().timestamp()) // 3600 * 3600
    )
    objects = words.setdefault("objects", [])
    s3 = cloud.clients.tenant("s3")
    for kind in ("parquet", "program", "quarantine"):
        word = f"tc.object.{kind}"
        objects.append(word)
        s3.put_object(Bucket=cloud.bucket, Key=f"tenant={TENANT}/kind={kind}/{word}", Body=word.encode())
    return words


def archive(cloud: Cloud, parts: PrivacyParts, kind: ExportKind, subject: str) -> dict[str, bytes]:
    order = exports.ask(kind, subject, by=USER, exports=parts.exports, random=token_bytes, now=utc_now())
    stores = parts.export_stores(TENANT)
    sections = (
        person_sections(order, parts.person_stores(TENANT))
        if kind is ExportKind.PERSON
        else tenant_sections(order, stores, now=utc_now)
    )
    done = exports.run(
        order,
        sections=sections,
        exports=parts.exports,
        archives=ArchiveStore(lambda: cloud.clients.tenant("s3"), cloud.bucket),
        time_left=lambda: True,
        now=utc_now,
    )
    assert done.state is ExportState.DONE
    key = next(key for key, _ in parts.objects.keys("export") if done.name in key)
    with zipfile.ZipFile(io.BytesIO(parts.objects.read(key))) as read:
        return {name: read.read(name) for name in read.namelist()}


def clean_pages(folder: Path) -> None:
    """As the local cloud does: what was deleted leaves free pages and log."""
    db = sqlite3.connect(folder / "tables.db", timeout=10, isolation_level=None)
    db.execute("VACUUM")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    db.close()


def erasing(cloud: Cloud, parts: PrivacyParts, places: Places) -> ErasureStores:
    dynamodb = cloud.clients.tenant("dynamodb")
    audit = AuditStore(dynamodb, table=places.audit_table)

    def end() -> tuple[int, str]:
        newest = audit.newest()
        return (newest.seq, newest.hash) if newest else (0, "")

    return ErasureStores(
        orders=ErasureOrders(parts.directory),
        rows=parts.rows,
        objects=parts.objects,
        directory=parts.directory,
        gateways=ErasedGateways(
            shop=parts.shop,
            wipes=WipeStore(dynamodb, table=places.shop_table),
            iot=lambda: cloud.clients.own("iot"),
            shadows=lambda: cloud.clients.own("iot-data"),
            iot_data=lambda: cloud.clients.tenant("iot-data"),
            random=token_bytes,
        ),
        people=ErasedPeople(parts.directory, parts.accounts, parts.shop.users),
        queues=WaitingMessages(lambda: cloud.clients.own("sqs"), places.dead_letters),
        machines=parts.machines,
        audit_end=end,
    )


def test_a_tenant_takes_every_word_along_and_leaves_none(
    cloud: Cloud, shop: Shop, parts: PrivacyParts, places: Places, engine_folder: Path
) -> None:
    words = sow_tenant(cloud, places)
    assert sum(map(len, words.values())) >= 50, words
    found = b"".join(archive(cloud, parts, ExportKind.TENANT, TENANT).values())
    wanted = [word for keeps, some in words.items() if keeps not in NOT_TAKEN_ALONG | {"audit"} for word in some]
    assert [word for word in wanted if word.encode() not in found] == []

    iot = cloud.clients.own("iot")
    iot.create_thing(thingName=THING)
    certificate = iot.create_keys_and_certificate(setAsActive=True)
    iot.attach_thing_principal(thingName=THING, principal=certificate["certificateArn"])
    WipeStore(cloud.clients.tenant("dynamodb"), table=places.shop_table).told(THING, "q", files=1, size=1)
    sqs = cloud.clients.own("sqs")
    for tenant in (TENANT, "t_9999999999999999"):
        sqs.send_message(QueueUrl=places.dead_letters, MessageBody=json.dumps({"topic": f"cnc/{tenant}/{SITE}/x"}))
    cloud.raw.put_item(
        TableName=places.directory_table, Item={"p": {"S": "K#tc-key"}, "tenant": {"S": TENANT}, "v": {"N": "1"}}
    )
    parts.directory.put(f"N#{TENANT}", tenant=TENANT, facts={"name": "Turning and Milling"})

    stores = erasing(cloud, parts, places)
    order = Erasure(tenant=TENANT, by=USER, asked_ms=0, due_ms=0)
    stores.orders.put(order)
    for _ in range(2):
        held = stores.orders.get(TENANT)
        assert held is not None
        order = erasure.run(
            Erasure.of_text(held.text().replace(f'"due_ms":{held.due_ms}', '"due_ms":0')),
            stores=stores,
            time_left=lambda: True,
            now=utc_now,
        )
    assert order.state is ErasureState.DONE
    assert (order.wiped, order.silent) == ((THING,), ())

    tables = [places.telemetry_table, places.shop_table, places.audit_table, places.keys_table]
    assert canaries.every_item(parts, cloud.raw, tables) == ""
    left = cloud.raw.scan(TableName=places.directory_table)["Items"]
    assert [item["p"]["S"] for item in left] == [f"Z#{TENANT}"]
    versions = cloud.clients.own("s3").list_object_versions(Bucket=cloud.bucket)
    assert versions.get("Versions", []) + versions.get("DeleteMarkers", []) == []
    waiting = sqs.receive_message(QueueUrl=places.dead_letters, MaxNumberOfMessages=10, VisibilityTimeout=0)
    assert [TENANT in message["Body"] for message in waiting.get("Messages", [])] in ([False], [])
    assert iot.list_things()["things"] == []
    clean_pages(engine_folder)
    every = [word for some in words.values() for word in some] + ["Turning and Milling", "Mill 1", "ann@example.com"]
    assert canaries.files_with(engine_folder, *every) == []


@pytest.fixture
def person(cloud: Cloud, shop: Shop, parts: PrivacyParts, places: Places) -> Person:
    """Somebody with an account in the pool, whom every kind of row names."""
    pool = cloud.clients.own("cognito-idp")
    attributes = [{"Name": "email", "Value": EMAIL}, {"Name": "name", "Value": NAME}]
    made = pool.admin_create_user(
        UserPoolId=places.user_pool, Username=EMAIL, UserAttributes=attributes, MessageAction="SUPPRESS"
    )["User"]
    subject = next(one["Value"] for one in made["Attributes"] if one["Name"] == "sub")
    user = shop.rows.user(USER)
    assert user is not None
    shop.rows.put_user(user._replace(email=EMAIL, name=NAME, subject=subject, roles=("operator",)))
    found = parts.person(USER)
    assert found is not None
    return found


def sow_person(cloud: Cloud, places: Places, person: Person) -> list[str]:
    """The address and the name in every text of every kind of row that people write; where they are."""
    where = []
    for place, store in canaries.stores():
        if place not in PEOPLES_PLACES or place.noun in ("U", "L", "M", "G"):
            continue
        item = canaries.sown(place, store, key=key_of(place), words=[], name="pc")
        for field in canaries.text_fields(store):
            text = json.dumps({"said": f"by {NAME} <{EMAIL}>"}) if field == "b" else f"by {NAME} <{EMAIL}>"
            item[field] = {"S": text} if "S" in item[field] else item[field]
            where.append(f"{place.table} {place.noun} {field}")
        if place.noun in ("F", "PC"):
            item["s"] = {"S": person.id if place.noun == "F" else f"{person.id}#name_shown#1"}
        cloud.raw.put_item(TableName=getattr(places, f"{place.table}_table"), Item=item)
    rows = {
        f"U#{person.issuer}#{person.subject}": {TENANT: json.dumps({"user": person.id, "grants": {"*": ["operator"]}})},
        f"Y#{person.issuer}#{person.subject}": {"a" * 64: "1 1 0"},
        "S#" + "a" * 64: {"tenant": TENANT, "issuer": person.issuer, "subject": person.subject, "device": "pc-device"},
    }
    for key, facts in rows.items():
        item = {name: {"S": text} for name, text in facts.items()} | {"p": {"S": key}, "v": {"N": "1"}}
        cloud.raw.put_item(TableName=places.directory_table, Item=item)
        where += [f"directory {key[:1]} {name}" for name in facts]
    return where


def test_a_person_is_found_everywhere_and_then_nowhere(
    cloud: Cloud, person: Person, parts: PrivacyParts, places: Places, engine_folder: Path
) -> None:
    where = sow_person(cloud, places, person)
    assert len(where) >= 50, where
    members = archive(cloud, parts, ExportKind.PERSON, USER)
    told = b"".join(members.values())
    for place, store in canaries.stores():
        if place in PEOPLES_PLACES and place.noun not in ("U", "L", "M", "G") and canaries.text_fields(store):
            folder = f"mentions/{place.table}_{place.keeps}_{place.noun}/"
            assert any(name.startswith(folder) for name in members), folder
    assert b"pc-device" in told
    about = json.loads(members["person.json"])
    assert (about["email"], about["account"]["name"]) == (EMAIL, NAME)

    result = person_erasure.erase(
        person,
        parts=PersonErasure(
            stores=parts.person_stores(TENANT),
            keys=parts.keys,
            accounts=parts.accounts,
            forget=lambda one: parts.forget(one, tenant=TENANT),
            forget_archives=parts.forget_archives,
        ),
    )
    assert result["account"] == 1
    assert result["archives"] == 1
    assert list(parts.objects.keys("export")) == []
    tables = [places.telemetry_table, places.shop_table, places.audit_table, places.keys_table, places.directory_table]
    everything = canaries.every_item(parts, cloud.raw, tables)
    # That no sign-in of before counts is known by the subject alone, for as long as tokens live.
    ended = cloud.raw.get_item(
        TableName=places.directory_table, Key={"p": {"S": f"Y#{person.issuer}#{person.subject}"}}
    )["Item"]
    assert set(ended) == {"p", "v", "x", "not_before_ms"}
    words = [EMAIL, NAME, "pc-device"]
    assert [word for word in words if word in everything] == []
    assert person_erasure.ERASED in everything, "what must stay stays, without the name"
    assert cloud.clients.own("cognito-idp").list_users(UserPoolId=places.user_pool)["Users"] == []
    clean_pages(engine_folder)
    assert canaries.files_with(engine_folder, *words) == []
