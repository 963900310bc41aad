"""The gate against the simulated control over real sockets, and over a line that loses, repeats and swaps frames."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cnc.domain.programs.canonical import digest
from cnc.domain.programs.interlock import reasons_against
from cnc.domain.programs.targets import OffsetTarget, ParameterTarget
from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.focas.gate.calls import UnclearCall, called_numbers
from greengrass_components.focas.gate.focas_control import FocasControl, open_focas_control
from greengrass_components.focas.gate.wiring import read_control
from greengrass_components.focas.protocol.blocks import Call
from greengrass_components.focas.protocol.functions.parameters import ParameterType
from greengrass_components.focas.protocol.functions.status import STATUS
from greengrass_components.focas.protocol.values import Value
from greengrass_components.focas.simulator import FocasSimulator, StandaloneControl
from greengrass_components.focas.simulator.memory.parameters import Parameter
from greengrass_components.focas.simulator.standalone import StandaloneSpindle
from tests.gate.fakes import FOLDER, MACHINE, NEW, OLD, SOURCE, Floor

#: More at once would have statuses grow old on a busy machine.
AT_ONCE = 8


def idle_control() -> StandaloneControl:
    control = StandaloneControl(programs={1234: OLD.decode()[2:-2]})
    control.run = control.motion = control.mstb = 0
    control.mode = 1
    control.spindles[0].speed_rpm = 0
    return control


class Line:
    """A proxy in front of the control. `bend(frames)` may drop, repeat or reorder what the gate sends at a time."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.sent = 0
        self.cut_after = -1
        self.bend: Callable[[bytes], list[bytes]] = lambda frame: [frame]
        self._writers: list[asyncio.StreamWriter] = []

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        down_reader, down_writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._writers += [writer, down_writer]
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await asyncio.gather(self._up(reader, down_writer, writer), self._down(down_reader, writer))

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, back: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readexactly(10)
                frame = head + await reader.readexactly(int.from_bytes(head[8:10], "big"))
                if head[6] >= 0x11 and head[6] != 0x21:  # of a transfer
                    self.sent += 1
                    if self.sent - 1 == self.cut_after:
                        back.close()
                        return
                    for bent in self.bend(frame):
                        writer.write(bent)
                else:
                    writer.write(frame)
                await writer.drain()
        finally:
            writer.close()

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()


@contextlib.asynccontextmanager
async def floor_of(folder: Path) -> AsyncIterator[tuple[Floor, FocasSimulator, Line]]:
    async with FocasSimulator(idle_control()) as simulator:
        line = Line(simulator.port)
        server = await asyncio.start_server(line.handle, "127.0.0.1", 0)
        try:
            floor = Floor(folder)
            port = server.sockets[0].getsockname()[1]
            floor.source = SourceConfig(SOURCE, MACHINE, "focas", 1000, host="127.0.0.1", port=port)
            floor.gate.open_control = open_focas_control
            async with open_focas_control(floor.source) as control:
                floor.serial = await control.serial()
            line.sent = 0
            yield floor, simulator, line
        finally:
            server.close()


def text_of(simulator: FocasSimulator) -> str | None:
    file = simulator.cnc.programs.files.get(f"{FOLDER}O1234")
    return digest(file.text.encode()) if file else None


async def test_a_program_is_replaced_and_reads_back(tmp_path: Path) -> None:
    async with floor_of(tmp_path) as (floor, simulator, _):
        outcome = await floor.gate.carry_out(floor.command(floor.order(serial=floor.serial)))
        assert outcome is not None
        assert (outcome.outcome, outcome.code, outcome.seen) == ("released", "", {})
        assert text_of(simulator) == digest(NEW)
        assert not [name for name in simulator.cnc.programs.files if "O79" in name]


async def test_the_selected_program_and_what_it_calls_are_not_written(tmp_path: Path) -> None:
    async with floor_of(tmp_path) as (floor, simulator, _):
        simulator.cnc.programs.files[f"{FOLDER}O0001"].text = "O0001\nM98P1234\nM30\n"
        outcome = await floor.gate.carry_out(floor.command(floor.order(serial=floor.serial)))
        assert outcome is not None
        assert outcome.code == "program.in_use"
        assert text_of(simulator) == digest(OLD)


@pytest.mark.parametrize("place", ["//CNC_MEM/USER/LIBRARY/", "//CNC_MEM/USER/PATH1/"])
async def test_what_a_called_program_calls_is_not_written_wherever_it_stands(tmp_path: Path, place: str) -> None:
    async with floor_of(tmp_path) as (floor, simulator, _):
        memory = simulator.cnc.programs
        memory.files[f"{FOLDER}O0001"].text = "O0001\nM98P55\nM30\n"
        memory.add(f"{place}O0055", now=simulator.cnc.now)
        memory.files[f"{place}O0055"].text = "O0055\nG65P1234\nM99\n"
        outcome = await floor.gate.carry_out(floor.command(floor.order(serial=floor.serial)))
        assert outcome is not None
        assert outcome.code == "program.in_use"


async def test_a_program_that_a_code_calls_by_parameter_is_not_written(tmp_path: Path) -> None:
    async with floor_of(tmp_path) as (floor, simulator, _):
        for number, value in ((6045, 1230), (6046, 5)):  # M codes call O1230 to O1234
            simulator.cnc.parameters.define(number, Parameter(ParameterType.LONG, [Value(value, 0)]))
        outcome = await floor.gate.carry_out(floor.command(floor.order(serial=floor.serial)))
        assert outcome is not None
        assert outcome.code == "program.in_use"


async def test_a_second_spindle_that_turns_slowly_is_not_idle(tmp_path: Path) -> None:
    async with floor_of(tmp_path) as (floor, simulator, _):
        simulator.cnc.control.spindles.append(StandaloneSpindle("S2", speed_rpm=0.7))
        outcome = await floor.gate.carry_out(floor.command(floor.order(serial=floor.serial)))
        assert outcome is not None
        assert (outcome.code, outcome.seen["spindle_rpm"]) == ("machine.not_idle", 1)


async def test_every_path_of_a_control_has_to_be_at_rest() -> None:
    class TwoPaths:
        opening = SimpleNamespace(paths=2)

        async def ask(self, calls: Sequence[Call[Any]]) -> list[Any]:
            return [self.answer(call) for call in calls]

        def answer(self, call: Call[Any]) -> Any:
            head = call.requests[0]
            if head.function == STATUS:
                words = dict.fromkeys(("motion", "mstb", "emergency", "alarm", "edit"), 0)
                return SimpleNamespace(aut=1, run=3 if head.path == 2 else 0, **words)
            return [] if len(call.requests) > 1 else Value(0, 0)

    status = await FocasControl(TwoPaths(), path=1).status()  # type: ignore[arg-type]
    assert reasons_against(status, now_ms=status.read_at_ms) == ("run is 3; expected 0.",)


async def test_values_of_every_kind_are_written_and_others_left_alone(tmp_path: Path) -> None:
    parameter, offset = ParameterTarget(6713, 0, "2-word", "150"), OffsetTarget(1, 2, "-0.015")
    async with floor_of(tmp_path) as (floor, _, _line):
        for number, (operation, target) in enumerate([("parameter", parameter), ("offset", offset)]):
            async with open_focas_control(floor.source) as control:
                before = await control.read_value(target)
            assert before is not None
            changed = {"operation": operation, "target": target, "sha256": floor.digest_of(target.value)}
            order = floor.macro(serial=floor.serial, nonce=f"{number:032x}", **changed, **floor.present_value(before))
            outcome = await floor.gate.carry_out(floor.command(order))
            assert outcome is not None
            assert (outcome.outcome, outcome.seen) == ("released", {})
            async with open_focas_control(floor.source) as control:
                assert float(await control.read_value(target) or "nan") == float(target.value)


async def frames_of_a_write(folder: Path) -> int:
    async with floor_of(folder) as (floor, _, line):
        await floor.gate.carry_out(floor.command(floor.order(serial=floor.serial)))
        return line.sent


@pytest.mark.parametrize("how", ["cut", "lost", "twice", "swapped"])
async def test_old_or_verified_new_whatever_happens_to_any_frame_of_a_transfer(tmp_path: Path, how: str) -> None:
    count = await frames_of_a_write(tmp_path / "whole")
    assert count > 10
    few = asyncio.Semaphore(AT_ONCE)

    async def one(at: int) -> str:
        async with few:
            return await bent_write(tmp_path / f"{at}", how, at)

    ends = await asyncio.gather(*[one(at) for at in range(count)])
    assert {"restored"} <= set(ends) <= {"released", "restored", "refused"}, ends


async def bent_write(folder: Path, how: str, at: int) -> str:
    """The outcome when frame `at` meets this, after the line is whole again."""
    async with floor_of(folder) as (floor, simulator, line):
        floor.gate.open_control = quick
        bend(line, how, at)
        outcome = await floor.gate.carry_out(floor.command(floor.order(serial=floor.serial)))
        line.cut_after, line.bend = -1, lambda frame: [frame]
        if outcome is None:
            outcome = await floor.gate.settle(MACHINE)
        assert outcome is not None, at
        assert text_of(simulator) == (digest(NEW) if outcome.outcome == "released" else digest(OLD)), at
        assert not [name for name in simulator.cnc.programs.files if "O79" in name], at
        return str(outcome.outcome)


@contextlib.asynccontextmanager
async def quick(source: SourceConfig) -> AsyncIterator[object]:
    """A lost frame is an answer that never comes: do not wait seconds for it here."""
    from greengrass_components.focas.client.client import FocasClient
    from greengrass_components.focas.errors import FocasError
    from greengrass_components.focas.gate.focas_control import FocasControl
    from greengrass_components.focas.gate.ports import ControlError

    try:
        client = await FocasClient.connect(source.host, source.port, timeout_s=0.3)
    except FocasError as error:
        raise ControlError(str(error)) from error
    async with client:
        yield FocasControl(client, path=1)


def bend(line: Line, how: str, at: int) -> None:
    held: list[bytes] = []
    if how == "cut":
        line.cut_after = at

    def bent(frame: bytes) -> list[bytes]:
        if line.sent - 1 == at:
            if how == "swapped":
                held.append(frame)
            return {"lost": [], "twice": [frame, frame], "swapped": [], "cut": [frame]}[how]
        return [frame, held.pop()] if held else [frame]

    line.bend = bent


async def test_a_snapshot_holds_programs_parameters_offsets_and_macros(tmp_path: Path) -> None:
    async with floor_of(tmp_path) as (floor, _, _line):
        serial, contents = await read_control(floor.source)
    items = {(content.item.kind, content.item.name): content.item for content in contents}
    assert serial == floor.serial
    assert items["program", f"{FOLDER}O1234"].sha256 == digest(OLD)
    assert {"parameters", "offsets", "macros"} <= {kind for kind, _ in items}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("M98 P1234", {1234}),
        ("M98P51234", {51234, 1234}),
        ("G65 P9010 A1.", {9010}),
        ("G66.1P0020", {20}),
        ("(M98 P5)\nM980\nG650", set()),
        ("m98 p12 l3", {12}),
        ("M098P0012\nM0198P7\nM96P8\nG72.1P9L2R1.", {12, 7, 8, 9}),
        ("#1=2 G65 P9010 Q5 ;", {9010}),
        ("G68.2 P1\nG#101 X1.\nG4P500", set()),
    ],
)
def test_calls_are_found_in_a_program(text: str, numbers: set[int]) -> None:
    assert called_numbers(text) == numbers


@pytest.mark.parametrize("text", ["M98 P#100", "G65 P[#1+1]", "M98 <SUB>", "M198", "G65P1.5", "G65P5M98P#1", "M#100P5"])
def test_calls_that_only_the_control_can_work_out_are_unclear(text: str) -> None:
    with pytest.raises(UnclearCall):
        called_numbers(text)
