"""The guards of the product, each with the form that it would have if somebody weakened it, and who must notice."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("guards.toml")
#: What the copy takes from the working tree as it is: installed, built, or read only.
_LINKED = (".venv", ".tools", "portal", "docs", "local_cloud/engines/node_modules")
RUN_WITHIN_S = 900


@dataclass(frozen=True, slots=True)
class Guard:
    """`text` stands exactly once in `file`; in its place `weak` must make one of `tests` fail."""

    name: str
    file: str
    text: str
    weak: str
    tests: tuple[str, ...]

    def weakened(self, source: str) -> str:
        return source.replace(self.text, self.weak)


def guards() -> list[Guard]:
    rows = tomllib.loads(LIST.read_text())["guard"]
    return [Guard(row["name"], row["file"], row["text"], row["weak"], tuple(row["tests"])) for row in rows]


def copy_tree(target: Path) -> None:
    """All files of the repository as they are now, with what is installed linked into the copy."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    for name in listed.stdout.splitlines():
        source = ROOT / name
        if source.is_file() and not name.startswith(_LINKED):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target / name)
    for name in _LINKED:
        if (ROOT / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).symlink_to(ROOT / name)


@contextmanager
def applied(guard: Guard, tree: Path) -> Iterator[None]:
    """The guard weakened in the copy, for the time of the block."""
    path = tree / guard.file
    before = path.read_text()
    path.write_text(guard.weakened(before))
    try:
        yield
    finally:
        path.write_text(before)


def noticed(guard: Guard, tree: Path) -> tuple[bool, str]:
    """Whether one of the named tests fails on the weakened copy, and the last words of the run."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--tb=line", "-p", "no:cacheprovider"]
    # A worn-out .pyc of the other form must not be what runs.
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    with applied(guard, tree):
        done = subprocess.run(
            [*command, *guard.tests], cwd=tree, env=environment, capture_output=True, text=True, check=False,
            timeout=RUN_WITHIN_S,
        )  # fmt: skip
    # 1: tests failed; 2: what they import did, which is as good; anything else says nothing of the guard.
    return done.returncode in (1, 2), "\n".join(done.stdout.splitlines()[-3:])
