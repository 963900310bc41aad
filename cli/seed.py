"""Makes the demo shops through the product's own services: `python -m cli.seed --data DIR --cloud JSON`.

AWS credentials and endpoint come from the environment, as for any program that uses boto3.
"""

import argparse
import json
import os
import secrets
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cli import demo
from cli.demo import Asked
from cli.enrol import GatewayFolder
from cli.ports import free_port
from cnc.cloud.iot import GatewayChannel, ThingRegistry
from cnc.cloud.store.audit import AuditStore
from cnc.cloud.store.lazily_sealed import seal_lazily
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.tenancy import Clients, Directory, acting_for
from cnc.cloud.write_key import WriteKey
from cnc.domain.base.clock import parse_rfc3339, to_ms, utc_now
from cnc.domain.base.ids import new_id
from cnc.services import provisioning
from cnc.services.audit import Action, note
from cnc.services.shop import Machine, Site, Source, Tenant
from simulated_shop import demo as shops
from simulated_shop.demo import DemoMachine, DemoShop

RECEIPT_EVERY_S = 30
#: How long ago a time-lapse starts unless it is told.
SINCE = timedelta(days=7)
KEY_LIFE = timedelta(days=365)
_WORDS = ("Amber", "Birch", "Cedar", "Dawn", "Ember", "Frost", "Grove", "Hazel", "Juniper", "Larch", "Maple", "Quartz")


@dataclass
class Seeder:
    """Everything one shop is made with."""

    cloud: dict[str, Any]
    data: Path
    now: datetime
    clients: Clients
    document: dict[str, Any]
    taken: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        stage = self.cloud["stage"]
        self.shop = ShopStore(self.clients, table=f"cnc-{stage}-shop")
        self.directory = Directory(self.clients.own("dynamodb"), table=f"cnc-{stage}-directory")
        self.things = ThingRegistry(
            self.clients.own("iot"), policy_name=f"cnc-{stage}-gateway", group=f"cnc-{stage}-gateways"
        )
        self.channel = GatewayChannel(self.clients.tenant("iot-data"))
        self.audit = AuditStore(self.clients.tenant("dynamodb"), table=f"cnc-{stage}-audit")

    def shop_of(self, described: DemoShop, *, first: bool, synthetic: int, rate_hz: int) -> None:
        """One tenant with its site, machines, gateway, people and key.

        The first also gets the spare gateway, and the synthetic machines that a proof asks for.
        """
        tenant = provisioning.new_tenant(described.tenant, random=secrets.token_bytes, now=self.now)
        with acting_for(tenant.id):
            self._noted("tenant.created", tenant.id)
            provisioning.create_tenant(tenant, shop=self.shop, directory=self.directory)
            site = provisioning.create_site(
                described.site, time_zone=described.time_zone, shop=self.shop, random=secrets.token_bytes
            )
            self._noted("site.created", site.id)
            sources: list[Source] = []
            for machine in described.machines:
                sources += self._machine(machine, described, site=site)
            self._gateway(f"{described.site} gateway", tenant=tenant, site=site, sources=sources, spare=False)
            if first:
                self._gateway("Spare gateway", tenant=tenant, site=site, sources=[], spare=True)
            if first and synthetic:
                made = [self._synthetic(number, site=site, rate_hz=rate_hz) for number in range(1, synthetic + 1)]
                self._gateway("Synthetic gateway", tenant=tenant, site=site, sources=made, spare=False)
            self._people(described, tenant)
            self._keys(tenant)

    def _machine(self, described: DemoMachine, shop: DemoShop, *, site: Site) -> list[Source]:
        machine = provisioning.create_machine(
            described.name,
            kind=described.shown_kind,
            cell=described.cell,
            site=site.id,
            shop=self.shop,
            random=secrets.token_bytes,
            simulated=True,
            part_target=described.part_target,
        )
        self._noted("machine.added", machine.id)
        ports = [free_port(self.taken) for _ in described.sources]
        document = shops.simulator_document(described, shop, ports=ports, clock=self.document["clock"])
        folder = self.data / "simulators"
        folder.mkdir(parents=True, exist_ok=True)
        spec = folder / f"{machine.id}.json"
        spec.write_text(json.dumps(document, indent=1))
        sources = [
            self._source(machine, row, made.period_ms)
            for row, made in zip(document["serve"], described.sources, strict=True)
        ]
        self.document["machines"].append(
            {"id": machine.id, "name": machine.name, "spec": str(spec), "serve": document["serve"]}
        )
        return sources

    def _synthetic(self, number: int, *, site: Site, rate_hz: int) -> Source:
        machine = provisioning.create_machine(
            f"Synthetic {number:03d}",
            kind="synthetic",
            cell="Proof",
            site=site.id,
            shop=self.shop,
            random=secrets.token_bytes,
            simulated=True,
        )
        return Source(new_id("d", secrets.token_bytes), machine.id, "synthetic", 1000 // rate_hz, True)

    @staticmethod
    def _source(machine: Machine, row: dict[str, Any], period_ms: int) -> Source:
        settings: dict[str, object] = {"host": row["host"], "port": row["port"]}
        if row["kind"] == "modbus":
            settings |= {"map": row["map"], "unit": 1}
        return Source(new_id("d", secrets.token_bytes), machine.id, row["kind"], period_ms, True, settings)

    def _gateway(self, name: str, *, tenant: Tenant, site: Site, sources: list[Source], spare: bool) -> None:
        folder = GatewayFolder(self.data / "edge" / name.replace(" ", "-").lower())
        made = provisioning.create_gateway(
            name,
            tenant=tenant.id,
            site=site.id,
            csr_pem=folder.signing_request(),
            shop=self.shop,
            directory=self.directory,
            things=self.things,
            channel=self.channel,
            random=secrets.token_bytes,
            sources=sources,
            receipt_every_s=RECEIPT_EVERY_S,
        )
        self._noted("gateway.expected", made.gateway.id)
        folder.certificate.write_text(made.certificate_pem)
        components = sorted({source.component for source in sources})
        self.document["gateways"].append(
            {
                "thing": made.gateway.id,
                "tenant": tenant.id,
                "site": site.id,
                "folder": str(folder.path),
                "spare": spare,
                "components": [*components, "relay"] if components else [],
            }
        )

    def _people(self, described: DemoShop, tenant: Tenant) -> None:
        pool = self.clients.own("cognito-idp")
        for person in described.users:
            password = _password()
            subject = self._account(pool, person.email)
            pool.admin_set_user_password(
                UserPoolId=self.cloud["pool"], Username=person.email, Password=password, Permanent=True
            )
            made = provisioning.create_user(
                tenant=tenant.id,
                issuer=self.cloud["issuer"],
                subject=subject,
                email=person.email,
                name=person.name,
                roles=[person.role],
                shop=self.shop,
                directory=self.directory,
                random=secrets.token_bytes,
            )
            self._noted("person.changed", made.id)
            self.document["users"].append(
                {
                    "tenant": tenant.id,
                    "tenant_name": tenant.name,
                    "email": person.email,
                    "password": password,
                    "role": person.role,
                }
            )

    def _account(self, pool: Any, email: str) -> str:
        """The subject of a new account; one that an interrupted seeding left behind belongs to nobody and goes."""
        attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        who = {"UserPoolId": self.cloud["pool"], "Username": email}
        wanted = {**who, "UserAttributes": attributes, "MessageAction": "SUPPRESS"}
        try:
            made = pool.admin_create_user(**wanted)
        except pool.exceptions.UsernameExistsException:
            pool.admin_delete_user(**who)
            made = pool.admin_create_user(**wanted)
        subject: str = next(one["Value"] for one in made["User"]["Attributes"] if one["Name"] == "sub")
        return subject

    def _keys(self, tenant: Tenant) -> None:
        """One that is told, for programs that try the product, and one to look at on the page of keys."""
        made = self._key("Demo key", tenant, scopes=["api"])
        self._noted("key.created", made.key.id)
        self.document["api_keys"].append({"tenant": tenant.id, "scopes": ["api"], "key": made.secret})
        self._key("Alarm display", tenant, scopes=["machines", "alarms"], ends_at=self.now + KEY_LIFE)

    def _key(
        self, name: str, tenant: Tenant, *, scopes: list[str], ends_at: datetime | None = None
    ) -> provisioning.NewApiKey:
        return provisioning.create_api_key(
            name,
            tenant=tenant.id,
            scopes=scopes,
            roles=["developer"],
            shop=self.shop,
            directory=self.directory,
            random=secrets.token_bytes,
            now=self.now,
            ends_at=ends_at,
        )

    def _noted(self, action: str, subject: str) -> None:
        """As an operator who makes a company by hand does."""
        note(Action("operator", action, subject, "done", to_ms(self.now)), log=self.audit)


def _password() -> str:
    """Two words and digits: easy to type from a terminal, 40 bits, for a shop that is a toy."""
    words = "-".join(secrets.choice(_WORDS) for _ in range(2))
    return f"{words}-{secrets.randbelow(10**9):09d}"


def _seed(options: argparse.Namespace) -> None:
    cloud = json.loads(options.cloud)
    described = shops.DEMO if options.machines is None else shops.many(options.machines)
    clients = Clients(region=os.environ["AWS_REGION"], tenant_role_arn=cloud["operator_role"])
    seal_lazily(clients, table=f"cnc-{cloud['stage']}-keys", key_id=cloud["person_key"])
    now = utc_now()
    asked = Asked(options.machines, options.synthetic, options.synthetic_rate, options.speed, options.since)
    document: dict[str, Any] = {"v": 1, "asked": asked.arguments(), "clock": _shop_clock(options, now)}
    write_key = WriteKey(clients.own("secretsmanager"), secret_id=f"cnc-{cloud['stage']}-write-key").public_hex()
    document |= {"write_key": write_key, "gateways": [], "machines": [], "users": [], "api_keys": []}
    seeder = Seeder(cloud=cloud, data=options.data, now=now, clients=clients, document=document)
    for number, shop in enumerate(described):
        print(f"    {shop.tenant}: {len(shop.machines)} machines", file=sys.stderr, flush=True)
        seeder.shop_of(shop, first=number == 0, synthetic=options.synthetic, rate_hz=options.synthetic_rate)
    demo.keep(options.data, document)


def _shop_clock(options: argparse.Namespace, now: datetime) -> dict[str, Any] | None:
    """The clock of shop and gateways: it starts in the past and runs faster until it meets wall time."""
    if options.speed == 1:
        return None
    since = parse_rfc3339(options.since) if options.since else now - SINCE
    return {"since_ms": to_ms(since), "started_ms": to_ms(now), "speed": options.speed}


def main(arguments: list[str] | None = None) -> int:
    """Seed a running cloud that holds no tenant yet."""
    parser = argparse.ArgumentParser(prog="python -m cli.seed")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cloud", required=True, help="JSON facts of the running cloud")
    parser.add_argument("--machines", type=int, default=None)
    parser.add_argument("--synthetic", type=int, default=0)
    parser.add_argument("--speed", type=int, default=1)
    parser.add_argument("--since", default="")
    parser.add_argument("--synthetic-rate", type=int, default=1)
    _seed(parser.parse_args(arguments))
    return 0


if __name__ == "__main__":
    sys.exit(main())
