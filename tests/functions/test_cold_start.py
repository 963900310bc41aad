"""What an ingest function loads before its first message; `python -m benchmarks imports` measures what it costs."""

import json
import os
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
    "FUNCTION_HOUR_PARQUET": "hour_parquet",
    "PATH": os.environ["PATH"],
}
REPORT = "import json, sys; print(json.dumps(sorted(sys.modules)))"


def loaded(code: str) -> set[str]:
    """The modules that a fresh interpreter holds after `code`."""
    command = [sys.executable, "-c", f"{code}\n{REPORT}"]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("function", INGEST)
def test_nothing_heavy_is_loaded(function: str) -> None:
    assert FORBIDDEN & loaded(f"import functions.{function}.handler") == set()


def test_the_forbidden_are_seen_when_they_are_loaded() -> None:
    assert FORBIDDEN & loaded("import asyncio, sqlite3") == {"asyncio", "sqlite3"}
