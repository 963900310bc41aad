"""What was stored of a tenant, a machine or a person is in its archive, in a form that other programs read."""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from random import Random
from typing import Any

import pyarrow.parquet as pq

from cnc.cloud.privacy import PrivacyParts
from cnc.cloud.store.audit import AuditStore
from cnc.cloud.store.contents import ContentStore
from cnc.cloud.store.every_object import ArchiveStore
from cnc.cloud.store.factors import FactorStore
from cnc.cloud.store.parquet import HourObjectStore, ParquetWriter
from cnc.cloud.store.programs import VersionStore
from cnc.domain.audit.entry import Action
from cnc.services.hours.parquet import ParquetStores, write_hour
from cnc.services.privacy import exports
from cnc.services.privacy.contents import machine_sections, tenant_sections
from cnc.services.privacy.exports import ExportKind, ExportState, Section
from cnc.services.privacy.person import person_sections
from cnc.services.programs.ports import ProgramVersion
from cnc.services.second_factor import Factor
from tests.cloud.fixtures import Cloud
from tests.cloud.shop import HOUR_MS, MACHINE, START_MS, TENANT, USER, Shop, at
from tests.privacy.conftest import Places
from tests.privacy.fakes import NOW, Ticking

PROGRAM = b"%\nO0001\nG0 X0\nM30\n%\n"


def archive(kind: ExportKind, subject: str, sections: Any, cloud: Cloud, parts: PrivacyParts) -> dict[str, bytes]:
    export = exports.ask(
        kind, subject, by=USER, exports=parts.exports, random=Random(1).randbytes, now=at(70 * 24 * 60)
    )
    made: Sequence[Section] = sections(export)
    store = ArchiveStore(lambda: cloud.clients.tenant("s3"), cloud.bucket)
    done = exports.run(
        export, sections=made, exports=parts.exports, archives=store, time_left=lambda: True, now=Ticking()
    )
    assert done.state is ExportState.DONE
    body = parts.objects.read(f"tenant={TENANT}/kind=export/{at(70 * 24 * 60):date=%Y-%m-%d/hour=%H}/{done.name}")
    with zipfile.ZipFile(io.BytesIO(body)) as read:
        assert len(read.namelist()) == len(set(read.namelist()))
        return {name: read.read(name) for name in read.namelist()}


def lines(members: dict[str, bytes], prefix: str) -> list[dict[str, Any]]:
    return [json.loads(line) for name, body in members.items() if name.startswith(prefix) for line in body.splitlines()]


def closed_hour(shop: Shop, cloud: Cloud) -> None:
    """The first hour as its object; its chunks are older than what is kept of them by the time of the export."""
    for minute in range(5):
        shop.minute(minute)
    stores = ParquetStores(
        machines=lambda: [MACHINE],
        chunks=shop.chunks,
        schemas=shop.schemas,
        writer=ParquetWriter(),
        objects=HourObjectStore(cloud.clients.tenant("s3"), bucket=cloud.bucket),
    )
    write_hour(START_MS, stores=stores, now=at(80))
    shop.marks.close_until(int(at(70 * 24 * 60 - 120).timestamp()))


def test_a_tenant_takes_everything_along(cloud: Cloud, shop: Shop, parts: PrivacyParts, places: Places) -> None:
    closed_hour(shop, cloud)
    AuditStore(cloud.clients.tenant("dynamodb"), table=places.audit_table).commit(
        Action(USER, "machine.added", MACHINE, "done", START_MS)
    )
    members = archive(
        ExportKind.TENANT,
        TENANT,
        lambda export: tenant_sections(export, parts.export_stores(TENANT), now=lambda: NOW),
        cloud,
        parts,
    )
    assert lines(members, "rows/shop/people_U/")[0]["key"] == USER
    assert lines(members, "rows/shop/people_U/")[0]["email"] == "ann@example.com"
    assert [row["name"] for row in lines(members, "rows/shop/shop_M/")] == ["Mill 1"]
    assert lines(members, "rows/audit/audit_L/")[0]["b"]["action"] == "machine.added"
    assert {
        row["b"][0]["key"] if isinstance(row["b"], list) else "" for row in lines(members, "rows/telemetry/schemas_H")
    }
    hour = next(name for name in members if name.startswith("objects/kind=parquet/"))
    assert pq.read_table(io.BytesIO(members[hour])).num_rows == 300
    assert b"MTConnect" in members["README.md"]
    assert json.loads(members["export.json"])["id"] == TENANT


def test_hours_that_have_no_object_yet_are_made_for_the_archive(cloud: Cloud, shop: Shop, parts: PrivacyParts) -> None:
    shop.minute(0)
    stores = parts.export_stores(TENANT)
    body = stores.telemetry.open_hour(START_MS, now=at(30))
    assert body is not None
    assert pq.read_table(io.BytesIO(body)).num_rows == 60
    assert stores.telemetry.open_hour(START_MS + HOUR_MS, now=at(30)) is None


def test_a_machine_is_exported_hour_by_hour_with_its_programs(
    cloud: Cloud, shop: Shop, parts: PrivacyParts, places: Places
) -> None:
    closed_hour(shop, cloud)
    digest = sha256(PROGRAM).hexdigest()
    ContentStore(lambda: cloud.clients.tenant("s3"), bucket=cloud.bucket).put(digest, PROGRAM)
    VersionStore(cloud.clients, table=places.shop_table).add(
        ProgramVersion("p_1111111111111111", MACHINE, "O0001", digest, len(PROGRAM), START_MS, "draft", USER, "first")
    )

    def sections(export: exports.Export) -> list[Section]:
        end = START_MS + 3 * HOUR_MS
        bounded = replace(export, from_ms=START_MS, to_ms=end)
        return machine_sections(bounded, parts.export_stores(TENANT), now=lambda: at(70 * 24 * 60))

    members = archive(ExportKind.MACHINE, MACHINE, sections, cloud, parts)
    table = pq.read_table(io.BytesIO(members["telemetry/2026-11-24T06Z.parquet"]))
    assert (table.num_rows, set(table["machine"].to_pylist())) == (300, {MACHINE})
    assert json.loads(table.schema.metadata[b"signals"])["s1.load"]["unit"] == "PERCENT"
    assert members[f"programs/{digest}.nc"] == PROGRAM
    assert [row["comment"] for row in lines(members, "rows/shop/programs_P/")] == ["first", "first"]
    assert not any("people" in name for name in members), "nobody's name goes out with a machine"
    assert json.loads(members["sources.json"]) == []


def test_a_person_gets_what_names_them_and_no_secret(
    cloud: Cloud, shop: Shop, parts: PrivacyParts, places: Places
) -> None:

    FactorStore(cloud.clients, table=places.shop_table).put(
        USER, Factor(b"SECRETSECRET", confirmed=True), seen_version=0
    )
    version = ProgramVersion("p_1111111111111111", MACHINE, "O0001", "0" * 64, 1, START_MS, "draft", "", "for Ann")
    VersionStore(cloud.clients, table=places.shop_table).add(version)
    other = ProgramVersion("p_2222222222222222", MACHINE, "O0002", "0" * 64, 1, START_MS, "draft", "", "for Bob")
    VersionStore(cloud.clients, table=places.shop_table).add(other)
    members = archive(
        ExportKind.PERSON, USER, lambda export: person_sections(export, parts.person_stores(TENANT)), cloud, parts
    )
    assert json.loads(members["person.json"])["email"] == "ann@example.com"
    assert lines(members, "mentions/shop_people_F")[0]["confirmed"] is True
    assert {row["comment"] for row in lines(members, "mentions/shop_programs_P")} == {"for Ann"}
    assert b"SECRET" not in b"".join(members.values())
