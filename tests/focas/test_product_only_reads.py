"""The product's codec and client have no request that starts, resets, selects, sets or writes to the ladder."""

import inspect
import pkgutil
from collections.abc import Iterator
from datetime import date, time
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

import greengrass_components
import greengrass_components.focas.protocol.functions as functions
from greengrass_components.focas.client import FocasClient
from greengrass_components.focas.client.never import NEVER, NeverSent
from greengrass_components.focas.driver.asks import asks
from greengrass_components.focas.driver.machine import AxisFacts, Machine
from greengrass_components.focas.protocol.blocks import Call, Request, nothing, one
from greengrass_components.focas.protocol.functions import directory, files, macros, offsets, parameters
from greengrass_components.focas.protocol.functions.parameters import Record
from greengrass_components.focas.protocol.functions.pmc import Area
from greengrass_components.focas.protocol.functions.status import statinfo
from greengrass_components.focas.protocol.session import MODERN
from greengrass_components.focas.protocol.values import Value
from greengrass_components.focas.simulator.answers.registry import TABLE
from greengrass_components.focas.simulator.cnc import Cnc
from tests.focas import operator_client
from tests.focas.conftest import MakeSimulator

SAMPLE: dict[str, Any] = {
    "record": Record(20, 0, 1, (Value(0),)), "value": Value(0), "numbers": [1], "area": Area.R, "path": "//A/B",
    "folder": "//A/", "drive": "//A/", "name": "B", "timer": 0, "kind": 0,
    "day": date(2026, 1, 1), "at": time(1, 2, 3),
}  # fmt: skip
GATED = {
    (1, parameters.WRITE), (1, macros.WRITE), (1, macros.WRITE_DOUBLE), (1, offsets.WRITE_TOOL),
    (1, offsets.WRITE_WORK), (1, directory.DELETE), (1, files.ADD), (1, files.DELETE), (1, files.RENAME),
}  # fmt: skip


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(functions.__path__):
        yield import_module(f"{functions.__name__}.{found.name}")


def _calls(module: ModuleType) -> Iterator[Call[Any]]:
    for name, function in inspect.getmembers(module, inspect.isfunction):
        signature = inspect.signature(function)
        if function.__module__ != module.__name__ or name.startswith("_"):
            continue
        if not str(signature.return_annotation).startswith(
            ("greengrass_components.focas.protocol.blocks.Call", "Call")
        ):
            continue
        needed = [p for p in signature.parameters.values() if p.default is p.empty]
        yield function(*(SAMPLE.get(p.name, 1) for p in needed))


def _asked(calls: Iterator[Call[Any]]) -> set[tuple[int, int]]:
    return {(request.module, request.function) for call in calls for request in call.requests}


def test_no_request_of_the_product_operates_a_machine() -> None:
    asked = {code for module in _modules() for code in _asked(_calls(module))}
    assert len(asked) > 50
    assert not asked & operator_client.FORBIDDEN


def test_the_check_would_notice_such_a_request() -> None:
    assert _asked(_calls(operator_client)) >= operator_client.FORBIDDEN - {(1, 0x1F), (1, 0x37), (1, 0x2C5)}


def test_the_driver_asks_nothing_that_changes_a_control() -> None:
    machine = Machine(MODERN, "31", (AxisFacts("X", "x"),), ("s1",), ())
    asked = {(r.module, r.function) for ask in asks(machine) for r in ask.call.requests}
    assert not asked & (operator_client.FORBIDDEN | GATED)


def test_the_client_offers_nothing_but_asking_and_transfer() -> None:
    assert {name for name in vars(FocasClient) if not name.startswith("_")} == {
        "alive", "ask", "call", "close", "connect", "dialect", "transfer",
    }  # fmt: skip


def test_the_client_knows_every_request_it_must_never_send() -> None:
    assert set(NEVER) == operator_client.FORBIDDEN


@pytest.mark.parametrize(("module", "function"), sorted(operator_client.FORBIDDEN))
async def test_the_client_does_not_send_such_a_request_built_by_hand(
    module: int, function: int, simulate: MakeSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Request] = []

    def listen(_: Cnc, request: Request) -> bytes:
        seen.append(request)
        return b""

    monkeypatch.setitem(TABLE, (module, function), listen)
    simulator = await simulate()
    async with await FocasClient.connect(simulator.host, simulator.port) as client:
        call = one(Request(function, module=module), nothing)
        for send in (client.call(call), client.ask([statinfo(), call])):
            with pytest.raises(NeverSent, match="never does that"):
                await send
        assert (await client.call(statinfo())).run == 3
    assert seen == []


def test_what_ships_has_no_client_without_the_check() -> None:
    found = pkgutil.walk_packages(greengrass_components.__path__, "greengrass_components.")
    for module in found:
        if module.name.startswith("greengrass_components.focas.") and not module.name.endswith("__main__"):
            import_module(module.name)
    assert [kind for kind in FocasClient.__subclasses__() if kind.__module__.startswith("greengrass_components")] == []
