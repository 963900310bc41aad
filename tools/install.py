"""Installs what the product needs into the project folder. Standard library alone: it runs before anything is there.

Usage: python3 tools/install.py. Ends with code 2 and one sentence when this machine cannot run the product.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.fetch_uv import Unavailable, fetch_uv  # noqa: E402 - the project folder has to be on the path first

_NEEDED_BYTES = 3 * 1024**3
_NODE_PROJECTS = ("local_cloud/engines", "portal", "tests/sso/peers")
_INPUTS = ("uv.lock", "pyproject.toml", *(f"{project}/package-lock.json" for project in _NODE_PROJECTS))
_STAMP = Path(".venv", ".installed")


def main() -> int:
    """Install, or say in one sentence why not."""
    try:
        install()
    except Unavailable as reason:
        print(f"cnc: {reason}", file=sys.stderr)
        return 2
    return 0


def install() -> None:
    """Bring .venv and the node_modules folders up to the lock files; does nothing when they already are."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what an old Python meets first
        raise Unavailable(f"Python {platform.python_version()} found, 3.11 or newer needed: set PYTHON=python3.13")
    wanted = _wanted()
    if is_installed(ROOT, wanted):
        return
    _check_disk()
    if not shutil.which("git"):
        raise Unavailable("git was not found: install it and run the command again")
    _say("Getting uv")
    uv = fetch_uv(ROOT / ".tools")
    _say("Installing the Python packages of uv.lock into .venv")
    _run([str(uv), "sync", "--frozen", "--python", sys.executable], where=ROOT, what="the Python packages")
    for project in _NODE_PROJECTS:
        if (ROOT / project / "package-lock.json").is_file():
            _say(f"Installing the Node packages of {project}")
            _run(
                [str(_venv("npm")), "ci", "--no-audit", "--no-fund"],
                where=ROOT / project,
                what=f"the packages of {project}",
            )
    (ROOT / _STAMP).write_text(wanted)


def is_installed(root: Path, wanted: str) -> bool:
    """Whether an earlier installation of the same lock files is still whole."""
    stamp = root / _STAMP
    projects = (root / project for project in _NODE_PROJECTS)
    return (
        stamp.is_file()
        and stamp.read_text() == wanted
        and all(
            (project / "node_modules").is_dir() for project in projects if (project / "package-lock.json").is_file()
        )
    )


def _wanted() -> str:
    seen = hashlib.sha256(f"{sys.version_info[:2]} {platform.machine()}".encode())
    for name in _INPUTS:
        path = ROOT / name
        seen.update(path.read_bytes() if path.is_file() else b"-")
    return seen.hexdigest()


def _check_disk() -> None:
    free = shutil.disk_usage(ROOT).free
    if free < _NEEDED_BYTES:
        raise Unavailable(f"{free / 1e9:.1f} GB free at {ROOT}, {_NEEDED_BYTES / 1e9:.1f} GB needed: make room first")


def _run(command: list[str], *, where: Path, what: str) -> None:
    environment = os.environ | {"PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    environment.pop("VIRTUAL_ENV", None)
    try:
        done = subprocess.run(command, cwd=where, env=environment, timeout=1800, check=False)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(
            f"installing {what} took longer than {error.timeout:.0f} s: check the network and try again"
        ) from error
    if done.returncode:
        raise Unavailable(
            f"installing {what} failed (code {done.returncode}, see above): check the network and try again"
        )


def _venv(tool: str) -> Path:
    return ROOT / ".venv" / "bin" / tool


def _say(what: str) -> None:
    print(f"  {what} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
