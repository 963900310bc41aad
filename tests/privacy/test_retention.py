"""What is kept no longer goes once a day, and the report says what went and what should have gone by itself."""

from datetime import datetime, timedelta

from cnc.cloud.privacy import PrivacyParts
from cnc.cloud.store.every_object import ArchiveStore
from cnc.cloud.tenancy import current
from cnc.domain.privacy.retention import KEPT
from cnc.services.privacy import exports, person_erasure
from cnc.services.privacy.exports import ExportKind, ExportState
from cnc.services.privacy.retention import LATE, RetentionStores, daily, waiting_exports
from tests.cloud.fixtures import Cloud
from tests.cloud.shop import MACHINE, TENANT, USER, Shop
from tests.privacy.conftest import Places
from tests.privacy.fakes import NOW


def stores(parts: PrivacyParts) -> RetentionStores:
    return RetentionStores(rows=parts.rows, objects=parts.objects, exports=parts.exports, documents=parts.documents)


def put(cloud: Cloud, kind: str, at: datetime) -> str:
    key = current().object_key(kind, at=at, name="x")
    cloud.clients.tenant("s3").put_object(Bucket=cloud.bucket, Key=key, Body=b"x")
    return key


def test_objects_go_when_their_time_is_over_and_no_others(cloud: Cloud, shop: Shop, parts: PrivacyParts) -> None:
    gone = [put(cloud, "quarantine", NOW - timedelta(days=91)), put(cloud, "export", NOW - timedelta(days=8))]
    kept = [
        put(cloud, "quarantine", NOW - timedelta(days=89)),
        put(cloud, "export", NOW - timedelta(days=6)),
        put(cloud, "parquet", NOW - timedelta(days=4000)),
        put(cloud, "program", NOW - timedelta(days=4000)),
    ]
    report = daily(stores(parts), now=NOW)
    assert report is not None
    assert report.removed == {"quarantined_bytes": 1, "exports": 1}
    left = {key for kind in ("quarantine", "export", "parquet", "program") for key, _ in parts.objects.keys(kind)}
    assert left == set(kept)
    assert left.isdisjoint(gone)
    assert shop.rows.tenant() is not None


def test_a_pass_is_made_once_a_day_and_its_report_kept(shop: Shop, parts: PrivacyParts) -> None:
    assert daily(stores(parts), now=NOW) is not None
    assert daily(stores(parts), now=NOW + timedelta(hours=3)) is None
    assert daily(stores(parts), now=NOW + timedelta(days=1)) is not None
    reports = [body for _, body in parts.documents.below("report#")]
    assert [body["at"][:10] for body in reports] == ["2026-11-25", "2026-11-26"]
    assert {row["class"] for row in reports[0]["classes"]} == set(KEPT)
    people = next(row for row in reports[0]["classes"] if row["class"] == "people")
    assert people["held"] == 1
    assert shop.rows.users()


def test_rows_that_should_have_ended_by_themselves_are_told(
    cloud: Cloud, shop: Shop, parts: PrivacyParts, places: Places
) -> None:
    for name, age in (("late", LATE + timedelta(hours=1)), ("soon", LATE - timedelta(hours=1))):
        item = {"p": {"S": f"T#{TENANT}#J"}, "s": {"S": f"q_{name}"}, "x": {"N": str(int((NOW - age).timestamp()))}}
        cloud.raw.put_item(TableName=places.shop_table, Item=item)
    report = daily(stores(parts), now=NOW)
    assert report is not None
    assert report.late == {"probes": 1}
    assert shop.rows.machine(MACHINE) is not None


def test_orders_that_stopped_are_begun_again_and_those_that_ended_say_so(
    cloud: Cloud, shop: Shop, parts: PrivacyParts
) -> None:
    order = exports.ask(ExportKind.PERSON, USER, by=USER, exports=parts.exports, random=bytes, now=NOW)
    assert waiting_exports(parts.exports, now=NOW + timedelta(minutes=5)) == []
    assert waiting_exports(parts.exports, now=NOW + timedelta(hours=1)) == [order]
    archives = ArchiveStore(lambda: cloud.clients.tenant("s3"), cloud.bucket)
    done = exports.run(
        order, sections=(), exports=parts.exports, archives=archives, time_left=lambda: True, now=lambda: NOW
    )
    daily(stores(parts), now=NOW + timedelta(days=6))
    assert [one.state for one in parts.exports.all()] == [ExportState.DONE]
    daily(stores(parts), now=NOW + timedelta(days=8))
    assert [(one.id, one.state) for one in parts.exports.all()] == [(done.id, ExportState.EXPIRED)]
    person_erasure.order_erasure(USER, by=USER, documents=parts.documents, now_ms=0)
    assert person_erasure.waiting_people(parts.documents, now=NOW) == [USER]
    assert shop.rows.user(USER) is not None
