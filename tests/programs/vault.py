"""One tenant with one machine whose control was read, over real stores."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cnc.cloud.store.alarms import AlarmStore
from cnc.cloud.store.audit import AuditStore
from cnc.cloud.store.changes import ChangeStore, StopStore, SwitchStore
from cnc.cloud.store.contents import ContentStore
from cnc.cloud.store.factors import ProbeStore
from cnc.cloud.store.programs import SnapshotStore, VersionStore
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.store.wipes import WipeStore
from cnc.domain.base.tenant import Origin
from cnc.domain.identity.permissions import permissions_of
from cnc.domain.programs.canonical import canonical, digest
from cnc.domain.programs.change import Actor, Change
from cnc.domain.programs.tables import table_bytes, table_digest
from cnc.services.ingest.ports import Refusal
from cnc.services.programs import steps
from cnc.services.programs.drafts import Draft, draft
from cnc.services.programs.ports import GateStores
from cnc.services.programs.reports import ReportPorts, record_report
from cnc.services.shop import Gateway, Machine, Site
from tests.cloud.fixtures import Cloud

ID = "0123456789abcdef"
TENANT, SITE, THING, MACHINE, SOURCE = (f"{kind}_{ID}" for kind in "tsgmd")
FOLDER = "//CNC_MEM/USER/PATH1/"
OLD = b"%\nO1234(OLD)\nG0 X1.\nM30\n%\n"
NEW = b"%\nO1234(NEW)\nG0 X2.\nM30\n%\n"
PARAMETERS = table_bytes({6713: {0: "100"}, 1320: {1: "500.0"}})
NOW = 1_700_000_000_000
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def person(name: str, role: str = "supervisor") -> Actor:
    return Actor(f"u_{name:0<16}", "user", permissions_of([role]), NOW, (role,))


ANN, BEN, EVA = person("ann", "operator"), person("ben"), person("eva", "owner")


@dataclass
class Sent:
    """Commands that went down to gateways."""

    commands: list[dict[str, Any]] = field(default_factory=list)
    things: list[str] = field(default_factory=list)

    def command(self, payload: bytes, *, site: str, thing: str) -> None:
        assert site == SITE
        self.things.append(thing)
        self.commands.append(json.loads(payload))


class Kept:
    """Quarantine that remembers why."""

    def __init__(self) -> None:
        self.refusals: list[Refusal] = []

    def keep(self, payload: bytes, *, thing: str, refusals: Any, received_ms: int) -> None:
        self.refusals += refusals


class Vault:
    """Use inside `acting_for(TENANT)`."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        shop_table, clients = cloud.tables["shop"], cloud.clients
        self.shop = ShopStore(clients, table=shop_table)
        numbers = count(1)
        self.stores = GateStores(
            tenant=TENANT,
            shop=self.shop,
            versions=VersionStore(clients, table=shop_table),
            changes=ChangeStore(clients, table=shop_table),
            snapshots=SnapshotStore(clients, table=shop_table),
            contents=ContentStore(lambda: clients.tenant("s3"), bucket=cloud.bucket),
            stops=StopStore(clients, table=shop_table),
            audit=AuditStore(clients.tenant("dynamodb"), table=cloud.tables["audit"]),
            random=lambda size: next(numbers).to_bytes(size, "big"),
        )
        self.switches, self.probes = SwitchStore(clients, table=shop_table), ProbeStore(clients, table=shop_table)
        self.alarms = AlarmStore(clients.tenant("dynamodb"), table=cloud.tables["telemetry"])
        self.wipes = WipeStore(clients.tenant("dynamodb"), table=shop_table)
        self.wipes = WipeStore(clients.tenant("dynamodb"), table=shop_table)
        self.sent, self.quarantine = Sent(), Kept()
        self.furnish()

    def furnish(self) -> None:
        sources = [{"id": SOURCE, "machine": MACHINE, "component": "focas", "host": "127.0.0.1", "port": 8193}]
        document = {"v": 1, "version": 1, "tenant": TENANT, "site": SITE, "thing": THING, "sources": sources}
        self.shop.put_site(Site(SITE, "Works", "Europe/Berlin"))
        self.shop.put_machine(Machine(MACHINE, "Mill 1", "mill", "A", SITE, gateway=THING, sources=(SOURCE,)))
        self.shop.put_gateway(Gateway(THING, "Gateway", SITE, 1, json.dumps(document)), seen_version=0)

    def report(self, body: dict[str, Any] | bytes, *, thing: str = THING, at_ms: int = NOW) -> Refusal | None:
        from cnc.cloud.store.assignments import AssignmentStore

        payload = body if isinstance(body, bytes) else json.dumps({"v": 1, **body}).encode()
        ports = ReportPorts(
            wipes=self.wipes,
            stores=self.stores,
            assignments=AssignmentStore(self.cloud.clients.tenant("dynamodb"), table=self.cloud.tables["shop"]),
            quarantine=self.quarantine,
            probes=self.probes,
            switches=self.switches,
            commands=self.sent,
            alarms=self.alarms,
        )
        return record_report(payload, origin=Origin(TENANT, SITE, thing), received_ms=at_ms, ports=ports)

    def snapshot(self, *programs: bytes, at_ms: int = NOW, machine: str = MACHINE) -> Refusal | None:
        """The gateway read the control: these versions of O1234, and the parameters."""
        items = [
            {"kind": "program", "name": f"{FOLDER}O1234", "sha256": digest(text), "size": len(text)}
            for text in programs
        ]
        items.append({"kind": "parameters", "name": "", "sha256": table_digest(PARAMETERS), "size": len(PARAMETERS)})
        head = {"type": "snapshot", "machine": machine, "source": SOURCE, "serial": "AF01-2345", "taken_ms": at_ms}
        return self.report({**head, "items": items, "part": 1, "parts": 1})

    def upload(self, *bodies: bytes, at_ms: int = NOW) -> None:
        """The gateway put what it was asked for."""
        digests = [sha256(body).hexdigest() for body in bodies]
        for name, body in zip(digests, bodies, strict=True):
            self.stores.contents.put(name, body)
        self.report({"type": "uploaded", "machine": MACHINE, "sha256s": digests}, at_ms=at_ms)

    def read_control(self, text: bytes = OLD, *, at_ms: int = NOW) -> None:
        self.snapshot(text, at_ms=at_ms)
        self.upload(canonical(text), PARAMETERS, at_ms=at_ms)

    def draft(self, text: bytes = NEW, *, by: Actor = ANN, findings: Any = ()) -> Change:
        target = {"path": 1, "folder": FOLDER, "name": "O1234"}
        wish = Draft(MACHINE, "program", target, "new fixture", text)
        return draft(wish, by=by, stores=self.stores, check_text=lambda _: findings, now_ms=NOW)

    def approved(self) -> Change:
        made = self.draft()
        steps.read_dry_run(
            made.id,
            by=ANN,
            stores=self.stores,
            dry_run=lambda new, old: {"bytes": [len(new), len(old or b"")]},
            now_ms=NOW,
        )
        steps.approve(made.id, by=BEN, stores=self.stores, now_ms=NOW)
        return steps.approve(made.id, by=EVA, stores=self.stores, now_ms=NOW)


def _sizes(new: bytes, old: bytes | None) -> dict[str, int]:
    return {"new": len(new), "old": len(old or b"")}
