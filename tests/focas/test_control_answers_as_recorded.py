"""Replays every recorded exchange, in its order and over real sockets, against the simulated control."""

import asyncio

import pytest

from greengrass_components.focas.protocol.blocks import decode_replies
from greengrass_components.focas.protocol.frame import HEADER, decode, decode_header
from tests.focas.recorded import VECTORS, Vector, recording_simulator

Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]
DRIVE_INFORMATION = 110  # the recording server invented its page counts


async def _frame(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(10):
        head = await reader.readexactly(HEADER.size)
        return head + await reader.readexactly(decode_header(head).length)


async def _replay() -> dict[int, list[bytes]]:
    async with recording_simulator() as simulator:
        wires: dict[str, Wire] = {}
        for name in ("1", "2"):
            wires[name] = await asyncio.open_connection(simulator.host, simulator.port)
        wires["transfer"], wires["command"] = wires["1"], wires["2"]
        answers: dict[int, list[bytes]] = {}
        for vector in VECTORS:
            answers[vector.index] = [
                frame for who, sent in vector.exchange for frame in await _step(vector, who, sent, wires)
            ]
        for _, writer in (wires["1"], wires["2"]):
            writer.close()
        return answers


async def _step(vector: Vector, who: str, sent: bytes, wires: dict[str, Wire]) -> list[bytes]:
    reader, writer = wires[who[-1]] if who[-1] in "12" else wires[vector.connection]
    if who.startswith("client"):
        writer.write(sent)
        return []
    return [await _frame(reader)]


@pytest.fixture(scope="module")
def answers() -> dict[int, list[bytes]]:
    return asyncio.run(_replay())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.id)
def test_the_control_answers_byte_for_byte_as_recorded(vector: Vector, answers: dict[int, list[bytes]]) -> None:
    if vector.index == DRIVE_INFORMATION:
        assert [len(frame) for frame in answers[vector.index]] == [len(frame) for frame in vector.frames("server")]
    else:
        assert [frame.hex() for frame in answers[vector.index]] == [frame.hex() for frame in vector.frames("server")]


def test_the_recordings_are_all_there(answers: dict[int, list[bytes]]) -> None:
    assert len(answers) == 141
    assert sum(len(frames) for frames in answers.values()) == sum(len(v.frames("server")) for v in VECTORS)


def test_a_refusal_was_recorded_with_its_code() -> None:
    missing = next(vector for vector in VECTORS if "31999" in vector.args)
    [reply] = decode_replies(decode(missing.frames("server")[0]).body)
    assert (reply.code, reply.payload) == (3, b"")
