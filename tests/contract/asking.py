"""Runs schemathesis against an address: every documented operation, all phases, two people of two companies."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """
[auth.wfc]
path = "people.json"
user = "ours"
peers = ["ours", "theirs"]

[checks]
positive_data_acceptance.enabled = false
"""


def asked(
    address: str, people: Mapping[str, str], *options: str, folder: Path, within_s: float
) -> subprocess.CompletedProcess[str]:
    """One run; `people` are `ours` and `theirs` with their bearer tokens."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "people.json").write_text(json.dumps(_people(people)))
    (folder / "schemathesis.toml").write_text(CONFIG.replace("people.json", str(folder / "people.json")))
    document = folder / "openapi.json"
    document.write_bytes(_document(address, people["ours"]))
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(folder / "schemathesis.toml"), "run"]
    command += [str(document), "--url", address]
    command += ["--report", "ndjson", "--report-ndjson-path", str(folder / "events.ndjson")]
    return subprocess.run(
        [*command, *options], cwd=folder, capture_output=True, text=True, timeout=within_s, check=False
    )


def _document(address: str, token: str) -> bytes:
    """Like every route it is for those who are known."""
    request = urllib.request.Request(f"{address}/v1/openapi.json", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        document: bytes = answer.read()
        return document


def _people(people: Mapping[str, str]) -> dict[str, Any]:
    entries: Sequence[Any] = [
        {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {token}"}]}
        for name, token in people.items()
    ]
    return {"auth": entries}
