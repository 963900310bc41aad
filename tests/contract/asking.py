"""Runs schemathesis against an address: every documented operation, as two people of two companies."""

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

#: Valid data may be refused for what it means: a machine that is not there, a role that one may not give.
CONFIG = """
[auth.wfc]
path = "{people}"
user = "ours"
peers = ["ours", "theirs"]

[checks]
positive_data_acceptance.enabled = false

# `current` is an id of the sessions as well, and documented among them.
[[operations]]
include-path = "/v1/sessions/current"
checks.allow_header_conformance.enabled = false
"""
LEFT_OUT = """
[[operations]]
include-name = "{name}"
enabled = false
"""
#: `METHOD path` of what its caller would not survive.
LAST = (
    "DELETE /v1/sessions",
    "DELETE /v1/sessions/current",
    "DELETE /v1/sessions/{session_id}",
    "POST /v1/sessions/current/tenant",
    "DELETE /v1/people/{user_id}/sessions",
    "POST /v1/tenant/suspend",
    "POST /v1/tenant/resume",
    "DELETE /v1/tenant",
    "DELETE /v1/tenant/erasure",
    "PATCH /v1/people/{user_id}",
    "DELETE /v1/people/{user_id}",
    "POST /v1/erasures",
    "PUT /v1/security-policy",
)
_CASES = re.compile(r"^\s*(\d+) generated", re.MULTILINE)


class Run:
    """One run of schemathesis; `said` is what it printed."""

    def __init__(self, code: int, said: str) -> None:
        self.code, self.said = code, said
        found = _CASES.search(said)
        self.cases = int(found.group(1)) if found else 0

    @property
    def failures(self) -> str:
        """What failed, and how to do it again; empty when nothing did."""
        if self.code == 0 and self.cases:
            return ""
        begin = max(self.said.find("= FAILURES ="), self.said.find("= ERRORS ="), 0)
        return self.said[begin : self.said.find("= WARNINGS =")] or self.said

    @property
    def summary(self) -> str:
        """The counts at its end."""
        return self.said[self.said.rfind("= SUMMARY =") :]


def asked(
    address: str,
    people: Mapping[str, str],
    *options: str,
    folder: Path,
    within_s: float,
    without: Iterable[str] = (),
    document: bytes = b"",
) -> Run:
    """Ask everything but `without` (`METHOD path`); `people` are `ours` and `theirs` with their bearer tokens.

    `document` is the OpenAPI document, for people who may not even read it any more.
    """
    folder.mkdir(parents=True, exist_ok=True)
    peers, config, place = folder / "people.json", folder / "schemathesis.toml", folder / "openapi.json"
    peers.write_text(json.dumps(_peers(people)))
    config.write_text(CONFIG.format(people=peers) + "".join(LEFT_OUT.format(name=name) for name in without))
    place.write_bytes(document or read_document(address, people["ours"]))
    command = [sys.executable, "-m", "schemathesis.cli", "--no-color", "--config-file", str(config), "run"]
    command += [str(place), "--url", address, "--generation-database", "none", "--continue-on-failure"]
    done = subprocess.run(
        [*command, *options], cwd=folder, capture_output=True, text=True, timeout=within_s, check=False
    )
    return Run(done.returncode, done.stdout + done.stderr)


def read_document(address: str, token: str) -> bytes:
    """It is answered to those who are known, like all else."""
    request = urllib.request.Request(f"{address}/v1/openapi.json", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        document: bytes = answer.read()
        return document


def _peers(people: Mapping[str, str]) -> dict[str, Any]:
    """A document of Web Fuzzing Commons."""
    headers = {name: [{"name": "Authorization", "value": f"Bearer {token}"}] for name, token in people.items()}
    return {"auth": [{"name": name, "fixedHeaders": fixed} for name, fixed in headers.items()]}
