"""Tenants of the isolation tests, made by the product's own services and functions, each full of its own canary."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from typing import Any

from cli.enrol import GatewayFolder
from cnc.cloud.iot import GatewayChannel, ThingRegistry
from cnc.cloud.store.contents import ContentStore
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.store.sso import SsoRow, _text
from cnc.cloud.tenancy import Clients, Directory, acting_for, current
from cnc.domain.base.ids import new_id
from cnc.domain.identity.permissions import EVERYWHERE
from cnc.domain.identity.sso import Kind, Settings
from cnc.domain.programs.canonical import canonical
from cnc.services import provisioning
from cnc.services.membership import Membership
from cnc.services.shop import Source
from cnc.services.sso import Provider
from tests.api.issuer import ISSUER
from tests.isolation.desks import Desk
from tests.isolation.messages import Edge
from tests.isolation.stage import Stage

FOLDER = "//CNC_MEM/USER/PATH1/"
OWNER_SCOPES = ("read", "programs")


@dataclass
class Shop:
    """One tenant. `ids` holds an id of its own for every kind that an operation may be asked about."""

    name: str
    canary: str
    tenant: str
    ids: dict[str, str] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=dict)
    folder: GatewayFolder | None = None
    #: A tenant that was suspended, for attempts of its people.
    suspended: "Shop | None" = None

    @property
    def owner(self) -> str:
        """The credential of its owner, as a header."""
        return self.credentials["owner"]

    @property
    def key(self) -> str:
        return self.credentials["key"]

    @property
    def edge(self) -> Edge:
        """What its gateway says."""
        return Edge(self.tenant, self.ids["site"], self.ids["gateway"], self.ids["source"], self.ids["machine"])


@dataclass
class Founder:
    """Makes tenants with the operator's role, as `cnc` on a desk does."""

    desk: Desk
    folder: Path

    def __post_init__(self) -> None:
        self.stage: Stage = self.desk.stage
        admin, cloud = self.stage.cloud.admin_credentials, self.stage.cloud
        self._environment = {
            "AWS_ACCESS_KEY_ID": admin.access_key_id,
            "AWS_SECRET_ACCESS_KEY": admin.secret_access_key,
            "AWS_ENDPOINT_URL": cloud.aws_url,
            "AWS_REGION": cloud.region,
            "AWS_DEFAULT_REGION": cloud.region,
        }
        role = f"arn:{cloud.partition}:iam::{cloud.account}:role/{self.stage.resource('operator-tenant')}"
        with self.operating():
            self.clients = Clients(region=cloud.region, tenant_role_arn=role)
            self.directory = Directory(self.clients.own("dynamodb"), table=self.stage.resource("directory"))

    @contextmanager
    def operating(self) -> Iterator[None]:
        before = dict(os.environ)
        os.environ.update(self._environment)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    def found(self, name: str, *, machines: int) -> Shop:
        """A tenant with two sites, `machines` machines, a gateway, people, a key, rows, programs and a change."""
        now = datetime.now(UTC)
        with self.desk.environment("rest"):
            self.desk.seal_by(self.clients)
        with self.operating():
            rows = ShopStore(self.clients, table=self.stage.resource("shop"))
            tenant = provisioning.new_tenant(f"Canary {name}", random=token_bytes, now=now)
            shop = Shop(name, f"Canary {name}", tenant.id, {"tenant": tenant.id})
            with acting_for(tenant.id):
                provisioning.create_tenant(tenant, shop=rows, directory=self.directory)
                self._places(shop, rows, machines=machines)
                self._people(shop, rows, now=now)
                self._provider(shop)
        self._telemetry(shop)
        self._programs(shop)
        self._company(shop)
        return shop

    def _places(self, shop: Shop, rows: ShopStore, *, machines: int) -> None:
        for noun in ("site", "other_site"):
            made = provisioning.create_site(
                f"{shop.canary} {noun}", time_zone="Europe/Berlin", shop=rows, random=token_bytes
            )
            shop.ids[noun] = made.id
        sources = []
        for number in range(machines):
            place = shop.ids["other_site" if number % 2 else "site"]
            machine = provisioning.create_machine(
                f"{shop.canary} {number}", kind="mill", cell="A", site=place, shop=rows, random=token_bytes
            )
            shop.ids.setdefault("other_machine" if number % 2 else "machine", machine.id)
            sources.append(Source(f"d_{shop.tenant[2:17]}{number}", machine.id, "focas"))
        shop.ids["source"] = sources[0].id
        shop.folder = GatewayFolder(self.folder / shop.tenant)
        shop.folder.path.mkdir(parents=True)
        iot, stage = self.clients.own("iot"), self.stage
        made_gateway = provisioning.create_gateway(
            f"{shop.canary} gateway",
            tenant=shop.tenant,
            site=shop.ids["site"],
            csr_pem=shop.folder.signing_request(),
            shop=rows,
            directory=self.directory,
            things=ThingRegistry(iot, policy_name=stage.resource("gateway"), group=stage.resource("gateways")),
            channel=GatewayChannel(self.clients.tenant("iot-data")),
            random=token_bytes,
            sources=sources[:1],
        )
        shop.folder.certificate.write_text(made_gateway.certificate_pem)
        shop.ids |= {"gateway": made_gateway.gateway.id, "certificate": made_gateway.gateway.certificate}

    def _people(self, shop: Shop, rows: ShopStore, *, now: datetime) -> None:
        for role in ("owner", "operator"):
            subject = f"{role}-of-{shop.tenant}"
            made = provisioning.create_user(
                tenant=shop.tenant,
                issuer=ISSUER,
                subject=subject,
                email=f"{role}@{shop.tenant}.test",
                name=f"{shop.canary} {role}",
                roles=[role],
                shop=rows,
                directory=self.directory,
                random=token_bytes,
            )
            shop.ids["user" if role == "owner" else "other_user"] = made.id
        over = Membership(shop.tenant, new_id("u", token_bytes), {EVERYWHERE: ("owner",)}, now - timedelta(seconds=1))
        self.directory.add_membership(issuer=ISSUER, subject=f"ended-of-{shop.tenant}", membership=over)
        self.sign_in(shop)
        key = provisioning.create_api_key(
            f"{shop.canary} key",
            tenant=shop.tenant,
            scopes=OWNER_SCOPES,
            roles=["developer"],
            shop=rows,
            directory=self.directory,
            random=token_bytes,
            now=now,
        )
        shop.ids["key"] = key.key.id
        shop.credentials["key"] = f"Bearer {key.secret}"

    def _provider(self, shop: Shop) -> None:
        """As a row: making one over REST asks its addresses."""
        settings = Settings(Kind.OIDC, issuer=f"https://idp.{shop.name}.test", client_id=shop.canary)
        made = Provider(new_id("f", token_bytes), shop.canary, settings, "0" * 40, secret_version=1)
        SsoRow(current().partition("E"), made.id, b=_text(made), o=1).save()
        shop.ids["provider"] = made.id

    def sign_in(self, shop: Shop) -> None:
        """Everybody anew: what is dangerous asks for a sign-in of the last minutes."""
        for role in ("owner", "operator", "ended"):
            shop.credentials[role] = f"Bearer {self.desk.issuer.token(f'{role}-of-{shop.tenant}')}"

    def suspend(self, shop: Shop) -> Shop:
        """By its own owner, as in the portal."""
        self._ask(shop, "POST", "/v1/tenant/suspend", {})
        self.sign_in(shop)  # what the authorizer knew of the earlier sign-in may live on for five seconds
        return shop

    def _telemetry(self, shop: Shop) -> None:
        """A minute of rows, an alarm with the canary in it, and what the gateway says it produced."""
        edge = shop.edge
        self.desk.call("telemetry_minute", edge.event(edge.minute()))
        self.desk.call("telemetry_events", edge.event(edge.alarm(shop.canary)))
        self.desk.call("edge_health", edge.event(edge.health()))

    def _programs(self, shop: Shop) -> None:
        """A program of the control, a change of it, a probe and a second factor."""
        text = canonical(f"O1234({shop.canary.upper()})\nG21G90G54\nG0X0Y0Z50.\nM30\n".encode())
        digest = sha256(text).hexdigest()
        with self.desk.environment("machine_report"), acting_for(shop.tenant):
            module = self.desk.module("machine_report")
            ContentStore(lambda: module.clients.tenant("s3"), bucket=module.settings.bucket).put(digest, text)
        edge = shop.edge
        self.desk.call("machine_report", edge.event(edge.snapshot(f"{FOLDER}O1234", digest, len(text))))
        shop.ids["digest"] = digest
        listed = self._ask(shop, "GET", f"/v1/machines/{shop.ids['machine']}/programs")
        shop.ids["version"] = listed["programs"][0]["versions"][0]["id"]
        shop.ids["change"] = self._ask(shop, "POST", "/v1/changes", draft_of(shop.ids["machine"], shop.canary))["id"]
        probe = {"gatewayId": shop.ids["gateway"], "component": "focas", "host": "10.0.0.5"}
        shop.ids["probe"] = self._ask(shop, "POST", "/v1/probes", probe)["id"]

    def _company(self, shop: Shop) -> None:
        """An invitation, a screen on the wall, a screen that waits, a session."""
        letter = {"email": f"new@{shop.name}.test", "grants": {shop.ids["site"]: ["operator"]}}
        shop.ids["invitation"] = self._ask(shop, "POST", "/v1/invitations", letter)["id"]
        paired = {"siteId": shop.ids["site"], "name": f"{shop.canary} screen"}
        code = self._ask(shop, "POST", "/v1/pairings", {})["code"]
        shop.ids["screen"] = self._ask(shop, "POST", "/v1/screens", {**paired, "code": code})["id"]
        shop.ids["code"] = self._ask(shop, "POST", "/v1/pairings", {})["code"]
        made = self._ask(shop, "POST", "/v1/exports", {"kind": "machine", "id": shop.ids["machine"]})
        shop.ids["export"] = made["id"]
        shared = {"machineId": shop.ids["machine"], "recipient": f"{shop.canary} dealer"}
        answer = self.desk.rest("POST", "/v1/shares", credential=shop.owner, body=shared)
        shop.ids["share"] = answer.json.get("id", f"k_{shop.tenant[2:]}")
        shop.ids["session"] = self._ask(shop, "GET", "/v1/sessions")["sessions"][0]["id"]

    def _ask(self, shop: Shop, method: str, path: str, body: Any = None) -> Any:
        # Each tenant sits at an address of its own.
        address = ".".join(str(byte) for byte in sha256(shop.tenant.encode()).digest()[:4])
        headers = {"x-forwarded-for": f"{address}, 192.0.2.1"}
        answer = self.desk.rest(method, path, credential=shop.owner, body=body, headers=headers)
        assert answer.status < 300, (method, path, answer)
        return answer.json


def draft_of(machine: str, canary: str) -> dict[str, Any]:
    """The body of a change of the program that every control has."""
    text = f"O1234({canary.upper()})\nG21G90G17G54\nT1M6\nG43H1G0Z50.\nS900M3\nG0X0Y0\nG1Z-1.F100.\nG0Z50.\nM5\nM30\n"
    target = {"path": 1, "folder": FOLDER, "name": "O1234"}
    return {"machineId": machine, "operation": "program", "target": target, "reason": canary, "text": text}
