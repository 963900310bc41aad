"""Components as Greengrass runs them, with the local cloud behind the nucleus: from a device to the API."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cnc.cloud.iot import GatewayChannel, ThingRegistry
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.tenancy import Clients, Directory, acting_for
from cnc.domain.base.clock import utc_now
from cnc.services import provisioning
from cnc.services.shop import Source
from greengrass_components.edge_kit.config import Bootstrap
from greengrass_components.edge_kit.identity.keys import new_key, signing_request
from greengrass_components.edge_kit.mqtt_link import MqttLink
from greengrass_components.modbus.simulator import ModbusSimulator
from tests.edge_kit.fakes import eventually
from tests.edge_kit.ipc_server import IpcServer
from tests.edge_kit.nucleus import Nucleus
from tests.edge_kit.test_nucleus import cut
from tests.modbus.devices import METER, usual
from tests.product.running import Product

pytestmark = pytest.mark.cloud


def gateway_of(product: Product, folder: Path, *, port: int) -> tuple[Bootstrap, str, str]:
    """A tenant of its own, so that nobody else's machines are more than they were: its gateway with one source, a
    Modbus device at `port`; its machine; a key of the API."""
    mqtt, region = product.endpoints["mqtt"], product.endpoints["aws"]["region"]
    role = product.aws("ssm").get_parameter(Name="/cnc/local/operator-role-arn")["Parameter"]["Value"]
    clients = Clients(region=region, tenant_role_arn=role)
    directory = Directory(clients.own("dynamodb"), table="cnc-local-directory")
    shop, random, key = ShopStore(clients, table="cnc-local-shop"), secrets.token_bytes, new_key()
    tenant = provisioning.new_tenant("Greengrass shop", random=random, now=utc_now())
    with acting_for(tenant.id):
        provisioning.create_tenant(tenant, shop=shop, directory=directory)
        site = provisioning.create_site("Hall", time_zone="UTC", shop=shop, random=random).id
        machine = provisioning.create_machine(
            "Meter", kind="meter", cell="A", site=site, shop=shop, random=random, simulated=True
        )
        settings = {"host": "127.0.0.1", "port": port, "map": "energy_meter", "unit": 1}
        made = provisioning.create_gateway(
            "Greengrass",
            tenant=tenant.id,
            site=site,
            csr_pem=signing_request(key),
            shop=shop,
            directory=directory,
            things=ThingRegistry(clients.own("iot"), policy_name="cnc-local-gateway", group="cnc-local-gateways"),
            channel=GatewayChannel(clients.tenant("iot-data")),
            random=random,
            sources=[Source("d_" + secrets.token_hex(8), machine.id, "modbus", 200, True, settings)],
            receipt_every_s=2,
        )
        credential = provisioning.create_api_key(
            "Test", tenant=tenant.id, scopes=["api"], roles=["developer"], shop=shop, directory=directory,
            random=random, now=utc_now(),
        ).secret  # fmt: skip
    cert, own = folder / "core.pem", folder / "core.key"
    cert.write_text(made.certificate_pem)
    own.write_text(key)
    bootstrap = Bootstrap(
        made.gateway.id, tenant.id, site, folder / "core", endpoint=mqtt["host"], port=mqtt["port"],
        ca=Path(mqtt["ca"]), cert=cert, key=own,
    )  # fmt: skip
    return bootstrap, machine.id, credential


@asynccontextmanager
async def nucleus_of(core: Bootstrap, folder: Path) -> AsyncIterator[Nucleus]:
    """A nucleus whose connection to the cloud is the gateway's own."""
    link, sending = MqttLink(core), set[asyncio.Task[None]]()

    def published(_: str, topic: str, payload: bytes) -> None:
        task = asyncio.get_running_loop().create_task(link.publish(topic, payload))
        sending.add(task)
        task.add_done_callback(sending.discard)

    def arrived(topic: str, payload: bytes) -> None:
        if topic.endswith("/config"):
            ipc.retained[topic] = payload
        ipc.deliver(topic, payload)

    told = folder / "bootstrap.toml"
    names = {"thing": core.thing, "tenant": core.tenant, "site": core.site, "data": "data", "link": "ipc"}
    told.write_text("".join(f'{name} = "{value}"\n' for name, value in names.items()))
    ipc = IpcServer(folder / "ipc.socket", published, lambda name, state: nucleus.told(name, state))
    nucleus = Nucleus(folder / "greengrass", core.thing, ipc, {"bootstrap": str(told)})
    nucleus.root.mkdir()
    await ipc.start()
    await link.start([core.down(one) for one in ("receipt", "config", "cmd")], arrived, lambda: None)
    await eventually(lambda: bool(ipc.retained))
    try:
        yield nucleus
    finally:
        await nucleus.close()
        await link.close()
        await ipc.close()


async def test_rows_pass_through_the_nucleus_into_the_store(
    product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws = product.endpoints["aws"]
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws["url"])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", aws["access_key_id"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", aws["secret_access_key"])
    async with ModbusSimulator(METER, lambda: usual(METER)) as device:
        core, machine, key = await asyncio.to_thread(gateway_of, product, tmp_path, port=device.port)
        async with nucleus_of(core, tmp_path) as nucleus:
            versions = cut("modbus", tmp_path), cut("relay", tmp_path)
            assert await nucleus.deploy(*versions) == "SUCCEEDED"

            def seen() -> bool:
                asked = "query($id: ID!) { machine(id: $id) { lastSeen latest { signal value quality } } }"
                answer = product.ask({"query": asked, "variables": {"id": machine}}, credential=key)
                found = answer["data"]["machine"]
                return bool(found["lastSeen"]) and any(one["quality"] == "GOOD" for one in found["latest"])

            for _ in range(60):
                if await asyncio.to_thread(seen):
                    break
                await asyncio.sleep(0.5)
            else:
                pytest.fail((nucleus.root / "com.cnccopilot.relay.log").read_text())
