"""What is made once and kept until its inputs change: the assembly and the portal's pages."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from cli.refusal import CannotStart

ROOT = Path(__file__).resolve().parent.parent
_BIN = Path(sys.executable).parent
_TIMEOUT_S = 600
#: The stage that runs on a laptop; a name like any other.
STAGE = "local"
_ASSEMBLY_INPUTS = (
    "app.py",
    "cdk.json",
    "uv.lock",
    "infra_cdk/**/*.py",
    "functions/*/function.toml",
    "iot_rules/*/rule.*",
    "greengrass_components/*/recipe.yaml",
    "greengrass_components/*/manifest.toml",
)
_PORTAL_INPUTS = (
    "portal/index.html",
    "portal/package-lock.json",
    "portal/*.ts",
    "portal/tsconfig*.json",
    "portal/src/**/*",
    "portal/public/**/*",
    "graphql/operations/*.graphql",
)


def assembly() -> Path:
    """The synthesised assembly, `cdk.out`; made again when a declaration changed."""
    folder = ROOT / "cdk.out"
    wanted = _digest(_ASSEMBLY_INPUTS)
    if _kept(folder / ".inputs", wanted):
        return folder
    context = json.dumps({"stage": STAGE})
    _run([sys.executable, "app.py"], where=ROOT, what="synthesising the template", CDK_CONTEXT_JSON=context)
    (folder / ".inputs").write_text(wanted)
    return folder


def portal() -> Path:
    """The built pages, `portal/dist`; made again when a source changed."""
    folder = ROOT / "portal" / "dist"
    wanted = _digest(_PORTAL_INPUTS)
    if _kept(folder / ".inputs", wanted):
        return folder
    _run([str(_BIN / "npm"), "run", "--silent", "build"], where=ROOT / "portal", what="building the portal")
    (folder / ".inputs").write_text(wanted)
    return folder


def _kept(stamp: Path, wanted: str) -> bool:
    return stamp.is_file() and stamp.read_text() == wanted


def _digest(patterns: Iterable[str]) -> str:
    seen = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}):
        seen.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return seen.hexdigest()


def _run(command: list[str], *, where: Path, what: str, **environment: str) -> None:
    path = f"{_BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        done = subprocess.run(
            command,
            cwd=where,
            env=os.environ | {"PATH": path} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_TIMEOUT_S,
            check=False,
            text=True,
        )
    except FileNotFoundError as error:
        raise CannotStart(f"{command[0]} is missing: run `make install` again") from error
    except subprocess.TimeoutExpired as error:
        raise CannotStart(f"{what} took longer than {_TIMEOUT_S} s") from error
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        raise CannotStart(f"{what} failed with code {done.returncode} (output above)")
