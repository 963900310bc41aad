"""Each import contract is broken once on purpose: a rule that cannot fail holds nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("cnc", "cli", "functions", "greengrass_components", "infra_cdk", "local_cloud", "simulated_shop", "graphql")
BREAKS = {
    "Rings": ("cnc/domain/broken.py", "import cnc.services\n"),
    "The local cloud": ("local_cloud/broken.py", "import cnc.domain\n"),
    "The declaration": ("infra_cdk/broken.py", "import cnc.domain\n"),
    "A gateway": ("greengrass_components/broken.py", "import boto3\n"),
    "The simulated shop": ("simulated_shop/broken.py", "import greengrass_components\n"),
    "Domain and services": ("cnc/services/broken.py", "import pynamodb\n"),
    "Functions reach AWS": ("functions/broken.py", "import boto3\n"),
    "Independent": ("functions/receipt/broken.py", "import functions.hour_close\n"),
    "FOCAS": ("greengrass_components/focas/driver/broken.py", "import greengrass_components.focas.simulator\n"),
    "Components": ("greengrass_components/edge_kit/broken.py", "import greengrass_components.focas\n"),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    skip = shutil.ignore_patterns("node_modules", "__pycache__", "recordings")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=skip)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> str:
    environment = os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{folder / 'graphql'}"}
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, timeout=120, check=False)
    return done.stdout.decode()


def test_every_contract_notices_a_broken_import(copy: Path) -> None:
    for place, statement in BREAKS.values():
        (copy / place).write_text(statement)
    report = lint(copy)
    broken = [line for line in report.splitlines() if line.endswith("BROKEN")]
    assert [name for name in BREAKS if not any(line.startswith(name) for line in broken)] == [], report


def test_there_is_a_break_for_every_contract() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert text.count("[[tool.importlinter.contracts]]") == len(BREAKS)
