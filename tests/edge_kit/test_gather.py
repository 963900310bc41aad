"""A loop that gathers loses nothing and sleeps no longer than it was told."""

import asyncio
import socket

from greengrass_components.edge_kit.gather import MANY, gathering_loop


async def echo_all(count: int) -> list[bytes]:
    """One byte through each of `count` connections that are open at once."""
    pairs = [socket.socketpair() for _ in range(count)]
    loop = asyncio.get_running_loop()
    for left, right in pairs:
        left.setblocking(False)
        right.setblocking(False)

    async def through(number: int) -> bytes:
        left, right = pairs[number]
        waiting = asyncio.create_task(loop.sock_recv(right, 10))
        await asyncio.sleep(0)
        await loop.sock_sendall(left, bytes([number % 256]))
        return await waiting

    try:
        async with asyncio.timeout(20):
            return await asyncio.gather(*(through(number) for number in range(count)))
    finally:
        for pair in pairs:
            for end in pair:
                end.close()


def test_every_answer_of_many_and_of_few_connections_arrives() -> None:
    for count in (3, MANY + 30):
        with asyncio.Runner(loop_factory=gathering_loop) as runner:
            assert runner.run(echo_all(count)) == [bytes([number % 256]) for number in range(count)]


def test_timers_and_calls_from_other_threads_are_served() -> None:
    async def both() -> str:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        loop.run_in_executor(None, lambda: loop.call_soon_threadsafe(done.set_result, "called"))
        await asyncio.sleep(0.01)
        return await asyncio.wait_for(done, 20)

    with asyncio.Runner(loop_factory=gathering_loop) as runner:
        assert runner.run(both()) == "called"
