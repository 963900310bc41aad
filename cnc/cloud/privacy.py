"""The stores of export and erasure, over clients that sign for the tenant acted for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from cnc.cloud.accounts import Accounts
from cnc.cloud.person_keys import person_keys
from cnc.cloud.store.dirty import DirtyHourStore
from cnc.cloud.store.every_object import EveryObject
from cnc.cloud.store.everything import EveryRow
from cnc.cloud.store.hour_files import HourFileStore
from cnc.cloud.store.machine_ids import MachineIdStore
from cnc.cloud.store.minutes import MinuteStore
from cnc.cloud.store.parquet import HourObjectStore, ParquetWriter
from cnc.cloud.store.privacy_rows import ExportStore, PrivacyRows
from cnc.cloud.store.schemas import SchemaStore
from cnc.cloud.store.sealed import seal_with
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.tenancy import Clients, TenantRows, current
from cnc.domain.base.clock import to_ms, utc_now
from cnc.services.hours.parquet import ParquetStores
from cnc.services.privacy.contents import ExportStores, hours_behind
from cnc.services.privacy.exports import ExportKind
from cnc.services.privacy.person import Person, PersonStores
from cnc.services.privacy.telemetry import TelemetryFiles


class Places(Protocol):
    """Any settings with these."""

    @property
    def telemetry_table(self) -> str: ...
    @property
    def shop_table(self) -> str: ...
    @property
    def audit_table(self) -> str: ...
    @property
    def keys_table(self) -> str: ...
    @property
    def directory_table(self) -> str: ...
    @property
    def bucket(self) -> str: ...
    @property
    def person_key(self) -> str: ...
    @property
    def user_pool(self) -> str: ...


class PrivacyParts:
    """One per process."""

    def __init__(self, clients: Clients, places: Places) -> None:
        dynamodb = clients.tenant("dynamodb")
        tables = {
            "telemetry": places.telemetry_table,
            "shop": places.shop_table,
            "audit": places.audit_table,
            "keys": places.keys_table,
        }
        self.keys = person_keys(clients, table=places.keys_table, key_id=places.person_key)
        seal_with(self.keys)
        self.rows = EveryRow(dynamodb, tables)
        self.objects = EveryObject(lambda: clients.tenant("s3"), places.bucket)
        self.directory = TenantRows(clients.own("dynamodb"), places.directory_table)
        self.shop = ShopStore(clients, table=places.shop_table)
        self.accounts = Accounts(lambda: clients.own("cognito-idp"), places.user_pool)
        self.documents = PrivacyRows(dynamodb, places.shop_table)
        self.exports = ExportStore(self.documents)
        self._marks = DirtyHourStore(dynamodb, table=places.telemetry_table)
        self._telemetry = TelemetryFiles(
            hours=ParquetStores(
                machines=MachineIdStore(dynamodb, table=places.shop_table).all,
                chunks=MinuteStore(dynamodb, table=places.telemetry_table),
                schemas=SchemaStore(dynamodb, table=places.telemetry_table),
                writer=ParquetWriter(),
                objects=HourObjectStore(None, bucket=places.bucket),
            ),
            files=HourFileStore(lambda: clients.tenant("s3"), places.bucket),
        )

    def export_stores(self, tenant: str) -> ExportStores:
        """Of the tenant acted for."""
        held = self.shop.tenant()
        return ExportStores(
            tenant=tenant,
            rows=self.rows,
            objects=self.objects,
            directory=self.directory,
            shop=self,
            telemetry=self._telemetry,
            created_ms=to_ms(held.created_at) if held else 0,
            open_hours=self._open_hours,
        )

    def person_stores(self, tenant: str) -> PersonStores:
        """Of the tenant acted for."""
        return PersonStores(
            tenant=tenant,
            rows=self.rows,
            objects=self.objects,
            directory=self.directory,
            find=self.person,
            account=self._account,
        )

    def person(self, user: str) -> Person | None:
        found = self.shop.user(user)
        return None if found is None else Person(found.id, found.issuer, found.subject, found.email, found.name)

    def forget(self, person: Person, *, tenant: str) -> bool:
        """Take a person out of the directory of this tenant; whether that was the last tenant."""
        name = f"{person.issuer}#{person.subject}"
        alone = self.directory.alone(f"U#{name}", tenant=tenant)
        for row in self.directory.of_person(tenant=tenant, issuer=person.issuer, subject=person.subject):
            if row.key.startswith("S#"):
                self.directory.forget(row.key, tenant=tenant)
        for key in (f"U#{name}", f"R#{name}") if alone else (f"U#{name}",):
            self.directory.forget(key, tenant=tenant)
        if alone:
            self.directory.end_sign_ins(f"Y#{name}", now=utc_now())
        return alone

    def forget_archives(self, person: str) -> int:
        """Remove the archives that were made of a person, with their orders; how many."""
        mine = [one for one in self.exports.all() if one.kind is ExportKind.PERSON and one.subject == person]
        for export in mine:
            for name in (export.name, f"{export.name}.state"):
                self.objects.erase(current().object_key("export", at=export.at, name=name))
            self.documents.remove(f"export#{export.id}")
        return len(mine)

    def machines(self) -> list[str]:
        return [machine.id for machine in self.shop.machines()]

    def gateways(self) -> list[str]:
        return [gateway.id for gateway in self.shop.gateways()]

    def _account(self, person: Person) -> Mapping[str, str]:
        return self.accounts.of(email=person.email, subject=person.subject)

    def _open_hours(self, now: datetime) -> list[int]:
        closed, marks = self._marks.read()
        return hours_behind(closed_until_s=closed, dirty_s=[mark.hour_s for mark in marks], now=now)
