"""A probe that the cloud asks of a gateway, from the command to the report."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cnc.domain.base.errors import MalformedMessage
from cnc.domain.programs.reports import ProbeReport, unpack_report
from greengrass_components.edge_kit.diagnosis.desk import MOST_A_MINUTE, Desk, box_name, read_ask
from greengrass_components.edge_kit.mailbox import inbox, outbox
from greengrass_components.focas.__main__ import PROBES
from tests.edge_kit.peers import free_port
from tests.focas.conftest import MakeSimulator

REQUEST = "q_0000000000000001"
WAIT_S = 20.0


def ask(**changes: Any) -> dict[str, Any]:
    return {"v": 1, "type": "probe", "request": REQUEST, "component": "focas", "host": "127.0.0.1", **changes}


class Gateway:
    def __init__(self, data: Path) -> None:
        self.data = data

    def put(self, message: dict[str, Any]) -> None:
        inbox(self.data, box_name("focas")).put(json.dumps(message).encode())

    async def reports(self, count: int = 1) -> list[ProbeReport]:
        deadline = time.monotonic() + WAIT_S
        while len(paths := outbox(self.data, "focas").paths()) < count:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
        found = [unpack_report(path.read_bytes()) for path in paths]
        assert all(isinstance(report, ProbeReport) for report in found)
        return [report for report in found if isinstance(report, ProbeReport)]


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    stop = asyncio.Event()
    running = asyncio.create_task(Desk("focas", tmp_path, PROBES).run(stop))
    yield Gateway(tmp_path)
    stop.set()
    await running


async def test_a_control_is_diagnosed_through_the_gateway(simulate: MakeSimulator, gateway: Gateway) -> None:
    gateway.put(ask(port=(await simulate()).port, protocol="focas", pmc=["D100:2"]))
    [report] = await gateway.reports()
    assert report.request == REQUEST
    assert (report.report["protocol"], report.report["ok"]) == ("focas", True)
    assert {"PMC D100:2", "parameter 6711"} <= {counter["method"] for counter in report.report["counters"]}


async def test_without_a_protocol_the_gateway_finds_out(simulate: MakeSimulator, gateway: Gateway) -> None:
    gateway.put(ask(port=(await simulate()).port))
    [report] = await gateway.reports()
    assert report.report["protocol"] == "focas"


async def test_a_machine_that_is_not_there_is_a_report_too(gateway: Gateway) -> None:
    gateway.put(ask(port=free_port(), protocol="focas"))
    [report] = await gateway.reports()
    failed = [finding for finding in report.report["findings"] if finding["verdict"] == "failed"]
    assert [finding["layer"] for finding in failed] == ["port"]
    assert failed[0]["todo"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"protocol": "s7"}, "knows focas"), ({"pmc": ["Q9"]}, "cannot be counted"), ({"port": 70_000}, "70000")],
)
async def test_what_cannot_be_done_is_answered_with_its_reason(
    changes: dict[str, Any], why: str, simulate: MakeSimulator, gateway: Gateway
) -> None:
    gateway.put(ask(**{"port": (await simulate()).port, "protocol": "focas", **changes}))
    [report] = await gateway.reports()
    assert why in report.report["error"]


async def test_too_many_probes_are_refused(gateway: Gateway) -> None:
    for number in range(MOST_A_MINUTE + 1):
        gateway.put(ask(port=free_port(), protocol="focas", request=f"q_{number:016d}"))
    reports = await gateway.reports(MOST_A_MINUTE + 1)
    assert sum("wait a little" in report.report.get("error", "") for report in reports) == 1


@pytest.mark.parametrize(
    "changes",
    [{"request": "m_0000000000000001"}, {"request": None}, {"host": 5}, {"host": "x" * 256}, {"port": 70_000},
     {"path": 0}, {"watch_s": 3600}, {"pmc": "D1"}, {"pmc": ["D1"] * 9}, {"pmc": [1]}, {"timeout_ms": 1}],
)  # fmt: skip
def test_an_ask_that_is_none_is_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedMessage):
        read_ask(ask(**changes))
