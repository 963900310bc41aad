"""Secrets: how one is made, and what its two newest values are called."""

from typing import Any

import pytest

from tests.conformance.asking import code
from tests.conformance.targets import Target, unique


@pytest.fixture(scope="module")
def secrets(target: Target) -> Any:
    return target.client("secretsmanager")


def test_a_new_value_is_the_current_one_and_the_one_before_can_still_be_had(target: Target, secrets: Any) -> None:
    first, second = unique("first"), unique("second")
    for text in (first, second):
        secrets.put_secret_value(SecretId=target.names.secret, SecretString=text)
    previous = secrets.get_secret_value(SecretId=target.names.secret, VersionStage="AWSPREVIOUS")
    assert secrets.get_secret_value(SecretId=target.names.secret)["SecretString"] == second
    assert previous["SecretString"] == first


def test_a_value_is_known_by_its_version_and_its_secret_by_name_or_arn(target: Target, secrets: Any) -> None:
    made = secrets.put_secret_value(SecretId=target.names.secret, SecretString="once")
    by_arn = secrets.get_secret_value(SecretId=made["ARN"], VersionId=made["VersionId"])
    assert (by_arn["SecretString"], by_arn["Name"]) == ("once", target.names.secret)
    assert made["ARN"].rpartition(":secret:")[2].startswith(f"{target.names.secret}-")


def test_a_secret_that_is_not_there(target: Target, secrets: Any) -> None:
    refused = code(secrets.get_secret_value, SecretId=f"{target.names.prefix}-none")
    assert refused == "ResourceNotFoundException"
