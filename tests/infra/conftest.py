"""The assembly, synthesised once per run by the same command that a newcomer would use."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
_WITH_NAG = """
import aws_cdk as cdk, cdk_nag
from infra_cdk.main import build
app = build()
cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
app.synth()
"""


def _synthesise(folder: Path, *command: str) -> Path:
    environment = os.environ | {"CDK_OUTDIR": str(folder), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, check=False, timeout=300)
    return folder


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of `python app.py`."""
    return _synthesise(tmp_path_factory.mktemp("assembly"), "app.py")


@pytest.fixture(scope="session")
def templates(assembly: Path) -> dict[str, dict[str, Any]]:
    """Template by stack id."""
    found = sorted(assembly.glob("*.template.json"))
    return {path.name.removesuffix(".template.json"): json.loads(path.read_text()) for path in found}


@pytest.fixture(scope="session")
def nag_report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What cdk-nag's AwsSolutions pack says of the same app."""
    folder = _synthesise(tmp_path_factory.mktemp("nag"), "-c", _WITH_NAG)
    report = json.loads((folder / "validation-report.json").read_text())
    pack: dict[str, Any] = next(one for one in report["pluginReports"] if one["pluginName"] == "AwsSolutions")
    return pack
