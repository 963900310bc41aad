"""Writer and relay as real processes, killed at random: nothing missing, nothing doubled, and the ledger says so."""

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import PIPE

from tests.edge_kit.fakes import SOURCE, FakeCloud, bootstrap, eventually
from tests.edge_kit.relay_process import frame, read_frame


@asynccontextmanager
async def cloud_at(path: Path, cloud: FakeCloud) -> AsyncIterator[None]:
    """Serve a cloud on a socket; one relay at a time."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        made = bootstrap(path.parent)
        topics = [made.down(channel) for channel in ("receipt", "config", "cmd")]
        await cloud.start(topics, lambda topic, payload: writer.write(frame(topic, payload)), lambda: None)
        try:
            while True:
                topic, payload = await read_frame(reader)
                await cloud.publish(topic, payload)
                writer.write(frame("ack", b""))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_unix_server(serve, path)
    try:
        yield
    finally:
        server.close()


async def run(module: str, *arguments: object) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *map(str, arguments), stdout=PIPE, stderr=None
    )


async def kill(process: asyncio.subprocess.Process) -> bytes:
    os.kill(process.pid, signal.SIGKILL)
    rest, _ = await asyncio.wait_for(process.communicate(), 10)
    return rest


async def test_writer_and_relay_killed_in_random_order_lose_and_double_nothing(tmp_path: Path) -> None:
    draw = random.Random(29)
    cloud, socket = FakeCloud(), tmp_path / "cloud.sock"
    said: set[tuple[str, int]] = set()
    async with cloud_at(socket, cloud):
        relay = await run("tests.edge_kit.relay_process", socket, tmp_path)
        for _ in range(5):
            writer = await run("tests.edge_kit.writer", bootstrap(tmp_path).journal("test"))
            assert writer.stdout
            lines = [await writer.stdout.readline() for _ in range(draw.randint(500, 3000))]
            if draw.random() < 0.7:
                await kill(relay)
                relay = await run("tests.edge_kit.relay_process", socket, tmp_path)
            lines += (await kill(writer)).splitlines(keepends=True)
            said |= {(boot, seq) for boot, seq in map(json.loads, (line for line in lines if line.endswith(b"\n")))}
        newest = max(boot for boot, _ in said)
        done = {row for row in said if row[0] < newest}  # the last boot ends only with a later record
        await eventually(lambda: done <= set(cloud.seqs(SOURCE)), within_s=60)
        await eventually(lambda: cloud.completeness().missing == 0, within_s=30)
        await kill(relay)
    seqs = cloud.seqs(SOURCE)
    assert len(seqs) == len(set(seqs))
    assert cloud.rewritten == []
    found = cloud.completeness()
    assert (found.declared_gaps, found.missing, found.duplicates) == (0, 0, 0)
    assert found.produced == found.stored
