"""The relay's recipe grants exactly the topics that the relay uses, and starts it with arguments it understands."""

import argparse
import fnmatch
import tomllib
from pathlib import Path
from typing import Any

import yaml

from greengrass_components.edge_kit.config import bootstrap_arguments
from tests.edge_kit.fakes import bootstrap

RELAY = Path("greengrass_components/relay")
UP = (
    "telemetry_minute", "telemetry_backlog", "telemetry_events", "telemetry_live", "receipt", "edge_health",
    "machine_report",
)  # fmt: skip


def recipe() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((RELAY / "recipe.yaml").read_text())
    return found


def granted(operation: str) -> list[str]:
    control = recipe()["ComponentConfiguration"]["DefaultConfiguration"]["accessControl"]
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


def test_the_run_script_starts_the_relay_with_arguments_it_understands() -> None:
    script = recipe()["Manifests"][0]["Lifecycle"]["Run"]["Script"]
    parser = argparse.ArgumentParser(exit_on_error=False)
    bootstrap_arguments(parser)
    arguments = script.partition("greengrass_components.relay ")[2].split()
    assert parser.parse_args(arguments).link == "ipc"


def test_recipe_and_manifest_name_the_same_library() -> None:
    manifest = tomllib.loads((RELAY / "manifest.toml").read_text())
    install = recipe()["Manifests"][0]["Lifecycle"]["Install"]["Script"]
    assert all(package in install for package in manifest["packages"])
