"""`make test`: every check of the product, in lanes that run beside each other; one that fails ends its lane.

The lanes wait for different things: for the processor, for a browser and engines, for a running product.
"""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
_BIN: Final = ROOT / ".venv" / "bin"
_TIMEOUT_S: Final = 3600
#: What people and programs meet; the rest of the tests is about the same amount of work.
_FACES: Final = (
    "adversarial", "api", "audit", "contract", "graphql", "guards", "isolation", "keys", "people", "portal", "privacy",
    "rates", "sessions", "sso", "web_safety",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """One command. Its name stands before every line it prints."""

    name: str
    command: tuple[str, ...]
    where: Path = ROOT

    def run(self) -> int:
        """The exit code."""
        started = time.monotonic()
        print(f"== {self.name}", flush=True)
        environment = os.environ | {"PATH": f"{_BIN}{os.pathsep}{os.environ['PATH']}", "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            self.command, cwd=self.where, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        with process, ThreadPoolExecutor(1) as reader:
            reader.submit(self._tell, process)
            try:
                code = process.wait(_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                code = process.wait()
        said = "ok" if code == 0 else f"failed ({code})"
        print(f"== {self.name}: {said} in {time.monotonic() - started:.0f} s", flush=True)
        return code

    def _tell(self, process: "subprocess.Popen[str]") -> None:
        for line in process.stdout or ():
            print(f"{self.name} | {line}", end="", flush=True)


def main(arguments: list[str]) -> int:
    """Run the checks; extra arguments go to pytest, which then runs in one lane."""
    first = Check("build", _python("-c", "from cli.built import assembly, portal; assembly(), portal()"))
    if code := first.run():
        return code
    lanes = [[*_static(), _pytest("pytest", "not slow", arguments)]] if arguments else _lanes()
    with ThreadPoolExecutor(len(lanes)) as beside:
        codes = list(beside.map(_lane, lanes))
    if not shutil.which("chromium") and not os.environ.get("REQUIRE_BROWSER"):
        print("!! No chromium found: ALL BROWSER TESTS WERE SKIPPED (see the count above).", flush=True)
    return max(codes)


def _lane(checks: list[Check]) -> int:
    return next((code for check in checks if (code := check.run())), 0)


def _lanes() -> list[list[Check]]:
    faces = [f"tests/{name}" for name in _FACES]
    return [
        [*_static(), _pytest("parts", "not slow and not cloud", [f"--ignore={face}" for face in faces])],
        [_pytest("faces", "not slow and not cloud", faces)],
        [_pytest("product", "not slow and cloud", [])],
    ]


def _static() -> list[Check]:
    portal = ROOT / "portal"
    return [
        Check("ruff", (str(_BIN / "ruff"), "check", ".")),
        Check("format", (str(_BIN / "ruff"), "format", "--check", ".")),
        Check("import contracts", (str(_BIN / "lint-imports"),)),
        Check("mypy", (str(_BIN / "mypy"),)),
        Check("portal types", (str(_BIN / "npm"), "run", "--silent", "typecheck"), portal),
        Check("portal units", (str(_BIN / "npm"), "run", "--silent", "test"), portal),
    ]


def _pytest(name: str, marks: str, arguments: list[str]) -> Check:
    return Check(name, _python("-m", "pytest", "-m", marks, "--durations=25", *arguments))


def _python(*arguments: str) -> tuple[str, ...]:
    return (str(_BIN / "python"), *arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
