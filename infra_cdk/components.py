"""Recipes of released components, with what is known only when they are shipped: version, artifact, platforms."""

import re
import tomllib
from typing import Any

import yaml

from infra_cdk.manifests import ROOT

_FOLDER = ROOT / "greengrass_components"
_VERSION = _FOLDER / "edge_kit" / "version.py"


def version() -> str:
    """The one version of all components: `VERSION` in `greengrass_components/edge_kit/version.py`."""
    found = re.search(r'^VERSION: Final = "(\d+\.\d+\.\d+)"$', _VERSION.read_text(), re.MULTILINE)
    if found is None:
        raise ValueError(f'{_VERSION}: expected VERSION: Final = "x.y.z"')
    return found[1]


def released() -> list[str]:
    """Folders of the components that customers get."""
    manifests = sorted(_FOLDER.glob("*/manifest.toml"))
    return [path.parent.name for path in manifests if tomllib.loads(path.read_text())["released"]]


def full_name(name: str) -> str:
    """What Greengrass calls the component of a folder."""
    return f"com.cnccopilot.{name}"


def recipe(name: str, *, uri: str, folder: str) -> dict[str, Any]:
    """The recipe of a component whose artifact lies at `uri` and is unpacked into `folder`."""
    text = (_FOLDER / name / "recipe.yaml").read_text()
    document: dict[str, Any] = yaml.safe_load(text.replace("COMPONENT_VERSION", version()).replace("ARTIFACT", folder))
    for manifest in document["Manifests"]:
        manifest["Artifacts"] = [{"Uri": uri, "Unarchive": "ZIP", "Permission": {"Read": "OWNER"}}]
    return document
