"""Manifests say what the code of a component needs."""

import tomllib
from pathlib import Path

import pytest

from infra_cdk import packaging

COMPONENTS = ("mtconnect", "mtconnect_agent", "sparkplug")
BROUGHT_BY = {"awscrt": "awsiotsdk", "awsiot": "awsiotsdk"}


@pytest.mark.parametrize("name", COMPONENTS)
def test_the_manifest_names_what_the_component_imports(name: str) -> None:
    manifest = tomllib.loads(Path(f"greengrass_components/{name}/manifest.toml").read_text())
    imported = packaging.third_party(f"greengrass_components.{name}.__main__")
    assert {BROUGHT_BY.get(package, package) for package in imported} == set(manifest["packages"])
