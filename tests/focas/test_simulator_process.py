"""`python -m greengrass_components.focas.simulator`."""

import asyncio
import sys

from greengrass_components.focas.client import FocasClient
from greengrass_components.focas.protocol.functions.identity import sysinfo
from greengrass_components.focas.simulator import FocasSimulator, StandaloneControl

WAIT_S = 30


async def _start(*words: str) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "greengrass_components.focas.simulator", *words)
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)


async def test_it_serves_until_it_is_told_to_end() -> None:
    process = await _start("--port", "0", "--kind", "lathe")
    assert process.stdout is not None
    async with asyncio.timeout(WAIT_S):
        line = (await process.stdout.readline()).decode()
        port = int(line.strip().rsplit(":", 1)[1])
        async with await FocasClient.connect("127.0.0.1", port) as client:
            assert (await client.call(sysinfo())).mt_type == "T"
        process.terminate()
        _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")


async def test_a_taken_port_is_one_clear_sentence_and_exit_code_2() -> None:
    async with FocasSimulator(StandaloneControl()) as other:
        process = await _start("--port", str(other.port))
        async with asyncio.timeout(WAIT_S):
            _, errors = await process.communicate()
    assert process.returncode == 2
    assert errors.decode().startswith(f"cannot listen on 127.0.0.1:{other.port}: ")
    assert errors.count(b"\n") == 1
