"""Machines whose port somebody else took between two starts: where they go, and what their gateways are told."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli import demo, relocation, retell
from cli.demo import Demo
from cli.ports import free_port
from cli.refusal import CannotStart
from cnc.cloud.tenancy import current
from cnc.services.shop import Gateway, Machine
from local_cloud.settings import is_free

TENANT, SITE, THING = "t_aaaaaaaaaaaaaaaa", "s_aaaaaaaaaaaaaaaa", "g_aaaaaaaaaaaaaaaa"
MILL, LATHE = "m_aaaaaaaaaaaaaaaa", "m_bbbbbbbbbbbbbbbb"
HOST = "127.0.0.1"


def served(kind: str, port: int, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "host": HOST, "port": port, **more}


def source(letter: str, machine: str, component: str, port: int, **more: Any) -> dict[str, Any]:
    own = {"id": f"d_{letter * 16}", "machine": machine, "component": component, "period_ms": 1000, "simulated": True}
    return own | {"host": HOST, "port": port} | more


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        yield other.getsockname()[1]


def write(folder: Path, *rows: dict[str, Any], **more: Any) -> Path:
    spec = folder / "mill.json"
    spec.write_text(json.dumps({"v": 1, "shop": {"name": "mill"}, "clock": None, "serve": list(rows)}))
    machine = {"id": MILL, "name": "Mill", "spec": str(spec), "serve": list(rows)}
    demo.keep(folder, {"v": 1, "machines": [machine], "gateways": [], "users": [], **more})
    return spec


def test_only_the_row_on_a_taken_port_moves_and_to_a_port_nobody_has(taken: int) -> None:
    free = free_port(set())
    machines = [{"id": MILL, "serve": [served("focas", taken), served("modbus", free, map="energy_meter")]}]
    assert relocation.relocate(machines, is_free=is_free) == [taken]
    moved, stayed = (row["port"] for row in machines[0]["serve"])
    assert (stayed, is_free(moved)) == (free, True)
    assert moved not in (taken, free)


def test_while_every_port_is_free_nothing_is_touched(tmp_path: Path) -> None:
    write(tmp_path, served("focas", free_port(set())))
    before = demo.path(tmp_path).read_bytes()
    relocation.settle(tmp_path, say=pytest.fail, tell=pytest.fail)
    assert demo.path(tmp_path).read_bytes() == before


def test_a_moved_machine_serves_and_is_announced_at_its_new_port(tmp_path: Path, taken: int) -> None:
    said: list[str] = []
    spec = write(tmp_path, served("focas", taken))
    relocation.settle(tmp_path, say=said.append, tell=lambda: None)
    held = demo.load(tmp_path)
    assert json.loads(spec.read_bytes())["serve"] == held.machines[0]["serve"]
    assert held.machines[0]["serve"][0]["port"] != taken
    assert "moving" not in held.document
    assert said == [f"moving machines from ports that others have taken ({taken})"]


def test_gateways_that_could_not_be_told_are_told_at_the_next_start_though_the_port_is_free_again(
    tmp_path: Path,
) -> None:
    def refuse() -> None:
        raise CannotStart("the cloud went away")

    with socket.socket() as other:
        other.bind((HOST, 0))
        spec = write(tmp_path, served("focas", other.getsockname()[1]))
        with pytest.raises(CannotStart):
            relocation.settle(tmp_path, say=lambda _line: None, tell=refuse)
    told: list[int] = []
    relocation.settle(tmp_path, say=lambda _line: None, tell=lambda: told.append(1))
    relocation.settle(tmp_path, say=lambda _line: None, tell=lambda: told.append(2))
    assert told == [1]
    assert json.loads(spec.read_bytes())["serve"] == demo.load(tmp_path).machines[0]["serve"]


class Channel:
    """What was published to gateways."""

    def __init__(self) -> None:
        self.documents: list[dict[str, Any]] = []

    def configure(self, document: bytes, *, site: str, thing: str) -> None:
        assert (site, thing) == (SITE, THING)
        self.documents.append(json.loads(document))


class Rows:
    """What of a tenant's shop a configuration touches: one gateway that reads one machine."""

    def __init__(self, *sources: dict[str, Any]) -> None:
        head = {"v": 1, "version": 3, "tenant": TENANT, "site": SITE, "thing": THING, "receipt_every_s": 30}
        self.held = Gateway(THING, "gateway", SITE, 3, json.dumps(head | {"sources": list(sources)}))
        self.mill = Machine(MILL, "Mill", "mill", "Cell", SITE)

    def gateway(self, gateway: str, /) -> Gateway | None:
        assert current().tenant == TENANT
        return self.held if gateway == THING else None

    def put_gateway(self, gateway: Gateway, /, *, seen_version: int) -> None:
        assert seen_version == self.held.version
        self.held = gateway

    def machine(self, machine: str, /) -> Machine | None:
        return self.mill if machine == MILL else None

    def machines(self) -> list[Machine]:
        return [self.mill]

    def put_machine(self, machine: Machine, /) -> None:
        self.mill = machine


def test_a_gateway_is_told_once_and_only_when_something_differs() -> None:
    gateways = [{"thing": thing, "tenant": TENANT} for thing in (THING, "g_bbbbbbbbbbbbbbbb")]
    held = Demo({"machines": [{"id": MILL, "serve": [served("focas", 7)]}], "gateways": gateways})
    shop, channel = Rows(source("a", MILL, "focas", 6)), Channel()
    assert retell.tell(held, shop=shop, channel=channel) == [THING]
    assert retell.tell(held, shop=shop, channel=channel) == []
    assert [(one["version"], one["sources"][0]["port"]) for one in channel.documents] == [(4, 7)]
    assert json.loads(shop.held.document) == channel.documents[0]


def test_a_source_is_known_by_its_protocol_and_map_and_keeps_what_people_made_of_it() -> None:
    machines = [
        {"id": MILL, "serve": [served("focas", 11), served("modbus", 12, map="meter"), served("modbus", 13, map="air")]}
    ]
    rows = [
        source("a", MILL, "focas", 1, period_ms=250),
        source("b", MILL, "modbus", 2, map="air", unit=1),
        source("c", MILL, "modbus", 3, map="meter", unit=1),
        source("d", MILL, "focas", 4, simulated=False),
        source("e", MILL, "focas", 5, host="192.0.2.7"),
        source("f", LATHE, "focas", 6),
    ]
    after, differs = retell.sources(json.dumps({"sources": rows}), machines)
    assert differs
    assert [one.settings["port"] for one in after] == [11, 13, 12, 4, 5, 6]
    assert (after[0].period_ms, after[1].settings["unit"]) == (250, 1)
    again = [row | {"port": one.settings["port"]} for row, one in zip(rows, after, strict=True)]
    assert retell.sources(json.dumps({"sources": again}), machines) == (after, False)
