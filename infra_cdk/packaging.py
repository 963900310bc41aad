"""What a function ships: its own modules, cut by the import graph.

The dotted path of a module is the same in the repository, in a test and in the zip.
"""

import ast
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from infra_cdk.manifests import ROOT

#: Lambda's Python; the CDK construct names the same version as a runtime.
LAMBDA_PYTHON = "3.13"
_SOURCE_ROOTS = (ROOT, ROOT / "graphql")
_FIRST_PARTY = {"cnc", "functions", "cnc_graphql", "marketplace", "greengrass_components"}
_DATA_SUFFIXES = {".json", ".toml", ".graphql", ".html", ".sql", ".txt", ".yaml"}


def closure(entry: str) -> dict[str, Path]:
    """Every first-party module that `entry` (a dotted path) can import, by dotted path."""
    found: dict[str, Path] = {}
    waiting = [entry]
    while waiting:
        dotted = waiting.pop()
        path = _module(dotted)
        if path is None or dotted in found:
            continue
        found[dotted] = path
        parts = dotted.split(".")
        waiting += [".".join(parts[:n]) for n in range(1, len(parts))]
        waiting += [name for name in _imports(path, dotted) if name.split(".")[0] in _FIRST_PARTY]
    return found


def third_party(entry: str) -> set[str]:
    """Top-level names that the closure imports from outside the product and the standard library."""
    names = {name.split(".")[0] for dotted, path in closure(entry).items() for name in _imports(path, dotted)}
    return {name for name in names if name not in _FIRST_PARTY and name not in sys.stdlib_module_names}


def digest(entry: str) -> str:
    """SHA-256 over the closure and its data files: the asset changes when, and only when, its sources do."""
    seen = hashlib.sha256()
    for dotted, path in sorted(closure(entry).items()):
        for one in (path, *_data_of(path)):
            seen.update(f"{dotted}/{one.name}".encode() + b"\0" + one.read_bytes())
    return seen.hexdigest()


def copy_closure(entry: str, target: Path) -> Path:
    """Copy the modules of `entry`, and the data files beside them, to `target` under the same dotted paths."""
    shutil.rmtree(target, ignore_errors=True)
    for path in closure(entry).values():
        root = next(root for root in reversed(_SOURCE_ROOTS) if path.is_relative_to(root))
        place = target / path.relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
        for data in _data_of(path):
            shutil.copyfile(data, place.parent / data.name)
    return target


def copy_components(target: Path) -> None:
    """The closure of every component that has a recipe, one folder each below `target`."""
    for recipe in sorted(ROOT.glob("greengrass_components/*/recipe.yaml")):
        name = recipe.parent.name
        copy_closure(f"greengrass_components.{name}.__main__", target / name)


def build(entry: str, target: Path, *, uv: str, requirements: Sequence[str]) -> Path:
    """Everything the function ships, compiled for Lambda's Python on arm64. `requirements` are exact pins."""
    copy_closure(entry, target)
    if requirements:
        install = [uv, "pip", "install", "--target", str(target), "--python-platform", "aarch64-manylinux_2_28"]
        install += ["--python-version", LAMBDA_PYTHON, "--only-binary", ":all:", "--no-deps", *requirements]
        subprocess.run(install, check=True, stdout=sys.stderr, timeout=600)
    # Without compiled files the imports of a cold start take twice as long.
    compiler = [f"python{LAMBDA_PYTHON}", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([*compiler, str(target)], check=True, timeout=600)
    return target


def _data_of(module: Path) -> list[Path]:
    """Data files that travel with a package: those beside its `__init__.py`."""
    if module.name != "__init__.py":
        return []
    return sorted(path for path in module.parent.iterdir() if path.suffix in _DATA_SUFFIXES)


def _module(dotted: str) -> Path | None:
    for root in _SOURCE_ROOTS:
        base = root.joinpath(*dotted.split("."))
        if base.with_suffix(".py").is_file():
            return base.with_suffix(".py")
        if (base / "__init__.py").is_file():
            return base / "__init__.py"
    return None


def _imports(path: Path, dotted: str) -> set[str]:
    names: set[str] = set()
    package = dotted if path.name == "__init__.py" else dotted.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base]).rstrip(".")
            names |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return names
