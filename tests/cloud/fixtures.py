"""Fixtures that run the product's stores against the real DynamoDB engine and moto for the rest.

Use them from another folder with `from tests.cloud.fixtures import *` in its conftest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.kms.models import kms_backends

from cnc.cloud.store.sealed import seal_with
from cnc.cloud.tenancy import Clients
from tests.cloud.engine import client_of, make_table, running

REGION = "eu-central-1"
BUCKET = "cnc-test-bucket"
ANCHOR_BUCKET = "cnc-test-anchors"
ROLE = f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/cnc-test-tenant"

__all__ = ["Cloud", "cloud", "dynamodb_url"]


@dataclass(frozen=True)
class Cloud:
    """Everything a store needs, with empty tables."""

    dynamodb_url: str
    raw: Any
    clients: Clients
    tables: dict[str, str]
    bucket: str = BUCKET
    region: str = REGION
    role: str = ROLE
    person_key: str = ""

    def environment(self) -> dict[str, str]:
        """What the settings of any function need, as CDK would set it."""
        return {
            "STAGE": "test",
            "AWS_REGION": self.region,
            "BUCKET": self.bucket,
            "ANCHOR_BUCKET": ANCHOR_BUCKET,
            "TENANT_ROLE_ARN": self.role,
            "PERSON_KEY": self.person_key,
            "FUNCTION_FAN_OUT": "cnc-test-fan_out",
            "FUNCTION_TENANT_EXPORT": "cnc-test-tenant_export",
            "FUNCTION_TENANT_ERASURE": "cnc-test-tenant_erasure",
            "FUNCTION_HOUR_PARQUET": "cnc-test-hour_parquet",
            **{f"{noun.upper()}_TABLE": name for noun, name in self.tables.items()},
        }


def wrapping_key() -> str:
    """ARN of a fresh key of moto's KMS, made without a client: most tests need no more of it."""
    made = kms_backends[DEFAULT_ACCOUNT_ID][REGION].create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "", None)
    return str(made.arn)


@pytest.fixture(scope="session")
def dynamodb_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("dynamodb")
    with running(folder) as url:
        yield url


@pytest.fixture
def cloud(dynamodb_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_url,
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    raw = client_of(dynamodb_url)
    tables = {
        noun: make_table(raw, noun, sort_key=noun != "directory")
        for noun in ("telemetry", "shop", "audit", "keys", "directory")
    }
    with mock_aws(config={"core": {"mock_credentials": False}}):
        s3 = botocore.session.get_session().create_client("s3", region_name=REGION)
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        clients = Clients(region=REGION, tenant_role_arn=ROLE)
        yield Cloud(dynamodb_url, raw, clients, tables, person_key=wrapping_key())
    seal_with(None)
    for name in tables.values():
        raw.delete_table(TableName=name)
