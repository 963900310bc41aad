"""A tenant with everything that can be in one, over the real engine and moto."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import botocore.session
import pytest

from cnc.cloud.privacy import PrivacyParts
from cnc.cloud.store.sealed import seal_with
from cnc.cloud.tenancy import acting_for
from tests.cloud.engine import make_table
from tests.cloud.fixtures import *  # noqa: F403
from tests.cloud.fixtures import BUCKET, REGION, Cloud
from tests.cloud.shop import TENANT, Shop


@dataclass
class Places:
    """What the settings of a function say."""

    telemetry_table: str
    shop_table: str
    audit_table: str
    directory_table: str
    keys_table: str
    bucket: str
    person_key: str
    user_pool: str
    dead_letters: str = ""


@pytest.fixture
def places(cloud: Cloud) -> Iterator[Places]:
    keys = cloud.tables.get("keys") or make_table(cloud.raw, "keys")
    session = botocore.session.get_session()
    kms, pool, sqs = (session.create_client(name, region_name=REGION) for name in ("kms", "cognito-idp", "sqs"))
    yield Places(
        **{f"{noun}_table": name for noun, name in cloud.tables.items() if noun != "keys"},
        keys_table=keys,
        bucket=BUCKET,
        person_key=kms.create_key()["KeyMetadata"]["Arn"],
        user_pool=pool.create_user_pool(PoolName="users", UsernameAttributes=["email"])["UserPool"]["Id"],
        dead_letters=sqs.create_queue(QueueName="rule-errors")["QueueUrl"],
    )
    seal_with(None)
    if "keys" not in cloud.tables:
        cloud.raw.delete_table(TableName=keys)


@pytest.fixture
def parts(cloud: Cloud, places: Places) -> PrivacyParts:
    return PrivacyParts(cloud.clients, places)


@pytest.fixture
def shop(cloud: Cloud, parts: PrivacyParts) -> Iterator[Shop]:
    """`parts` first: what it knows of people is sealed."""
    with acting_for(TENANT):
        yield Shop(cloud)


@pytest.fixture
def engine_folder(dynamodb_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return next(tmp_path_factory.getbasetemp().glob("dynamodb*"))
