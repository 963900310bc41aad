"""The component's files: what the manifest and the recipe say is what the process is."""

import tomllib
from pathlib import Path

from infra_cdk import components

FOLDER = Path(__file__).parents[2] / "greengrass_components" / "focas"


def test_the_manifest_says_what_the_component_is() -> None:
    manifest = tomllib.loads((FOLDER / "manifest.toml").read_text())
    assert (manifest["process"], manifest["released"], manifest["packages"]) == ("driver", True, ["cryptography"])
    assert manifest["purpose"].endswith(".")


def test_the_recipe_starts_this_component_with_a_bootstrap() -> None:
    recipe = components.recipe("focas", uri="s3://bucket/hash.zip", folder="hash")
    assert recipe["ComponentName"] == "com.cnccopilot.focas"
    for manifest in recipe["Manifests"]:
        script = manifest["Lifecycle"]["Startup"]["Script"]
        assert '-m greengrass_components.focas --bootstrap "{configuration:/bootstrap}"' in script
    assert "bootstrap" in recipe["ComponentConfiguration"]["DefaultConfiguration"]


def test_reading_needs_nothing_outside_the_standard_library() -> None:
    """What reads runs on any processor that runs Python; the gate checks signatures."""
    for path in FOLDER.rglob("*.py"):
        gate = path.is_relative_to(FOLDER / "gate")
        allowed = ("greengrass_components", "cnc", "cryptography") if gate else ("greengrass_components", "cnc")
        for line in path.read_text().splitlines():
            if line.startswith(("import ", "from ")):
                top = line.split()[1].split(".")[0]
                assert top in allowed or top in _standard_library(), f"{path}: {line}"


def _standard_library() -> frozenset[str]:
    import sys

    return frozenset(sys.stdlib_module_names)
