"""Opening, roles, closing, and how a control treats what no decent client sends."""

import asyncio

import pytest

from greengrass_components.focas.client import FocasClient
from greengrass_components.focas.errors import SessionRefused, Unreachable
from greengrass_components.focas.protocol.frame import Direction, Frame, Type
from greengrass_components.focas.protocol.functions.identity import sysinfo
from greengrass_components.focas.protocol.functions.status import statinfo
from greengrass_components.focas.protocol.session import Role, close_frame, open_frame
from greengrass_components.focas.simulator import Persona
from tests.focas.conftest import MakeClient, MakeSimulator
from tests.focas.wire import STATINFO, Wire


async def test_a_client_learns_what_the_control_is(client: FocasClient) -> None:
    system = await client.call(sysinfo())
    assert (system.cnc_type, system.mt_type, system.series, system.axes) == ("31", "M", "G421", 3)
    assert system.model == "31i-B"
    assert (client.opening.axes, client.opening.spindles, client.opening.paths) == (3, 1, 1)


@pytest.mark.parametrize("version", [2, 3, 4])
async def test_a_control_answers_in_its_own_version(version: int, simulate: MakeSimulator) -> None:
    async with Wire(await simulate(persona=Persona(version=version))) as wire:
        for frame in (open_frame(Role.COMMAND), STATINFO, close_frame()):
            assert (await wire.ask(frame)).version == version


async def test_commands_on_the_transfer_connection_are_cut_off(simulate: MakeSimulator) -> None:
    async with Wire(await simulate()) as wire:
        await wire.opened(Role.TRANSFER)
        await wire.send(STATINFO.encode())
        assert await wire.ended() == b""


@pytest.mark.parametrize("kind", [Type.START_DOWNLOAD, Type.START_UPLOAD, Type.END_DOWNLOAD])
async def test_transfers_on_the_command_connection_are_cut_off(kind: Type, simulate: MakeSimulator) -> None:
    async with Wire(await simulate()) as wire:
        await wire.opened(Role.COMMAND)
        await wire.send(Frame(kind, Direction.REQUEST, bytes(516)).encode())
        assert await wire.ended() == b""


async def test_a_second_opening_is_not_answered_and_does_no_harm(simulate: MakeSimulator) -> None:
    async with Wire(await simulate()) as wire:
        await wire.opened(Role.COMMAND)
        await wire.send(open_frame(Role.COMMAND).encode())
        assert (await wire.ask(STATINFO)).kind == "2102"


async def test_a_control_without_free_sessions_refuses_with_4(simulate: MakeSimulator) -> None:
    simulator = await simulate(persona=Persona(sessions=2))
    async with Wire(simulator) as first, Wire(simulator) as second:
        await first.opened(Role.COMMAND)
        await second.opened(Role.COMMAND)
        with pytest.raises(SessionRefused, match="no free session") as refusal:
            await FocasClient.connect(simulator.host, simulator.port)
        assert refusal.value.code == 4


async def test_a_session_is_free_again_when_its_client_has_gone(simulate: MakeSimulator, connect: MakeClient) -> None:
    simulator = await simulate(persona=Persona(sessions=1))
    async with Wire(simulator) as wire:
        await wire.opened(Role.COMMAND)
    await _until(lambda: simulator.sessions == 0)
    assert (await (await connect(simulator)).call(statinfo())).run == 3


async def _until(true: object) -> None:
    async with asyncio.timeout(5):
        while not true():  # type: ignore[operator]
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "first", [b"GET / HTTP/1.1\r\n\r\n", bytes(10), STATINFO.encode(), close_frame().encode(),
              open_frame(Role.COMMAND).encode()[:11] + b"\7"]
)  # fmt: skip
async def test_anything_but_an_opening_ends_the_connection(first: bytes, simulate: MakeSimulator) -> None:
    async with Wire(await simulate()) as wire:
        await wire.send(first)
        assert await wire.ended() == b""


async def test_a_wrong_magic_later_ends_this_connection_and_no_other(simulate: MakeSimulator) -> None:
    simulator = await simulate()
    async with Wire(simulator) as good, Wire(simulator) as bad:
        await good.opened(Role.COMMAND)
        await bad.opened(Role.COMMAND)
        await bad.send(b"\xa0\xa0\xa0\xa1" + STATINFO.encode()[4:])
        assert await bad.ended() == b""
        assert (await good.ask(STATINFO)).kind == "2102"


async def test_an_impossible_length_ends_the_connection(simulate: MakeSimulator) -> None:
    async with Wire(await simulate()) as wire:
        await wire.opened(Role.COMMAND)
        await wire.send(bytes.fromhex("a0a0a0a0 0001 2101 ffff"))
        assert await wire.ended() == b""


@pytest.mark.parametrize(
    "body", [b"", b"\0", b"\0\0", b"\0\1\0\5", b"\0\1\0\x1c" + bytes(25), b"\0\2\0\x1c" + bytes(26)]
)
async def test_a_command_that_is_no_command_is_refused_whole(body: bytes, simulate: MakeSimulator) -> None:
    async with Wire(await simulate()) as wire:
        await wire.opened(Role.COMMAND)
        refusal = await wire.ask(Frame(Type.COMMAND, Direction.REQUEST, body))
        assert (refusal.kind, refusal.body.hex()) == ("2103", "0000ffef00010000")
        assert (await wire.ask(STATINFO)).kind == "2102"


async def test_frames_delivered_byte_by_byte_are_understood(simulate: MakeSimulator) -> None:
    async with Wire(await simulate()) as wire:
        for frame in (open_frame(Role.COMMAND), STATINFO):
            for at in range(len(frame.encode())):
                await wire.send(frame.encode()[at : at + 1])
            assert (await wire.read()).direction == Direction.REPLY


async def test_two_frames_in_one_packet_are_both_answered(simulate: MakeSimulator) -> None:
    async with Wire(await simulate()) as wire:
        await wire.send(open_frame(Role.COMMAND).encode() + STATINFO.encode() + STATINFO.encode())
        assert [(await wire.read()).kind for _ in range(3)] == ["0102", "2102", "2102"]


@pytest.mark.parametrize("cut", [1, 9, 11, 20])
async def test_a_client_that_vanishes_in_the_middle_of_a_frame_leaves_no_trace(
    cut: int, simulate: MakeSimulator
) -> None:
    simulator = await simulate()
    async with Wire(simulator) as wire:
        await wire.opened(Role.COMMAND)
        await wire.send(STATINFO.encode()[:cut])
    await _until(lambda: simulator.sessions == 0)


async def test_a_silent_connection_is_dropped(simulate: MakeSimulator) -> None:
    async with Wire(await simulate(persona=Persona(idle_s=0.05))) as wire:
        await wire.opened(Role.COMMAND)
        assert await wire.ended() == b""


async def test_stopping_the_simulator_ends_every_connection(simulate: MakeSimulator) -> None:
    simulator = await simulate()
    async with Wire(simulator) as wire:
        await wire.opened(Role.COMMAND)
        await simulator.stop()
        assert await wire.ended() == b""
    with pytest.raises(Unreachable):
        await FocasClient.connect(simulator.host, simulator.port)
