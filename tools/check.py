"""`make test`: every check of the product, one after the other, each named; the first that fails ends it."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_BIN = ROOT / ".venv" / "bin"


def main(arguments: list[str]) -> int:
    """Run the checks; extra arguments go to pytest."""
    for name, command, where in _checks(arguments):
        started = time.monotonic()
        print(f"== {name}", flush=True)
        environment = os.environ | {"PATH": f"{_BIN}{os.pathsep}{os.environ['PATH']}"}
        code = subprocess.run(command, cwd=where, env=environment, check=False, timeout=3600).returncode
        print(
            f"== {name}: {'ok' if code == 0 else f'failed ({code})'} in {time.monotonic() - started:.0f} s", flush=True
        )
        if code:
            return code
    if not shutil.which("chromium") and not os.environ.get("REQUIRE_BROWSER"):
        print("!! No chromium found: ALL BROWSER TESTS WERE SKIPPED (see the count above).", flush=True)
    return 0


def _checks(arguments: list[str]) -> list[tuple[str, list[str], Path]]:
    return [
        ("ruff", [str(_BIN / "ruff"), "check", "."], ROOT),
        ("format", [str(_BIN / "ruff"), "format", "--check", "."], ROOT),
        ("import contracts", [str(_BIN / "lint-imports")], ROOT),
        ("mypy", [str(_BIN / "mypy")], ROOT),
        ("portal types", [str(_BIN / "npm"), "run", "--silent", "typecheck"], ROOT / "portal"),
        ("portal units", [str(_BIN / "npm"), "run", "--silent", "test"], ROOT / "portal"),
        ("pytest", [str(_BIN / "python"), "-m", "pytest", "-m", "not slow", *arguments], ROOT),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
