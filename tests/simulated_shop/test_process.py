"""The process of one simulated machine, over real sockets."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cnc.domain.telemetry.facts import Quality
from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.edge_kit.driver import Driver
from greengrass_components.focas.driver import open_driver as open_focas
from greengrass_components.modbus.driver import open_driver as open_modbus
from simulated_shop.demo import NORTHWIND, simulator_document

PATIENCE_S = 30.0
MACHINE = NORTHWIND.machines[0]


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def wait_until(condition: object, *, what: str) -> None:
    assert callable(condition)
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S} s: {what}"
        time.sleep(0.05)


@contextmanager
def simulated(folder: Path, ports: list[int]) -> Iterator["subprocess.Popen[str]"]:
    spec = folder / "machine.json"
    spec.write_text(json.dumps(simulator_document(MACHINE, NORTHWIND, ports=ports)))
    command = [sys.executable, "-m", "cli.simulate", "--spec", str(spec)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_until(lambda: all(map(answers, ports)) or process.poll() is not None, what="all ports answer")
            yield process
        finally:
            process.kill()


async def read(driver: Driver) -> tuple[int, dict[str, object]]:
    schema = await driver.connect()
    reading = await driver.read(tick_ms=0)
    await driver.close()
    signals = zip(schema.signals, reading.values, strict=True)
    return reading.quality, {signal.key: signal.value(value) for signal, value in signals}


async def test_one_process_serves_the_control_the_meter_and_the_sensor_of_one_machine(tmp_path: Path) -> None:
    ports = free_ports(3)
    with simulated(tmp_path, ports) as process:
        settings: list[dict[str, object]] = [{}, {"map": "energy_meter"}, {"map": "vibration_sensor"}]
        sources = [
            SourceConfig("d_0", "m_0", "any", 1_000, True, "127.0.0.1", port, setting)
            for port, setting in zip(ports, settings, strict=True)
        ]
        control, meter, sensor = (
            await read(open_focas(sources[0])),
            await read(open_modbus(sources[1])),
            await read(open_modbus(sources[2])),
        )
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
        assert process.stdout is not None
        assert process.stderr is not None
        assert (process.stdout.read(), process.stderr.read()) == ("", "")
    assert [quality for quality, _ in (control, meter, sensor)] == [Quality.GOOD] * 3
    assert control[1]["path1.program"] in MACHINE.programs
    assert control[1]["s1.temperature"] is not None
    assert meter[1]["electric.wattage"] is not None
    assert sensor[1]["sensor.x_self_test"] == "PASSED"


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    ports = free_ports(3)
    spec = tmp_path / "machine.json"
    spec.write_text(json.dumps(simulator_document(MACHINE, NORTHWIND, ports=ports)))
    code = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-m', 'cli.simulate', '--spec', {str(spec)!r}])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        try:
            wait_until(lambda: answers(ports[0]), what="the simulator answers")
        finally:
            parent.kill()
    wait_until(lambda: not answers(ports[0]), what="the simulator ended")
    wait_until(lambda: not alive(child), what="its process is gone")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_a_taken_port_is_one_clear_sentence_and_exit_code_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        spec = tmp_path / "machine.json"
        document = simulator_document(MACHINE, NORTHWIND, ports=[port, *free_ports(2)])
        spec.write_text(json.dumps(document))
        command = [sys.executable, "-m", "cli.simulate", "--spec", str(spec)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert ended.returncode == 2
    assert str(port) in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_bad_document_is_one_clear_sentence_and_exit_code_2(tmp_path: Path) -> None:
    spec = tmp_path / "machine.json"
    spec.write_text('{"v": 1, "shop": {"kind": "planer"}, "serve": [{"kind": "focas"}]}')
    command = [sys.executable, "-m", "cli.simulate", "--spec", str(spec)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert ended.returncode == 2
    assert "'planer': expected one of mill" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
