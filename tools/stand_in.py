"""Tools in environments of their own below .cache: the CDK CLI, and ministack, whose pins the product cannot share."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.fetch_uv import fetch_uv

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
MINISTACK = "1.5.33"
# "latest" of the CLI at the time reads older assemblies than the library writes.
CDK_CLI = "2.1148.1"
_READY_WITHIN_S = 60


def cdk_cli() -> Path:
    """Path of the `cdk` program, installed once."""
    folder = CACHE / f"cdk-{CDK_CLI}"
    program = folder / "node_modules" / ".bin" / "cdk"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        npm = str(ROOT / ".venv" / "bin" / "npm")
        command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", f"aws-cdk@{CDK_CLI}"]
        subprocess.run(command, check=True, timeout=600, env=tool_environment())
    return program


@contextmanager
def ministack(*, auth: bool = False) -> Iterator[str]:
    """A running ministack; yields its URL and ends it afterwards.

    With `auth` it checks signatures and judges policies, and then refuses what `cdk deploy` does with its bucket.
    """
    folder = CACHE / f"ministack-{MINISTACK}"
    if not (folder / "bin" / "ministack").exists() or not list(folder.glob("lib/*/site-packages/boto3")):
        uv = str(fetch_uv(ROOT / ".tools"))
        subprocess.run([uv, "venv", "--clear", "--python", sys.executable, str(folder)], check=True, timeout=300)
        # Its functions run in this environment, and Lambda's always holds boto3.
        install = [uv, "pip", "install", "--python", str(folder / "bin" / "python"), f"ministack=={MINISTACK}", "boto3"]
        subprocess.run(install, check=True, timeout=600)
    port = free_port()
    settings = {"GATEWAY_PORT": str(port), "EDGE_PORT": str(port), "BIND_HOST": "127.0.0.1"}
    settings["AUTH"] = str(auth).lower()
    log = (CACHE / "ministack.log").open("wb")
    process = subprocess.Popen(
        [str(folder / "bin" / "ministack")], env=os.environ | settings, stdout=log, stderr=log, cwd=CACHE
    )
    try:
        wait_for(port, process, name="ministack")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


def tool_environment(**more: str) -> dict[str, str]:
    """This process's environment with the folder's own Node first on the path."""
    path = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return os.environ | {"PATH": path} | more


def free_port() -> int:
    """A TCP port of loopback that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int, process: "subprocess.Popen[bytes]", *, name: str) -> None:
    """Return when somebody listens on the port. Raises RuntimeError when the process ends or takes too long."""
    deadline = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with code {process.returncode}: see its output or log in {CACHE}")
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError(f"{name} did not listen on {port} within {_READY_WITHIN_S} s")
