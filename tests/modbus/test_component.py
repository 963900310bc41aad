"""What ships and what it never does."""

import tomllib
from pathlib import Path

import yaml

from greengrass_components.modbus.frames import FUNCTIONS
from infra_cdk.packaging import closure, third_party

FOLDER = Path("greengrass_components/modbus")
ENTRY = "greengrass_components.modbus.__main__"


def test_manifest_and_recipe_name_the_libraries_the_component_needs() -> None:
    manifest = tomllib.loads((FOLDER / "manifest.toml").read_text())
    assert set(manifest["packages"]) == third_party(ENTRY) - {"awscrt", "awsiot"} == {"yaml"}
    recipe = yaml.safe_load((FOLDER / "recipe.yaml").read_text())
    assert "modbus/requirements.txt" in recipe["Manifests"][0]["Lifecycle"]["Install"]["Script"]
    assert "pyyaml==" in (FOLDER / "requirements.txt").read_text()


def test_no_simulator_ships() -> None:
    assert not [dotted for dotted in closure(ENTRY) if "simulator" in dotted]


def test_only_functions_that_read_can_be_asked() -> None:
    assert set(FUNCTIONS.values()) == {1, 2, 3, 4}
