"""The second wall: session tags, leading keys and prefixes, judged by the cloud itself."""

from typing import Any

import pytest

from local_cloud.cloud import Credentials
from tests.conformance.asking import code, key, of, refusal
from tests.conformance.targets import Target, unique
from tests.local_cloud.core.sample import OTHER, TENANT

DENIED = "AccessDeniedException"


@pytest.fixture(scope="module")
def session(target: Target) -> Credentials:
    return target.tenant(TENANT)


@pytest.fixture(scope="module")
def own(target: Target, session: Credentials) -> Any:
    return target.client("dynamodb", session)


def test_a_session_of_the_tenant_role_needs_a_tenant(target: Target) -> None:
    asked = {"RoleArn": target.role_arn, "RoleSessionName": "conformance"}
    assert refusal(target.client("sts").assume_role, **asked) == (403, "AccessDenied")


def test_a_session_of_the_tenant_role_needs_a_tenant_of_the_right_form(target: Target) -> None:
    asked = {
        "RoleArn": target.role_arn,
        "RoleSessionName": "conformance",
        "Tags": [{"Key": "tenant", "Value": "t_short"}],
    }
    assert code(target.client("sts").assume_role, **asked) == "AccessDenied"


def test_a_session_says_whose_it_is(target: Target, session: Credentials) -> None:
    said = target.client("sts", session).get_caller_identity()
    role = target.names.tenant_role
    assert said["Arn"] == f"arn:aws:sts::{target.account}:assumed-role/{role}/conformance"


def test_a_wrong_secret_is_refused(target: Target, session: Credentials) -> None:
    forged = Credentials(session.access_key_id, "x" * 40, session.session_token)
    assert refusal(target.client("sts", forged).get_caller_identity) == (403, "SignatureDoesNotMatch")


@pytest.mark.parametrize("operation", ["get_item", "put_item"])
def test_the_tenant_role_is_denied_a_foreign_key(target: Target, own: Any, operation: str) -> None:
    name = {"get_item": "Key", "put_item": "Item"}[operation]
    call = getattr(own, operation)
    call(TableName=target.names.table, **{name: key(f"T#{TENANT}#M")})
    assert code(call, TableName=target.names.table, **{name: key(f"T#{OTHER}#M")}) == DENIED


def test_the_tenant_role_is_denied_a_foreign_query(target: Target, own: Any) -> None:
    assert "Items" in own.query(TableName=target.names.table, **of(f"T#{TENANT}#M"))
    assert code(own.query, TableName=target.names.table, **of(f"T#{OTHER}#M")) == DENIED


def test_the_tenant_role_is_denied_a_foreign_partition_of_an_index(target: Target, own: Any) -> None:
    asked: dict[str, Any] = {"TableName": target.names.table, "IndexName": "by_g", "KeyConditionExpression": "g = :g"}
    own.query(**asked, ExpressionAttributeValues={":g": {"S": f"T#{TENANT}#x"}})
    assert code(own.query, **asked, ExpressionAttributeValues={":g": {"S": f"T#{OTHER}#x"}}) == DENIED


def test_one_foreign_row_stops_a_whole_batch(target: Target, own: Any) -> None:
    mine, table = key(f"T#{TENANT}#{unique('batch')}"), target.names.table
    puts = [{"PutRequest": {"Item": item}} for item in (mine, key(f"T#{OTHER}#batch"))]
    own.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": key(f"T#{TENANT}#alone")}}]})
    assert code(own.batch_write_item, RequestItems={table: puts}) == DENIED
    assert "Item" not in target.client("dynamodb").get_item(TableName=table, Key=mine, ConsistentRead=True)


def test_the_tenant_role_is_denied_a_scan(target: Target, own: Any) -> None:
    assert code(own.scan, TableName=target.names.table) == DENIED


def test_the_tenant_role_keeps_to_its_prefix_of_the_bucket(target: Target, session: Credentials) -> None:
    s3, bucket = target.client("s3", session), target.names.bucket
    s3.put_object(Bucket=bucket, Key=f"tenant={TENANT}/kind=hour/x", Body=b"1")
    assert s3.get_object(Bucket=bucket, Key=f"tenant={TENANT}/kind=hour/x")["Body"].read() == b"1"
    foreign = {"Bucket": bucket, "Key": f"tenant={OTHER}/kind=hour/x"}
    assert refusal(s3.get_object, **foreign) == (403, "AccessDenied")
    assert refusal(s3.put_object, **foreign, Body=b"") == (403, "AccessDenied")


def test_the_tenant_role_lists_its_prefix_alone(target: Target, session: Credentials) -> None:
    s3, bucket = target.client("s3", session), target.names.bucket
    s3.list_objects_v2(Bucket=bucket, Prefix=f"tenant={TENANT}/")
    assert code(s3.list_objects_v2, Bucket=bucket) == "AccessDenied"
    assert code(s3.list_objects_v2, Bucket=bucket, Prefix=f"tenant={OTHER}/") == "AccessDenied"
