"""The component as a process: from the journal to a host, and an orderly end."""

import asyncio
import json
import signal
import sys
from pathlib import Path

from greengrass_components.edge_kit.status import read_status
from tests.edge_kit.fakes import HandPace, bootstrap, open_journal
from tests.sparkplug.broker import SCHEMA, SOURCES, broker, free_port, host
from tests.sparkplug.decoder import value_of

BOOTSTRAP = 'thing = "{0.thing}"\ntenant = "{0.tenant}"\nsite = "{0.site}"\ndata = "data"\nlink = "ipc"\n'


async def test_rows_of_a_journal_are_data_at_a_host_until_the_process_ends_in_order(tmp_path: Path) -> None:
    made, port, machine = bootstrap(tmp_path / "data"), free_port(), "m_" + "0" * 16
    journal = open_journal(made, HandPace())
    source = journal.source(SOURCES[0], schema=SCHEMA, period_ms=1000)
    source.append(1_000_000, (1, 12_500), 0)
    row = {"id": SOURCES[0], "machine": machine, "component": "test", "period_ms": 1000}
    settings = {"enabled": True, "host": "127.0.0.1", "port": port, "node": "edge", "names": {machine: "Mill 1"}}
    document = {"v": 1, "version": 1, "tenant": made.tenant, "site": made.site, "thing": made.thing, "sources": [row]}
    made.config_path.write_text(json.dumps({**document, "outputs": {"sparkplug": settings}}))
    (tmp_path / "bootstrap.toml").write_text(BOOTSTRAP.format(made))
    async with broker(port), host(port) as heard:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "greengrass_components.sparkplug", "--bootstrap", str(tmp_path / "bootstrap.toml")
        )
        try:
            await heard.hears("DBIRTH")
            assert heard.heard[1][0] == f"spBv1.0/{made.site}/DBIRTH/edge/Mill 1"
            source.append(1_001_000, (1, 13_000), 0)
            await heard.hears("DDATA")
            assert [value_of(metric) for metric in heard.last("DDATA").metrics] == [13.0]
            process.send_signal(signal.SIGTERM)
            await heard.hears("NDEATH")
            assert await asyncio.wait_for(process.wait(), 15) == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    status = read_status(made.data / "output" / "sparkplug")
    assert status is not None
    assert status.state == "stopped"
