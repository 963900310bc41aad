"""A broker that provisions by the product's own template and policies, with the real hook behind a small door."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from aiohttp import web

from cnc.cloud.tenancy import Entry
from cnc.services.gateway_identity import Asked, Settled, may_enrol, settle
from greengrass_components.edge_kit.enrol import Claim
from greengrass_components.edge_kit.identity.keys import Credentials, new_key, signing_request
from infra_cdk import gateways
from local_cloud.broker.server import Broker
from local_cloud.cloud import Resource
from tests.local_cloud.broker.support import ACCOUNT, REGION, Iot, free_port, make_cloud, resource

TENANT, SITE, THING = "t_" + "0" * 16, "s_" + "0" * 16, "g_" + "0" * 16
TOKEN = "cnce_token"
ASSUMED = "".join(
    f"<{name}>{value}</{name}>"
    for name, value in (("AccessKeyId", "ASIA"), ("SecretAccessKey", "x"), ("SessionToken", "y"))
)


GROUP, POLICY, CLAIM = "cnc-dev-gateways", "cnc-dev-gateway", "cnc-dev-claim"


def declared() -> tuple[Resource, ...]:
    """What the edge stack declares of AWS IoT."""

    def arn(kind: str, name: str) -> str:
        return f"arn:aws:iot:{REGION}:{ACCOUNT}:{kind}/{name}"

    template = {
        "TemplateName": GROUP,
        "TemplateType": "FLEET_PROVISIONING",
        "Enabled": True,
        "ProvisioningRoleArn": f"arn:aws:iam::{ACCOUNT}:role/cnc-dev-provisioning",
        "PreProvisioningHook": {"PayloadVersion": "2020-04-01", "TargetArn": "arn:aws:lambda:x:y:function:hook"},
        "TemplateBody": json.dumps(gateways.template_body(policies={"gateway": POLICY}, group=GROUP)),
    }
    policies = {
        POLICY: gateways.gateway_document(arn, template=GROUP),
        CLAIM: gateways.claim_document(arn, template=GROUP),
    }
    return (
        resource("AWS::IoT::ThingGroup", GROUP, {"ThingGroupName": GROUP}),
        resource("AWS::IoT::ProvisioningTemplate", GROUP, template),
        *(resource("AWS::IoT::Policy", name, {"PolicyDocument": document}) for name, document in policies.items()),
    )


@dataclass
class Rows:
    """The directory, as far as gateways go."""

    tokens: dict[str, dict[str, str]] = field(default_factory=dict)
    things: dict[str, Entry] = field(default_factory=dict)

    def expect(self, token: str, thing: str) -> None:
        self.tokens[sha256(token.encode()).hexdigest()] = {"thing": thing, "site": SITE}
        self.things[thing] = Entry(TENANT, {"site": SITE})

    def use_enrolment(self, token_hash: str, *, key: str, now: datetime) -> Entry | None:
        row = self.tokens.get(token_hash)
        if row is None or row.setdefault("key", key) != key:
            return None
        return Entry(TENANT, row)

    def gateway(self, thing: str) -> Entry | None:
        return self.things.get(thing)


@dataclass
class InRegistry:
    """Certificates straight from the broker's registry, which the control plane answers from."""

    broker: Broker

    def ids_of(self, thing: str) -> list[str]:
        return self.broker.registry.principals_of(thing)

    def of(self, thing: str) -> list[Any]:
        return [Held(self.broker, one) for one in self.ids_of(thing)]

    def deactivate(self, certificate: str) -> None:
        self.broker.registry.set_status(certificate, "INACTIVE")


class Held:
    def __init__(self, broker: Broker, certificate: str) -> None:
        found = broker.registry.certificate(certificate)
        self.id, self.pem, self.active = found.id, found.pem, found.status == "ACTIVE"
        self.created_at = datetime.fromtimestamp(found.created_ms / 1000, UTC)


@dataclass
class Cloud:
    """The broker with what stands behind it. `hook` may be replaced by what a test wants."""

    broker: Broker
    iot: Iot
    folder: Path
    rows: Rows
    hook: Callable[[dict[str, Any]], Any]
    asked: list[dict[str, Any]] = field(default_factory=list)

    @property
    def template(self) -> str:
        return GROUP

    @property
    def ca(self) -> Path:
        return Path(self.broker.cloud.pki.ca_cert)

    def claim(self, token: str = TOKEN) -> Claim:
        """A claim folder as `cnc enrol-token` writes it, read back."""
        folder = self.folder / "claim"
        folder.mkdir(exist_ok=True)
        made = self.certificate(CLAIM)
        for name, text in (("claim.pem", made.certificate), ("claim.key", made.key), ("ca.pem", self.ca.read_text())):
            (folder / name).write_text(text)
        said = {"endpoint": "localhost", "ca": "ca.pem", "cert": "claim.pem", "key": "claim.key"}
        said |= {"template": self.template, "token": token}
        text = "".join(f'{name} = "{value}"\n' for name, value in said.items())
        (folder / "claim.toml").write_text(f"{text}port = {self.broker.tls_port}\n")
        return Claim.read(folder)

    def certificate(self, policy: str) -> Credentials:
        key = new_key()
        made = self.iot.control.create_certificate_from_csr(
            certificateSigningRequest=signing_request(key), setAsActive=True
        )
        self.iot.control.attach_policy(policyName=policy, target=made["certificateArn"])
        return Credentials(made["certificatePem"], key)

    def statuses(self, thing: str = THING) -> list[str]:
        registry = self.broker.registry
        return sorted(registry.certificate(one).status for one in registry.principals_of(thing))

    def active(self) -> list[str]:
        """Active certificates but claims."""
        registry = self.broker.registry
        found = registry.db.execute("SELECT id FROM certificate WHERE status = 'ACTIVE'")
        return [row[0] for row in found if registry.policies_of(row[0]) != [CLAIM]]

    def settle(self, certificate: str, *, thing: str = THING, now: datetime | None = None) -> Settled:
        """What the function behind the rule `gateway_identity` does."""
        moment = now or datetime.now(UTC)
        return settle(thing, certificate=certificate, certificates=InRegistry(self.broker), now=moment)


@asynccontextmanager
async def provisioning_cloud(folder: Path) -> AsyncIterator[Cloud]:
    """`folder` also gets the claim."""
    port, rows = free_port(), Rows()
    broker = Broker(make_cloud(folder, resources=declared(), rules=1, aws=port))

    def hook(event: dict[str, Any]) -> Any:
        parameters = event["parameters"]
        token = parameters.get("Token", "")
        asked = Asked(event["claimCertificateId"], event["clientId"], event["certificatePem"], token)
        allowed = may_enrol(asked, directory=rows, certificates=InRegistry(broker), now=datetime.now(UTC))
        if allowed is None:
            return {"allowProvisioning": False}
        overrides = {"ThingName": allowed.thing, "Tenant": allowed.tenant, "Site": allowed.site}
        return {"allowProvisioning": True, "parameterOverrides": overrides}

    async def invoke(request: web.Request) -> web.Response:
        event = json.loads(await request.read())
        cloud.asked.append({**event, "source": request.headers["X-Local-Source-Arn"]})
        return web.json_response(cloud.hook(event))

    async def assume(_: web.Request) -> web.Response:
        return web.Response(text=f"<R>{ASSUMED}</R>", content_type="text/xml")

    door = web.Application()
    door.router.add_post("/2015-03-31/functions/{name}/invocations", invoke)
    door.router.add_post("/", assume)
    runner = web.AppRunner(door)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await broker.start()
    iot = await asyncio.to_thread(Iot, broker.control_port)
    cloud = Cloud(broker, iot, folder, rows, hook)
    try:
        yield cloud
    finally:
        iot.close()
        await broker.close()
        await runner.cleanup()
