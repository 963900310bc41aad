"""Recipes say what the components are: their topics, their arguments, their libraries, their one version."""

import argparse
import fnmatch
import tomllib
from pathlib import Path
from typing import Any

import pytest

from greengrass_components.edge_kit.config import bootstrap_arguments
from greengrass_components.edge_kit.version import VERSION
from infra_cdk import components, packaging
from tests.edge_kit.fakes import bootstrap
from tools.component_requirements import DISTRIBUTIONS, EVERYWHERE, files

RELEASED = components.released()
UP = (
    "telemetry_minute", "telemetry_backlog", "telemetry_events", "telemetry_live", "receipt", "edge_health",
    "machine_report",
)  # fmt: skip
#: Distributions by what is imported of them.
IMPORTED = {**DISTRIBUTIONS, "awsiot": "awsiotsdk", "awscrt": "awsiotsdk"}


def recipe(name: str) -> dict[str, Any]:
    return components.recipe(name, uri="s3://bucket/hash.zip", folder="hash")


def granted(operation: str) -> list[str]:
    control = recipe("relay")["ComponentConfiguration"]["DefaultConfiguration"]["accessControl"]
    grants = control["aws.greengrass.ipc.mqttproxy"].values()
    return [topic for grant in grants if grant["operations"] == [operation] for topic in grant["resources"]]


def test_every_channel_is_granted_and_no_other() -> None:
    made = bootstrap(Path())
    ups, downs = granted("aws.greengrass#PublishToIoTCore"), granted("aws.greengrass#SubscribeToIoTCore")
    assert len(ups) == len(UP)
    assert len(downs) == 3
    for channel in UP:
        assert sum(fnmatch.fnmatchcase(made.up(channel), pattern) for pattern in ups) == 1
    for channel in ("receipt", "config", "cmd"):
        assert sum(fnmatch.fnmatchcase(made.down(channel), pattern) for pattern in downs) == 1


@pytest.mark.parametrize("name", RELEASED)
def test_the_script_starts_the_component_with_arguments_it_understands(name: str) -> None:
    script = recipe(name)["Manifests"][0]["Lifecycle"]["Startup"]["Script"]
    parser = argparse.ArgumentParser(exit_on_error=False)
    bootstrap_arguments(parser)
    arguments = script.partition(f"greengrass_components.{name} ")[2].split()
    assert parser.parse_args(arguments).link == ("ipc" if name == "relay" else None)


@pytest.mark.parametrize("name", RELEASED)
def test_a_recipe_serves_both_processors_alike(name: str) -> None:
    made = recipe(name)
    assert [one["Platform"] for one in made["Manifests"]] == [
        {"os": "linux", "architecture": "amd64"},
        {"os": "linux", "architecture": "aarch64"},
    ]
    assert made["Manifests"][0]["Lifecycle"] == made["Manifests"][1]["Lifecycle"]
    assert all(one["Artifacts"][0]["Uri"] == "s3://bucket/hash.zip" for one in made["Manifests"])
    assert "/hash" in made["Manifests"][0]["Lifecycle"]["Startup"]["Script"]


@pytest.mark.parametrize("name", RELEASED)
def test_name_and_version_come_from_one_place(name: str) -> None:
    made = recipe(name)
    assert (made["ComponentName"], made["ComponentVersion"]) == (components.full_name(name), VERSION)
    assert components.version() == VERSION


@pytest.mark.parametrize("name", RELEASED)
def test_the_packages_of_a_component_are_what_its_import_graph_needs(name: str) -> None:
    manifest = tomllib.loads(Path(f"greengrass_components/{name}/manifest.toml").read_text())
    imported = packaging.third_party(f"greengrass_components.{name}.__main__")
    wanted = {IMPORTED.get(package, package) for package in imported} - set(EVERYWHERE)
    assert wanted == {DISTRIBUTIONS.get(package, package) for package in manifest["packages"]} - set(EVERYWHERE)


def test_what_a_gateway_installs_is_what_was_locked() -> None:
    old = [str(path) for path, text in files() if path.read_text() != text]
    assert old == [], "run python -m tools.component_requirements"
