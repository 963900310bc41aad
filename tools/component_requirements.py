"""`python -m tools.component_requirements`: what each released component installs on a gateway, with its hashes.

Versions and hashes are those of uv.lock, so that a gateway installs what the tests ran on. One file serves arm64 and
x86-64: pip takes the wheel that fits among those named.
"""

import argparse
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.markers import Marker

from infra_cdk import components

ROOT = Path(__file__).resolve().parent.parent
#: Distributions whose import name is another.
DISTRIBUTIONS = {"yaml": "pyyaml"}
#: Beside what its manifest names, every component tells the nucleus how it is.
EVERYWHERE = ("awsiotsdk",)
#: Wheels for Linux with glibc on the two processors, and pure ones; CPython 3.11 to 3.14, or any.
_FITS = re.compile(
    r"-(?:py2\.py3|py3|cp31[1-4])-(?:none|abi3|cp31[1-4])-(?:any|.*manylinux\S*_(?:x86_64|aarch64))\.whl$"
)
_PLACES = [
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": machine,
     "python_version": f"3.{minor}", "python_full_version": f"3.{minor}.0",
     "implementation_name": "cpython", "platform_python_implementation": "CPython"}
    for machine in ("x86_64", "aarch64") for minor in (11, 12, 13, 14)
]  # fmt: skip


def text_of(name: str, lock: Mapping[str, Mapping[str, Any]]) -> str:
    """`requirements.txt` of one component."""
    manifest = tomllib.loads((ROOT / "greengrass_components" / name / "manifest.toml").read_text())
    roots = {DISTRIBUTIONS.get(package, package) for package in manifest["packages"]} | set(EVERYWHERE)
    rows = [f"# Of {name}, by `python -m tools.component_requirements` from uv.lock: do not edit."]
    for package in sorted(_closure(roots, lock)):
        held = lock[package]
        fitting = sorted(wheel["hash"] for wheel in held["wheels"] if _FITS.search(wheel["url"]))
        if not fitting:
            raise ValueError(f"{package} {held['version']}: no wheel in uv.lock fits a gateway")
        rows.append(" \\\n    ".join([f"{package}=={held['version']}", *(f"--hash={one}" for one in fitting)]))
    return "\n".join(rows) + "\n"


def locked() -> dict[str, Mapping[str, Any]]:
    """The packages of uv.lock by name."""
    return {one["name"]: one for one in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}


def files() -> Iterator[tuple[Path, str]]:
    """(path, content) of every released component."""
    lock = locked()
    for name in components.released():
        yield ROOT / "greengrass_components" / name / "requirements.txt", text_of(name, lock)


def _closure(roots: set[str], lock: Mapping[str, Mapping[str, Any]]) -> set[str]:
    found: set[str] = set()
    waiting = sorted(roots)
    while waiting:
        package = waiting.pop()
        if package not in found:
            found.add(package)
            waiting += [one["name"] for one in lock[package].get("dependencies", ()) if _applies(one.get("marker"))]
    return found


def _applies(marker: str | None) -> bool:
    return marker is None or any(Marker(marker).evaluate(place) for place in _PLACES)


def main(arguments: list[str]) -> int:
    """Write the files; with `--check` only say, by exit code 1, which are old."""
    parser = argparse.ArgumentParser(prog="python -m tools.component_requirements")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    old = [(path, text) for path, text in files() if not path.is_file() or path.read_text() != text]
    for path, text in old:
        if not options.check:
            path.write_text(text)
        print(f"{'old' if options.check else 'written'}: {path.relative_to(ROOT)}")
    return int(options.check and bool(old))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
