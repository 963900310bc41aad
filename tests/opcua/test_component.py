"""What ships, what it needs, and what it must never do."""

import ast
import tomllib
from pathlib import Path

import yaml

from infra_cdk.packaging import closure, third_party

FOLDER = Path("greengrass_components/opcua")
ENTRY = "greengrass_components.opcua.__main__"


def test_the_manifest_names_every_library_the_component_needs() -> None:
    manifest = tomllib.loads((FOLDER / "manifest.toml").read_text())
    assert set(manifest["packages"]) == third_party(ENTRY) - {"awscrt", "awsiot"}


def test_the_lgpl_library_is_installed_beside_the_artifact_and_imported_here_alone() -> None:
    recipe = yaml.safe_load((FOLDER / "recipe.yaml").read_text())
    install = recipe["Manifests"][0]["Lifecycle"]["Install"]["Script"]
    assert 'pip" install' in install
    assert "opcua/requirements.txt" in install
    assert "asyncua==" in (FOLDER / "requirements.txt").read_text()
    assert not [path for path in closure(ENTRY).values() if "site-packages" in path.parts]
    users = [
        path
        for folder in ("cnc", "functions", "greengrass_components", "graphql", "local_cloud", "cli", "simulated_shop")
        for path in Path(folder).rglob("*.py")
        if "asyncua" in path.read_text() and FOLDER not in path.parents
    ]
    assert users == []


def test_the_simulator_is_not_part_of_the_artifact() -> None:
    assert not [dotted for dotted in closure(ENTRY) if "simulator" in dotted]


def test_nothing_the_component_ships_writes_or_calls_but_condition_refresh() -> None:
    called = {
        node.attr
        for path in closure(ENTRY).values()
        if FOLDER in path.relative_to(Path.cwd()).parents
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
    }
    writers = {
        "write",
        "write_value",
        "write_values",
        "write_attribute",
        "write_attributes",
        "set_value",
        "call_method",
    }
    assert not called & writers
    assert "ConditionType_ConditionRefresh" in called
