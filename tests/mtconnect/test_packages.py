"""Recipes and manifests of the new components say what their code needs, at the versions that were tested."""

import argparse
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from greengrass_components.edge_kit.config import bootstrap_arguments
from infra_cdk import packaging

COMPONENTS = ("mtconnect", "mtconnect_agent", "sparkplug")
BROUGHT_BY = {"awscrt": "awsiotsdk", "awsiot": "awsiotsdk"}


def recipe(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path(f"greengrass_components/{name}/recipe.yaml").read_text())
    return found


@pytest.mark.parametrize("name", COMPONENTS)
def test_the_manifest_names_what_the_component_imports(name: str) -> None:
    manifest = tomllib.loads(Path(f"greengrass_components/{name}/manifest.toml").read_text())
    imported = packaging.third_party(f"greengrass_components.{name}.__main__")
    assert {BROUGHT_BY.get(package, package) for package in imported} == set(manifest["packages"])


@pytest.mark.parametrize("name", COMPONENTS)
def test_the_recipe_installs_the_version_that_was_tested_and_starts_the_component(name: str) -> None:
    life = recipe(name)["Manifests"][0]["Lifecycle"]
    manifest = tomllib.loads(Path(f"greengrass_components/{name}/manifest.toml").read_text())
    for package in manifest["packages"]:
        assert f"{package}=={version(package)}" in life["Install"]["Script"]
    parser = argparse.ArgumentParser(exit_on_error=False)
    bootstrap_arguments(parser)
    parser.parse_args(life["Run"]["Script"].partition(f"greengrass_components.{name} ")[2].split())
    assert recipe(name)["ComponentName"] == f"com.cnccopilot.{name}"
