"""A few hundred cases of schemathesis over real tables; `make schemathesis` asks the running product 50,000."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests.api.issuer import Issuer
from tests.api.tenants import ENVIRONMENT, Shop
from tests.cloud.fixtures import ANCHOR_BUCKET, BUCKET, REGION, Cloud
from tests.contract.asking import asked
from tests.contract.server import serving


@pytest.fixture
def around(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Buckets, a pool of people and a confirmed sender: what routes reach beside the tables."""
    s3, pools, mail = (cloud.clients.own(service) for service in ("s3", "cognito-idp", "ses"))
    for name in (BUCKET, ANCHOR_BUCKET):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    monkeypatch.setenv("USER_POOL", pools.create_user_pool(PoolName="people")["UserPool"]["Id"])
    mail.verify_email_identity(EmailAddress=ENVIRONMENT["MAIL_SENDER"])


@pytest.mark.usefixtures("around")
def test_every_operation_keeps_to_its_document(
    cold: Callable[[str], ModuleType], ours: Shop, theirs: Shop, issuer: Issuer, tmp_path: Path
) -> None:
    people = {"ours": issuer.token(ours.subject), "theirs": issuer.token(theirs.subject)}
    with serving(rest=cold("rest"), authorizer=cold("authorizer")) as address:
        options = ("--phases", "examples,fuzzing", "--max-examples", "4", "--seed", "7")
        run = asked(address, people, *options, folder=tmp_path, within_s=120)
    if run.failures:
        pytest.fail(run.failures, pytrace=False)
    assert run.cases >= 300
