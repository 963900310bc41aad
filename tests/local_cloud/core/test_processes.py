"""The process table with real processes."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from local_cloud.processes import ProcessSpec, ProcessTable, StartFailed
from tests.local_cloud.core.running import free_port, until

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def seen() -> list[dict[str, int]]:
    return []


@pytest.fixture
def table(tmp_path: Path, seen: list[dict[str, int]]) -> Iterator[ProcessTable]:
    made = ProcessTable(logs=tmp_path / "logs", on_processes=seen.append)
    yield made
    made.stop()


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_killed_process_is_started_again_and_the_map_says_so(table: ProcessTable, seen: list[dict[str, int]]) -> None:
    table.add(ProcessSpec("one", SLEEP))
    first = until(lambda: table.pids().get("one"))
    os.kill(first, signal.SIGKILL)
    until(lambda: table.pids().get("one") not in (None, first), what="a new pid")
    assert [one.get("one") for one in seen if one.get("one")][:1] == [first]
    assert "one" in seen[-1]


def test_ready_means_that_the_port_accepts(table: ProcessTable) -> None:
    port = free_port()
    code = f"import socket,time; time.sleep(0.5); s=socket.create_server(('127.0.0.1', {port})); time.sleep(600)"
    table.add(ProcessSpec("server", [sys.executable, "-c", code], port=port))
    with __import__("socket").create_connection(("127.0.0.1", port), 1):
        pass


def test_a_process_that_never_comes_up_is_named_with_its_last_words(table: ProcessTable) -> None:
    argv = [sys.executable, "-c", "import sys; sys.exit('no such thing')"]
    with pytest.raises(StartFailed, match=r"(?s)broken.*no such thing"):
        table.add(ProcessSpec("broken", argv, port=free_port(), ready_within_s=30))


def test_a_name_is_taken_once(table: ProcessTable) -> None:
    table.add(ProcessSpec("one", SLEEP))
    with pytest.raises(ValueError, match="one"):
        table.add(ProcessSpec("one", SLEEP))


def test_grandchildren_that_are_reported_are_in_the_map(table: ProcessTable) -> None:
    code = """import json, time; print(json.dumps({"name": "grand", "pid": 4242}), flush=True); time.sleep(600)"""
    table.add(ProcessSpec("parent", [sys.executable, "-c", code], reports=True))
    until(lambda: table.pids().get("grand") == 4242)


def test_stop_ends_everything_even_what_ignores_sigterm(tmp_path: Path) -> None:
    table = ProcessTable(logs=tmp_path, on_processes=lambda _pids: None)
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    )
    table.add(ProcessSpec("stubborn", [sys.executable, "-c", stubborn]))
    table.add(ProcessSpec("mild", SLEEP))
    until(lambda: "up" in table.log_path("stubborn").read_text(), what="the stubborn one")
    pids = [table.pids()[name] for name in ("stubborn", "mild")]
    table.stop()
    assert not any(alive(pid) for pid in pids)


def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    script = textwrap.dedent(f"""
        import time
        from pathlib import Path
        from local_cloud.processes import ProcessSpec, ProcessTable
        table = ProcessTable(logs=Path({str(tmp_path)!r}), on_processes=lambda pids: print(pids.get("one"), flush=True))
        table.add(ProcessSpec("one", {SLEEP!r}))
        time.sleep(600)
    """)
    supervisor = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    child = int(supervisor.stdout.readline())
    assert alive(child)
    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()
    until(lambda: not alive(child), what="the child to end")
