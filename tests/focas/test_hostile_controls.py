"""A client against something that is no control, or a sick one: an own error in time, never a hang."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from greengrass_components.focas.client import FocasClient
from greengrass_components.focas.errors import (
    ConnectionLost,
    FocasError,
    MalformedFrame,
    MalformedReply,
    NoAnswer,
    Refused,
    SessionRefused,
    Unreachable,
)
from greengrass_components.focas.protocol.blocks import Reply, encode_body
from greengrass_components.focas.protocol.frame import Direction, Frame, Type
from greengrass_components.focas.protocol.functions.axes import actf
from greengrass_components.focas.protocol.functions.status import Status, encode_status, statinfo
from tests.focas.recorded import VECTORS

OPENING = VECTORS[0].frames("server")[0]
GOOD = VECTORS[1].frames("server")[0]
SHORT_S = 0.2
Serve = Callable[..., Awaitable[int]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """`await serve(opening, answer, ...)`: sends one of the byte strings for each frame that comes, then closes."""
    servers: list[asyncio.Server] = []
    talks: set[asyncio.Task[None]] = set()

    async def start(*answers: bytes | None, then_close: bool = True) -> int:
        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                for answer in answers:
                    await reader.read(4096)
                    if answer is not None:
                        writer.write(answer)
                        await writer.drain()
                if not then_close:
                    await reader.read(-1)
            except (ConnectionError, asyncio.CancelledError):
                pass
            finally:
                writer.close()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            talks.add(asyncio.create_task(converse(reader, writer)))

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    yield start
    for server in servers:
        server.close()
        await server.wait_closed()
    for talk in talks:
        talk.cancel()
    await asyncio.gather(*talks, return_exceptions=True)
    await asyncio.sleep(0)  # lets the transports that were closed finish


async def _connect(port: int) -> FocasClient:
    return await FocasClient.connect("127.0.0.1", port, timeout_s=SHORT_S)


async def test_a_closed_port_is_unreachable_and_says_where() -> None:
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1: Connection refused"):
        await _connect(1)


async def test_a_host_name_that_is_none_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        await FocasClient.connect("\udcff..no name", 8193, timeout_s=SHORT_S)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", MalformedFrame),
        (b"\xa0\xa0\xa0\xa0\0\3\1\2", NoAnswer),
        (OPENING[:100], NoAnswer),
        (bytes.fromhex("a0a0a0a0 0003 0102 ffff"), MalformedFrame),
        (bytes.fromhex("a0a0a0a0 0003 0202 0000"), MalformedFrame),
        (bytes.fromhex("a0a0a0a0 0003 0101 0000"), MalformedFrame),
        (bytes.fromhex("a0a0a0a0 0003 0102 0000"), MalformedReply),
        (bytes.fromhex("a0a0a0a0 0003 0103 0008 0000 0004 0000 0000"), SessionRefused),
        (bytes.fromhex("a0a0a0a0 0003 0103 0003 000000"), MalformedReply),
        (OPENING[:10] + bytes(len(OPENING) - 10), MalformedReply),
        (None, NoAnswer),
    ],
)  # fmt: skip
async def test_an_opening_that_is_none_ends_in_an_own_error(
    answer: bytes | None, error: type[FocasError], serve: Serve
) -> None:
    with pytest.raises(error):
        await _connect(await serve(answer, then_close=False))


async def test_a_control_that_closes_at_once_is_a_lost_connection(serve: Serve) -> None:
    with pytest.raises(ConnectionLost):
        await _connect(await serve())


def _damaged(at: int, value: int) -> bytes:
    return GOOD[:at] + bytes([value]) + GOOD[at + 1 :]


DAMAGE = [
    (GOOD[:9], NoAnswer),
    (GOOD[:40], NoAnswer),
    (_damaged(0, 0), MalformedFrame),  # magic
    (_damaged(6, 0x11), MalformedFrame),  # type
    (_damaged(7, 1), MalformedFrame),  # direction
    (_damaged(8, 0xFF), MalformedFrame),  # length above the limit
    (_damaged(9, 0x45), MalformedFrame),  # length one short
    (_damaged(9, 0x50), NoAnswer),  # length too long
    (_damaged(11, 2), MalformedFrame),  # count too small
    (_damaged(11, 9), MalformedFrame),  # count too large
    (_damaged(13, 0x1F), MalformedFrame),  # block length
    (_damaged(13, 0), MalformedFrame),
    (_damaged(19, 0x26), MalformedReply),  # another function
    (_damaged(17, 2), MalformedReply),  # another path
    (_damaged(27, 0x0D), MalformedReply),  # payload length
]


@pytest.mark.parametrize(("answer", "error"), DAMAGE)
async def test_a_damaged_answer_is_an_own_error_and_ends_the_session(
    answer: bytes, error: type[FocasError], serve: Serve
) -> None:
    client = await _connect(await serve(OPENING, answer, then_close=False))
    with pytest.raises(error):
        await client.call(statinfo())
    assert not client.alive
    with pytest.raises(ConnectionLost, match="given up"):
        await client.call(statinfo())
    await client.close()


async def test_an_answer_cut_by_the_end_of_the_connection_is_a_lost_connection(serve: Serve) -> None:
    client = await _connect(await serve(OPENING, GOOD[:30]))
    with pytest.raises(ConnectionLost, match="ended after"):
        await client.call(statinfo())
    await client.close()


async def test_a_late_answer_is_never_taken_for_the_answer_to_the_next_question(serve: Serve) -> None:
    client = await _connect(await serve(OPENING, None, GOOD, then_close=False))
    with pytest.raises(NoAnswer):
        await client.call(actf())
    with pytest.raises(ConnectionLost):
        await client.call(statinfo())
    await client.close()


async def test_a_cancelled_question_ends_the_session(serve: Serve) -> None:
    client = await _connect(await serve(OPENING, None, then_close=False))
    asking = asyncio.create_task(client.call(statinfo()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not client.alive
    await client.close()


@pytest.mark.parametrize("wrong_size", [0, 13, 15, 22])
async def test_a_status_of_a_wrong_size_is_malformed_and_says_which(wrong_size: int, serve: Serve) -> None:
    blocks = [Reply(0x19, bytes(wrong_size)), Reply(0xE1, bytes(4)), Reply(0x98, bytes(2))]
    frame = Frame(Type.COMMAND, Direction.REPLY, encode_body(blocks), 3)
    client = await _connect(await serve(OPENING, frame.encode(), then_close=False))
    with pytest.raises(MalformedReply, match=f"statinfo: expected 14 bytes, got {wrong_size}"):
        await client.call(statinfo())
    await client.close()


async def test_a_pdu_refused_whole_is_asked_again_call_by_call(serve: Serve) -> None:
    refused = bytes.fromhex("a0a0a0a0 0003 2103 0008 0000 ffef 0001 0000")
    status = [Reply(0x19, encode_status(Status(1, 3, 1, 0, 0, 0, 0))), Reply(0xE1, bytes(4)), Reply(0x98, bytes(2))]
    answered = Frame(Type.COMMAND, Direction.REPLY, encode_body(status), 3).encode()
    client = await _connect(await serve(OPENING, refused, answered, refused, then_close=False))
    found, refusal = await client.ask([statinfo(), actf()])
    assert found.run == 3
    assert isinstance(refusal, Refused)
    assert refusal.code == -17
    await client.close()


@pytest.mark.parametrize("step", [1, 7, 64])
async def test_answers_delivered_in_pieces_are_put_together(step: int) -> None:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in (OPENING, GOOD):
            await reader.read(4096)
            for at in range(0, len(answer), step):
                writer.write(answer[at : at + step])
                await writer.drain()
                await asyncio.sleep(0)
        await reader.read(4096)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(converse, "127.0.0.1", 0) as server:
        client = await FocasClient.connect("127.0.0.1", server.sockets[0].getsockname()[1], timeout_s=5)
        assert (await client.call(statinfo())).run == 3
        await client.close()
