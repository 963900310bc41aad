"""The DynamoDB engine: dynoxide, a native binary on SQLite. To change the engine, change this file."""

import platform
import subprocess
import sys
from pathlib import Path

from local_cloud.processes import ProcessSpec

FOLDER = Path(__file__).parent
INSTALL_WITHIN_S = 300


class NoEngine(RuntimeError):
    """The engine is not there and could not be installed; the text says what to do."""


def _platform() -> str:
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(
        platform.machine().lower(), platform.machine()
    )
    return f"{sys.platform}-{machine}"


def binary() -> Path:
    return FOLDER / "node_modules" / "@dynoxide" / _platform() / "dynoxide"


def install() -> None:
    """`npm ci` with the lock beside this file, when the binary is missing. Raises NoEngine."""
    if binary().is_file():
        return
    npm = Path(sys.executable).with_name("npm")
    done = subprocess.run(
        [str(npm), "ci", "--no-audit", "--no-fund"],
        cwd=FOLDER,
        capture_output=True,
        timeout=INSTALL_WITHIN_S,
        check=False,
    )
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise NoEngine(f"npm ci in {FOLDER} failed ({''.join(last)}); is the npm registry reachable?")
    if not binary().is_file():
        raise NoEngine(f"there is no @dynoxide package for {_platform()} in {FOLDER / 'package.json'}")


def spec(*, port: int, data: Path) -> ProcessSpec:
    """The process of the engine; its tables live in one file under `data`."""
    data.mkdir(parents=True, exist_ok=True)
    argv = [
        str(binary()),
        "serve",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--db-path",
        str(data / "dynamodb.sqlite"),
    ]
    return ProcessSpec("dynamodb", argv, port=port)
