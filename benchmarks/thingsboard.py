"""thingsboard-gateway 3.8.5 (Apache-2.0) as a peer: its own environment, configuration and process.

It is never part of the product: `make bench-peer` installs it into `.cache/thingsboard-gateway`.
"""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
HOME: Final = ROOT / ".cache" / "thingsboard-gateway"
VERSION: Final = "3.8.5"
NO_LIMIT: Final = "0:0,"


def installed() -> bool:
    return (HOME / "bin" / "python").exists()


@contextmanager
def running(folder: Path, *, mqtt: int, ports: Sequence[int], registers: int, limit: int = 125) -> Iterator[int]:
    """The gateway polling `registers` input registers (floats) of every port at 1 Hz; yields its process id.

    Range mode: one entry for all registers of a device, read `limit` at a time.
    """
    config = folder / "config"
    _write(config, mqtt=mqtt, ports=ports, registers=registers, limit=limit)
    environment = {**os.environ, "TB_GW_CONFIG_DIR": str(config) + "/", "TB_GW_LOGS_PATH": str(folder / "logs")}
    (folder / "logs").mkdir(exist_ok=True)
    command = [str(HOME / "bin" / "python"), "-m", "thingsboard_gateway.tb_gateway"]
    with (folder / "gateway.log").open("wb") as log:
        child = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            yield child.pid
        finally:
            child.kill()
            child.wait(timeout=20)


def _write(config: Path, *, mqtt: int, ports: Sequence[int], registers: int, limit: int) -> None:
    package = next(HOME.glob("lib/python*/site-packages/thingsboard_gateway/config"))
    config.mkdir(parents=True)
    main: dict[str, Any] = json.loads((package / "tb_gateway.json").read_text())
    main["thingsboard"] |= {
        "host": "127.0.0.1",
        "port": mqtt,
        "remoteConfiguration": False,
        "statistics": {"enable": False},
        "security": {"type": "accessToken", "accessToken": "bench"},
        "qos": 1,
        **dict.fromkeys(
            ("rateLimits", "dpRateLimits", "messagesRateLimits", "deviceMessagesRateLimits", "deviceRateLimits",
             "deviceDpRateLimits"),
            NO_LIMIT,
        ),
    }  # fmt: skip
    main["connectors"] = [{"name": "Modbus", "type": "modbus", "configuration": "modbus.json", "logLevel": "ERROR"}]
    (config / "tb_gateway.json").write_text(json.dumps(main))
    slaves = [_slave(number, port, registers, limit) for number, port in enumerate(ports)]
    (config / "modbus.json").write_text(json.dumps({"master": {"slaves": slaves}}))
    logs = json.loads((package / "logs.json").read_text().replace('"INFO"', '"ERROR"'))
    (config / "logs.json").write_text(json.dumps(logs))


def _slave(number: int, port: int, registers: int, limit: int) -> dict[str, Any]:
    return {
        "host": "127.0.0.1",
        "port": port,
        "type": "tcp",
        "method": "socket",
        "unitId": 1,
        "deviceName": f"Device {number:03d}",
        "deviceType": "default",
        "timeout": 5,
        "byteOrder": "BIG",
        "wordOrder": "BIG",
        "retries": 1,
        "pollPeriod": 1000,
        "connectAttemptTimeMs": 1000,
        "connectAttemptCount": 5,
        "waitAfterFailedAttemptsMs": 1000,
        "attributes": [],
        "attributeUpdates": [],
        "rpc": [],
        "timeseries": [
            {
                "tag": "value_${address}",
                "type": "32float",
                "functionCode": 4,
                "objectsCount": 2,
                "address": f"0-{registers - 1}",
                "maxRegistersPerRequest": limit,
            }
        ],
    }
