"""Slices of the domain and components of the gateway stand alone, but for edges that are written down."""

import ast
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READS: dict[str, list[str]] = tomllib.loads((ROOT / "cnc" / "domain" / "edges.toml").read_text())["reads"]


def imported(path: Path) -> set[str]:
    """Dotted names of absolute imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def foreign(package: str, *, allowed: set[str]) -> list[tuple[str, str]]:
    """Imports from one member of `package` into another that is not in `allowed`: (file, name)."""
    folder = ROOT.joinpath(*package.split("."))
    found = []
    for path in sorted(folder.glob("*/**/*.py")):
        own = path.relative_to(folder).parts[0]
        for name in sorted(imported(path)):
            if name.startswith(f"{package}.") and name.split(".")[len(package.split("."))] not in {own, *allowed}:
                found.append((str(path.relative_to(ROOT)), name))
    return found


def test_a_slice_reads_another_ones_facts_along_listed_edges_only() -> None:
    stray = [
        (path, name)
        for path, name in foreign("cnc.domain", allowed={"base"})
        if name.split(".")[2] not in READS.get(path.split("/")[2], []) or name.split(".")[3] != "facts"
    ]
    assert stray == []


def test_listed_edges_have_no_cycle() -> None:
    assert list(TopologicalSorter(READS).static_order()) is not None


def test_a_component_stands_on_the_edge_kit_alone() -> None:
    assert foreign("greengrass_components", allowed={"edge_kit"}) == []
