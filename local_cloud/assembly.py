"""Reads a CDK cloud assembly: the stacks in dependency order, as templates."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class BadAssembly(ValueError):
    """The folder is no assembly that can be run here; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack: its name in AWS, its template, and the folder its assets are relative to."""

    name: str
    template: dict[str, Any]
    folder: Path

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.template.get("Resources", {})
        return found

    def asset_path(self, logical_id: str) -> str:
        """Absolute source folder of a resource's asset, or ""."""
        path = self.resources[logical_id].get("Metadata", {}).get("aws:asset:path", "")
        return str((self.folder / path).resolve()) if path else ""


def load(folder: Path) -> list[Stack]:
    """Every stack of the assembly, each after those it depends on. Raises BadAssembly."""
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        raise BadAssembly(f"{folder} holds no manifest.json; synthesise first (python app.py)")
    artifacts: dict[str, dict[str, Any]] = json.loads(manifest.read_bytes())["artifacts"]
    stacks = {id_: found for id_, found in artifacts.items() if found["type"] == "aws:cloudformation:stack"}
    ordered: list[str] = []
    for id_ in sorted(stacks):
        _visit(id_, stacks, ordered, path=())
    return [_stack(folder, id_, stacks[id_]) for id_ in ordered]


def _visit(id_: str, stacks: dict[str, dict[str, Any]], ordered: list[str], *, path: tuple[str, ...]) -> None:
    if id_ in path:
        raise BadAssembly(f"stacks depend on each other in a circle: {' -> '.join((*path, id_))}")
    if id_ in ordered:
        return
    for needed in stacks[id_].get("dependencies", []):
        if needed in stacks:
            _visit(needed, stacks, ordered, path=(*path, id_))
    ordered.append(id_)


def _stack(folder: Path, id_: str, artifact: dict[str, Any]) -> Stack:
    properties = artifact["properties"]
    template = json.loads((folder / properties["templateFile"]).read_bytes())
    return Stack(properties.get("stackName", id_), template, folder)
