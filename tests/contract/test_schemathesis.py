"""A few hundred cases of schemathesis over real tables; `make schemathesis` asks the running product 50,000."""

from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType

import pytest

from tests.api.issuer import Issuer
from tests.api.tenants import ENVIRONMENT, Shop
from tests.cloud.fixtures import ANCHOR_BUCKET, BUCKET, REGION, Cloud
from tests.contract.asking import LAST, Run, asked
from tests.contract.server import serving

#: What ends the two who ask, and what asks an issuer that exists in a running product alone.
OUTSIDE = (*LAST, "GET /v1/sso/providers")


@pytest.fixture
def around(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Buckets, a pool of people and a confirmed sender: what routes reach beside the tables."""
    s3, pools, mail = (cloud.clients.own(service) for service in ("s3", "cognito-idp", "ses"))
    for name in (BUCKET, ANCHOR_BUCKET):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    monkeypatch.setenv("USER_POOL", pools.create_user_pool(PoolName="people")["UserPool"]["Id"])
    mail.verify_email_identity(EmailAddress=ENVIRONMENT["MAIL_SENDER"])


@pytest.fixture
def run(
    around: None, cold: Callable[[str], ModuleType], ours: Shop, theirs: Shop, issuer: Issuer, tmp_path: Path
) -> Callable[..., Run]:
    """Asks the function and its authorizer as owners of two companies."""

    def run(*options: str, without: Iterable[str] = (), within_s: float) -> Run:
        people = {"ours": issuer.token(ours.subject), "theirs": issuer.token(theirs.subject)}
        with serving(rest=cold("rest"), authorizer=cold("authorizer")) as address:
            return asked(address, people, *options, folder=tmp_path, within_s=within_s, without=without)

    return run


def kept(run: Run, *, cases: int) -> None:
    if run.failures:
        pytest.fail(run.failures, pytrace=False)
    assert run.cases >= cases


def test_every_operation_keeps_to_its_document(run: Callable[..., Run]) -> None:
    options = ("--phases", "examples,fuzzing", "--max-examples", "4", "--seed", "7")
    kept(run(*options, within_s=250, without=OUTSIDE), cases=300)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_thousands_of_cases_keep_to_it_too(run: Callable[..., Run]) -> None:
    kept(run("--max-examples", "40", "--seed", "11", within_s=3500, without=OUTSIDE), cases=5_000)
