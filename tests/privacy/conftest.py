"""A tenant with everything that can be in one, over the real engine and moto."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from moto.cognitoidp.models import cognitoidp_backends
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT  # type: ignore[attr-defined]
from moto.sqs.models import sqs_backends

from cnc.cloud.privacy import PrivacyParts
from cnc.cloud.tenancy import acting_for
from tests.cloud.fixtures import *  # noqa: F403
from tests.cloud.fixtures import BUCKET, REGION, Cloud
from tests.cloud.shop import TENANT, Shop

_BY_EMAIL = {"UsernameAttributes": ["email"]}


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


def _queue() -> str:
    queue = sqs_backends[ACCOUNT][REGION].create_queue("rule-errors")
    return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{queue.name}"


@pytest.fixture
def places(cloud: Cloud) -> Places:
    return Places(
        **{f"{noun}_table": name for noun, name in cloud.tables.items()},
        bucket=BUCKET,
        person_key=cloud.person_key,
        user_pool=str(cognitoidp_backends[ACCOUNT][REGION].create_user_pool("users", _BY_EMAIL).id),
        dead_letters=_queue(),
    )


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
