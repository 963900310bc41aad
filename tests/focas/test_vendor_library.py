"""The maker's library as a backend, against a stand-in that keeps the real one's rules."""

import asyncio
import ctypes
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cnc.domain.telemetry.facts import Quality
from greengrass_components.edge_kit.driver import DriverError
from greengrass_components.focas.client.listing import all_programs
from greengrass_components.focas.driver import open_driver
from greengrass_components.focas.errors import ConnectionLost, NoAnswer, Refused, Unreachable
from greengrass_components.focas.protocol.functions import macros, modal, offsets, parameters, pmc, status
from greengrass_components.focas.protocol.functions.program import rdprgnumo8
from greengrass_components.focas.protocol.values import VACANT, Value
from greengrass_components.focas.simulator import StandaloneControl
from greengrass_components.focas.simulator.standalone import StandaloneAlarm
from greengrass_components.focas.vendor import structs
from greengrass_components.focas.vendor.client import VendorClient
from greengrass_components.focas.vendor.library import BadLibrary, Library
from greengrass_components.focas.vendor.sessions import vendor_sessions
from tests.focas.conftest import MakeSimulator
from tests.focas.test_driver import source

COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
T0 = 1_795_000_000_000
needs_compiler = pytest.mark.skipif(
    COMPILER is None or sys.platform == "win32", reason="no C compiler for the stand-in library"
)


@pytest.fixture(scope="module")
def library_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert COMPILER is not None
    made = tmp_path_factory.mktemp("library") / f"libstandin{sysconfig.get_config_var('SHLIB_SUFFIX') or '.so'}"
    source_file = Path(__file__).with_name("standin_library.c")
    command = [COMPILER, "-shared", "-fPIC", "-O1", "-pthread", "-o", str(made)]
    subprocess.run([*command, str(source_file)], check=True, timeout=120)
    return made


@pytest.fixture
async def client(library_path: Path) -> AsyncIterator[VendorClient]:
    made = await VendorClient.connect(Library(library_path), "10.0.0.5", 8193, timeout_s=5)
    yield made
    await made.close()


def test_structures_have_the_sizes_that_the_library_fills() -> None:
    sizes = {
        structs.OdbSys: 18, structs.OdbSt: 18, structs.AlarmMessage: 76, structs.Number: 8, structs.Timer: 8,
        structs.ProgramName: 40, structs.Element: 12, structs.Load: 12, structs.Position: 48, structs.SpindleLoad: 24,
        structs.Command: 12, structs.ProgramEntry: 88, structs.Record: 4 + 8 * 32, structs.Name: 2,
        structs.SpindleName: 4, structs.Numbers: 4 + 4 * 8, structs.Dynamic: 28 + 16 * 32,
    }  # fmt: skip
    assert {kind.__name__: ctypes.sizeof(kind) for kind in sizes} == {kind.__name__: n for kind, n in sizes.items()}
    assert structs.Macro.dec.offset == 8
    assert structs.ProgramEntry.modified.offset == 64
    assert structs.ProgramEntry.comment.offset == 12
    assert structs.Dynamic.positions.offset == 28
    assert structs.Cells.data.offset == 8


@needs_compiler
async def test_a_driver_reads_the_same_row_through_the_library_and_through_the_protocol(
    library_path: Path, simulate: MakeSimulator
) -> None:
    control = StandaloneControl(alarms=[StandaloneAlarm(417, 6, 2, "SERVO ALARM")])
    simulator = await simulate(control)
    rows, schemas = [], []
    for backend, port in (("wire", simulator.port), ("vendor", 8193)):
        driver = open_driver(source(port, backend=backend), vendor=vendor_sessions(library_path))
        try:
            schema = await driver.connect()
            reading = await driver.read(tick_ms=T0)
        finally:
            await driver.close()
        schemas.append(schema)
        values = zip(schema.signals, reading.values, strict=True)
        rows.append(({signal.key: signal.value(value) for signal, value in values}, reading))
    (wire, by_wire), (vendor, by_vendor) = rows
    assert wire == vendor
    assert None not in vendor.values()
    assert schemas[0] == schemas[1]
    assert by_wire.quality == by_vendor.quality == Quality.GOOD
    assert by_wire.alarms == by_vendor.alarms
    assert by_wire.facts == by_vendor.facts


@needs_compiler
async def test_the_interface_of_the_client_is_the_same(client: VendorClient) -> None:
    assert (client.opening.axes, client.opening.spindles, client.opening.paths) == (3, 1, 2)
    assert (await client.call(status.statinfo())).run == 3
    assert (await client.call(macros.rdmacro(500))) == Value(123456, 3)
    assert (await client.call(macros.rdmacro(502))) == VACANT
    assert (await client.call(parameters.rdparam(20))).type == parameters.ParameterType.BYTE
    limits = await client.call(parameters.rdparam(1320, parameters.ALL))
    assert limits.type == parameters.ParameterType.REAL
    assert [value.number for value in limits.values[:3]] == [500.0, 400.0, 300.0]
    assert (await client.call(pmc.rdpmcrng(pmc.Area.D, 100, 2, pmc.Width.WORD))) == [-14900, 7]
    assert (await client.call(modal.modal_word(modal.WORD_INDEX["M"]))) == [3]
    assert [entry.number async for entry in all_programs(client)] == [1, 100, 1234]


@needs_compiler
async def test_refusals_carry_the_code_of_the_library(client: VendorClient) -> None:
    for call, code in ((macros.rdmacro(99), 3), (parameters.rdparam(31999), 3), (offsets.rdtofs(1, 0), 1)):
        with pytest.raises(Refused) as refusal:
            await client.call(call)
        assert refusal.value.code == code
    answers: list[Any] = await client.ask([macros.rdmacro(99), macros.rdmacro(500)])
    assert isinstance(answers[0], Refused)
    assert answers[1] == Value(123456, 3)
    assert client.alive


@needs_compiler
async def test_a_path_is_set_on_the_handle(client: VendorClient) -> None:
    assert (await client.call(rdprgnumo8(), path=2)).running == 2
    assert (await client.call(rdprgnumo8())).running == 1


@needs_compiler
async def test_a_program_is_uploaded_although_the_library_says_try_again_first(client: VendorClient) -> None:
    transfer = await client.transfer()
    assert await transfer.upload("O0077") == b"%\nO0077(DL)\nG90\nM30\n%"
    with pytest.raises(Refused) as refusal:
        await transfer.upload("O4321")
    assert refusal.value.code == 5


@needs_compiler
async def test_a_call_that_does_not_come_back_ends_the_handle_and_not_the_loop(library_path: Path) -> None:
    client = await VendorClient.connect(Library(library_path), "10.0.0.5", 8193, timeout_s=0.2)
    with pytest.raises(NoAnswer, match="did not come back within"):
        await client.call(parameters.rdparam(31998))
    assert not client.alive
    with pytest.raises(ConnectionLost):
        await client.call(status.statinfo())
    await client.close()
    await asyncio.to_thread(client._worker._thread.join, 30)
    assert not client._worker._thread.is_alive()


@needs_compiler
async def test_a_control_that_is_lost_ends_the_handle(library_path: Path) -> None:
    client = await VendorClient.connect(Library(library_path), "10.0.0.5", 2, timeout_s=5)
    with pytest.raises(ConnectionLost, match="code -16"):
        await client.call(status.statinfo())
    assert not client.alive


@needs_compiler
async def test_handles_are_given_back_in_the_thread_that_got_them(library_path: Path, tmp_path: Path) -> None:
    own = Path(shutil.copy(library_path, tmp_path / "libown.so"))  # its count is nobody else's
    freed = ctypes.c_int.in_dll(ctypes.CDLL(str(own)), "standin_freed")
    for _ in range(3):
        client = await VendorClient.connect(Library(own), "10.0.0.5", 8193, timeout_s=5)
        await client.call(status.statinfo())
        await client.close()
        client._worker._thread.join(10)
    assert freed.value == 3


@needs_compiler
async def test_a_host_that_is_not_there_is_unreachable(library_path: Path) -> None:
    with pytest.raises(Unreachable, match="EW_SOCKET"):
        await VendorClient.connect(Library(library_path), "10.0.0.5", 1, timeout_s=5)


def test_a_file_that_is_no_library_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "libfwlib32.so").write_bytes(b"no library")
    with pytest.raises(BadLibrary, match="cannot be loaded"):
        Library(tmp_path / "libfwlib32.so")
    with pytest.raises(BadLibrary, match="cannot be loaded"):
        Library(tmp_path / "missing.so")


async def test_a_source_that_wants_the_library_without_one_says_how_to_give_it() -> None:
    driver = open_driver(source(8193, backend="vendor"), vendor=vendor_sessions(None))
    with pytest.raises(DriverError, match="--library PATH"):
        await driver.connect()
