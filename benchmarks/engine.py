"""The real DynamoDB engine with empty tables, and the environment in which a function finds it."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import create_connection, socket
from typing import Any

import boto3

from local_cloud.engines import dynamodb

REGION = "us-east-1"
TABLES = ("telemetry", "shop", "audit", "directory")
START_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Engine:
    """A running engine; `client` is an ordinary boto3 client, `environment` what CDK would set."""

    url: str
    client: Any
    environment: dict[str, str]


class NoSts:
    """Answers every tenant's session with fixed keys: signing in costs the same, and nobody checks here."""

    def assume_role(self, **_: Any) -> dict[str, Any]:
        ends = datetime.now(UTC) + timedelta(hours=1)
        return {
            "Credentials": {"AccessKeyId": "a", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": ends},
        }


@contextmanager
def engine() -> Iterator[Engine]:
    """Start it on a free port; it ends with the block. Sets the environment of this process while it runs."""
    dynamodb.install()
    with tempfile.TemporaryDirectory() as folder, socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        child = subprocess.Popen(
            dynamodb.spec(port=port, data=Path(folder)).argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _wait_for(port)
            with _environment(f"http://127.0.0.1:{port}") as environment:
                client = boto3.client("dynamodb")
                for noun in (*TABLES, "rows"):
                    make_table(client, noun, sort_key=noun != "directory")
                yield Engine(f"http://127.0.0.1:{port}", client, environment)
        finally:
            child.kill()
            child.wait(timeout=10)


def make_table(client: Any, name: str, *, sort_key: bool = True) -> None:
    keys = ["p", "s"] if sort_key else ["p"]
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)],
    )


@contextmanager
def _environment(url: str) -> Iterator[dict[str, str]]:
    wanted = {
        "STAGE": "bench",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_ENDPOINT_URL_DYNAMODB": url,
        "BUCKET": "bench",
        "TENANT_ROLE_ARN": "arn:aws:iam::123456789012:role/tenant",
        "FUNCTION_FAN_OUT": "fan_out",
        "FUNCTION_HOUR_PARQUET": "hour_parquet",
        "IOT_DATA_ENDPOINT": "http://127.0.0.1:9",
        **{f"{noun.upper()}_TABLE": noun for noun in TABLES},
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield wanted
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while True:
        try:
            create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
