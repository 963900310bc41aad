"""A driver component as a real process: follows its configuration, ends in order, and refuses what it cannot use."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from greengrass_components.edge_kit import records, recovery
from greengrass_components.edge_kit.config import BadConfig, bootstrap_from, parse_config, read_bootstrap
from greengrass_components.edge_kit.head import read_head
from greengrass_components.edge_kit.status import read_status

IDS = {"thing": "g_" + "0" * 16, "tenant": "t_" + "0" * 16, "site": "s_" + "0" * 16}
SOURCES = [f"d_{number:016d}" for number in range(3)]
TLS = {"endpoint": "localhost", "ca": "ca.pem", "cert": "c.pem", "key": "k.pem"}


def document(version: int, ids: list[str], **changes: Any) -> bytes:
    rows = [{"id": s, "machine": "m_" + "0" * 16, "component": "synthetic", "rate_hz": 20} for s in ids]
    return json.dumps({"v": 1, "version": version, **IDS, "sources": rows, **changes}).encode()


def until(condition: Callable[[], bool], within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    bootstrap = tmp_path / "bootstrap.toml"
    bootstrap.write_text("".join(f'{k} = "{v}"\n' for k, v in {**IDS, **TLS, "data": "."}.items()))
    running: list[subprocess.Popen[bytes]] = []

    def begin() -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "greengrass_components.synthetic", "--bootstrap", str(bootstrap)]
        running.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.wait(10)


def sources_with_rows(folder: Path) -> set[str]:
    names: dict[int, str] = {}
    found = set()
    for path in recovery.segments_of(folder):
        for _, body in records.scan(path.read_bytes(), 0, records.Scan(0)):
            if body[0] == records.SOURCE:
                names[records.unpack_source(body).number] = records.unpack_source(body).source
            elif body[0] == records.ROW:
                found.add(names[records.row_head(body)[0]])
    return found


def test_sources_appear_and_vanish_with_the_configuration(
    tmp_path: Path, start: Callable[[], "subprocess.Popen[bytes]"]
) -> None:
    folder = tmp_path / "journal" / "synthetic"
    process = start()
    until(lambda: (status := read_status(folder)) is not None and status.state == "waiting")
    (tmp_path / "config.json").write_bytes(document(1, SOURCES[:1]))
    until(lambda: sources_with_rows(folder) == {SOURCES[0]})
    (tmp_path / "config.json").write_bytes(document(2, SOURCES[1:]))
    until(lambda: sources_with_rows(folder) == set(SOURCES))
    (tmp_path / "config.json").write_bytes(b'{"v":1,"version":3')  # cannot be used: the old one stays in force
    until(lambda: (status := read_status(folder)) is not None and set(status.sources) == set(SOURCES[1:]))
    process.terminate()
    assert process.wait(10) == 0
    head, status = read_head(folder), read_status(folder)
    assert head is not None
    assert head.clean
    assert status is not None
    assert (status.state, status.config_version) == ("stopped", 2)


def test_a_component_ends_with_its_parent(tmp_path: Path) -> None:
    bootstrap = tmp_path / "bootstrap.toml"
    bootstrap.write_text("".join(f'{k} = "{v}"\n' for k, v in {**IDS, **TLS, "data": "."}.items()))
    program = (
        "import subprocess, sys, time\n"
        f"command = [sys.executable, '-m', 'greengrass_components.synthetic', '--bootstrap', {str(bootstrap)!r}]\n"
        "print(subprocess.Popen(command, stderr=subprocess.DEVNULL).pid, flush=True)\n"
        "time.sleep(3600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    folder = tmp_path / "journal" / "synthetic"
    until(lambda: read_status(folder) is not None)
    parent.kill()
    parent.wait(10)
    parent.stdout.close()
    until(lambda: (status := read_status(folder)) is not None and status.state == "stopped")
    until(lambda: not Path(f"/proc/{child}").exists() or "zombie" in Path(f"/proc/{child}/status").read_text())


@pytest.mark.parametrize("module", ["synthetic", "relay"])
@pytest.mark.parametrize("text", ["", "thing = 5", 'thing = "g_1"', "= x"])
def test_a_bootstrap_that_cannot_be_used_is_one_sentence_and_exit_code_2(
    tmp_path: Path, module: str, text: str
) -> None:
    bootstrap = tmp_path / "bootstrap.toml"
    bootstrap.write_text(text)
    command = [sys.executable, "-m", f"greengrass_components.{module}", "--bootstrap", str(bootstrap)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert str(bootstrap) in done.stderr


def test_a_bootstrap_file_may_name_its_neighbours(tmp_path: Path) -> None:
    path = tmp_path / "bootstrap.toml"
    path.write_text("".join(f'{k} = "{v}"\n' for k, v in {**IDS, **TLS, "data": "gateway"}.items()))
    made = read_bootstrap(path)
    assert made.data == tmp_path / "gateway"
    assert made.up("receipt") == f"$aws/rules/receipt/cnc/{IDS['tenant']}/{IDS['site']}/{IDS['thing']}/receipt"
    assert made.down("cmd") == f"cnc/{IDS['tenant']}/{IDS['site']}/{IDS['thing']}/cmd"


def test_below_the_nucleus_no_certificate_is_needed(tmp_path: Path) -> None:
    assert bootstrap_from({**IDS, "link": "ipc", "data": "."}, base=tmp_path, name="x").link == "ipc"
    with pytest.raises(BadConfig, match="needs endpoint, ca, cert and key"):
        bootstrap_from({**IDS, "data": "."}, base=tmp_path, name="x")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        document(1, [*SOURCES, SOURCES[0]]),
        document(-1, []),
        document(1, [], tenant="t_1"),
        document(1, [], sources=[{"id": SOURCES[0]}]),
        document(1, [], receipt_every_s=0),
        document(1, [], sources=5),
    ],
)
def test_a_document_that_cannot_be_used_is_refused(data: bytes) -> None:
    with pytest.raises(BadConfig, match="configuration document"):
        parse_config(data)


def test_settings_of_a_component_stay_with_its_source() -> None:
    (source,) = parse_config(
        document(1, [], sources=[{"id": SOURCES[0], "machine": "m_" + "0" * 16, "component": "modbus",
                                  "period_ms": 500, "host": "h", "port": 502, "unit": 3, "map": "meter"}])
    ).sources  # fmt: skip
    assert (source.period_ms, source.host, source.port) == (500, "h", 502)
    assert source.settings == {"unit": 3, "map": "meter"}
