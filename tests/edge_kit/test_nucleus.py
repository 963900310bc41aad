"""Components as a gateway with Greengrass gets them: cut, unpacked, started by their recipes, rolled back."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from greengrass_components.edge_kit.nucleus import SelfCheck, below_nucleus
from greengrass_components.edge_kit.version import VERSION
from greengrass_components.modbus.simulator import ModbusSimulator
from infra_cdk import components, packaging
from tests.edge_kit.fakes import FakeCloud, eventually
from tests.edge_kit.ipc_server import IpcServer
from tests.edge_kit.nucleus import Nucleus, Version
from tests.modbus.devices import METER, usual

TENANT, SITE, THING = "t_" + "0" * 16, "s_" + "0" * 16, "g_" + "0" * 16
SOURCE, MACHINE = "d_" + "0" * 16, "m_" + "0" * 16
BASE = f"cnc/{TENANT}/{SITE}/{THING}"


def cut(name: str, folder: Path, *, version: str = VERSION, spoil: str = "") -> Version:
    """A component as it is shipped; `spoil` is put before its driver's or relay's code."""
    whole = packaging.copy_closure(f"greengrass_components.{name}.__main__", folder / f"{name}-{version}")
    if spoil:
        path = whole / "greengrass_components" / name / "__main__.py"
        path.write_text(spoil + "\n" + path.read_text())
    artifact = Path(shutil.make_archive(str(folder / f"{name}{len(spoil)}"), "zip", whole))
    recipe = components.recipe(name, uri=f"s3://bucket/{artifact.name}", folder=artifact.stem)
    return Version({**recipe, "ComponentVersion": version}, artifact)


@dataclass
class Gateway:
    """A nucleus, and the cloud that its components meet through it."""

    nucleus: Nucleus
    cloud: FakeCloud
    folder: Path
    topics: list[tuple[str, str]] = field(default_factory=list)

    def log(self, name: str) -> str:
        return (self.nucleus.root / f"{components.full_name(name)}.log").read_text()

    def state(self, name: str) -> list[str]:
        return self.nucleus.states[components.full_name(name)]


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    bootstrap = tmp_path / "bootstrap.toml"
    said = {"tenant": TENANT, "site": SITE, "thing": "g_" + "f" * 16, "data": "data", "link": "ipc"}
    bootstrap.write_text("".join(f'{name} = "{value}"\n' for name, value in said.items()))
    cloud = FakeCloud()

    def published(_: str, topic: str, payload: bytes) -> None:
        made.topics.append((topic, payload.hex()[:8]))
        asyncio.get_running_loop().create_task(cloud.publish(topic, payload))

    ipc = IpcServer(tmp_path / "ipc.socket", published, lambda name, state: nucleus.told(name, state))
    nucleus = Nucleus(tmp_path / "greengrass", THING, ipc, {"bootstrap": str(bootstrap)})
    nucleus.root.mkdir()
    made = Gateway(nucleus, cloud, tmp_path)
    await ipc.start()
    await cloud.start([f"{BASE}/{one}" for one in ("receipt", "config", "cmd")], ipc.deliver, lambda: None)
    yield made
    await nucleus.close()
    await ipc.close()


def document(port: int) -> bytes:
    source = {"id": SOURCE, "machine": MACHINE, "component": "modbus", "period_ms": 50, "host": "127.0.0.1"}
    source |= {"port": port, "unit": 1, "map": "energy_meter"}
    head: dict[str, Any] = {"v": 1, "version": 1, "tenant": TENANT, "site": SITE, "thing": THING}
    return json.dumps({**head, "receipt_every_s": 1, "sources": [source]}).encode()


async def test_rows_of_a_machine_arrive_through_the_nucleus_and_a_bad_version_is_taken_back(gateway: Gateway) -> None:
    driver, relay = cut("modbus", gateway.folder), cut("relay", gateway.folder)
    async with ModbusSimulator(METER, lambda: usual(METER)) as machine:
        gateway.nucleus.ipc.retained[f"{BASE}/config"] = document(machine.port)
        assert await gateway.nucleus.deploy(driver, relay) == "SUCCEEDED"
        await eventually(lambda: len(gateway.cloud.seqs(SOURCE)) >= 10, within_s=40)
        await eventually(lambda: bool(gateway.cloud.versions), within_s=40)
        assert {topic.split("/")[2] for topic, _ in gateway.topics} >= {"telemetry_minute", "edge_health"}
        assert all(f"/{BASE}/" in topic for topic, _ in gateway.topics), "the thing is the nucleus', not the file's"
        assert gateway.nucleus.ipc.refused == []

        bad = cut("modbus", gateway.folder, version="9.0.0", spoil="raise SystemExit('this version does not work')")
        assert await gateway.nucleus.deploy(bad) == "FAILED_ROLLBACK_COMPLETE"
        states = gateway.state("modbus")
        assert states[-5:] == ["STARTING", "ERRORED", "BROKEN", "STARTING", "RUNNING"]
        assert states.count("ERRORED") == 3
        boots = {boot for boot, _ in gateway.cloud.seqs(SOURCE)}
        await eventually(lambda: len({boot for boot, _ in gateway.cloud.seqs(SOURCE)}) > len(boots), within_s=40)
    assert "this version does not work" in gateway.log("modbus")
    assert "INFO greengrass_components" in gateway.log("modbus")


HANGS = """
from greengrass_components.edge_kit import nucleus, runtime
runtime.SelfCheck = lambda: nucleus.SelfCheck(0.3)
async def _poll(name, open_driver, bootstrap, stop, check):
    await stop.wait()
runtime._poll = _poll
"""


async def test_a_component_that_does_not_come_to_work_says_so_and_ends(gateway: Gateway) -> None:
    hanging = cut("modbus", gateway.folder, spoil=HANGS.strip())
    assert await gateway.nucleus.deploy(hanging) == "FAILED_ROLLBACK_COMPLETE"
    assert gateway.state("modbus") == ["STARTING", "ERRORED"] * 3 + ["BROKEN"]
    assert "not at work within" in gateway.log("modbus")


async def test_a_self_check_that_fails_stops_the_component() -> None:
    stop, check = asyncio.Event(), SelfCheck(within_s=0.01)
    await check.run(stop)
    assert stop.is_set()
    assert check.failed


async def test_a_full_disk_is_no_reason_to_take_a_version_back() -> None:
    stop, check = asyncio.Event(), SelfCheck(within_s=0.01)
    check.hindered(OSError(28, "No space left on device"))
    await check.run(stop)
    assert not check.failed
    other = SelfCheck(within_s=0.01)
    other.hindered(PermissionError(13, "Permission denied"))
    await other.run(stop)
    assert other.failed


def test_a_plain_process_is_below_no_nucleus() -> None:
    assert not below_nucleus({})
    assert below_nucleus({"SVCUID": "x", "AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT": "/x"})
