"""The second wall, proven alone: real boto3 calls with the session of one tenant against the running door."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.cloud import Credentials
from tests.local_cloud.core.running import Running
from tests.local_cloud.core.sample import OTHER, TENANT

OWN, FOREIGN = f"T#{TENANT}#M#m", f"T#{OTHER}#M#m"
TABLE = "sample-rows"


def row(partition: str, **more: str) -> dict[str, Any]:
    return {name: {"S": value} for name, value in {"p": partition, "s": "a", **more}.items()}


def denied(call: Any, **arguments: Any) -> bool:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"] in ("AccessDeniedException", "AccessDenied")


def query(partition: str, **more: Any) -> dict[str, Any]:
    return {
        "TableName": TABLE,
        "KeyConditionExpression": "p = :p",
        "ExpressionAttributeValues": {":p": {"S": partition}},
        **more,
    }


def test_a_tenant_reads_and_writes_its_own_rows(running: Running) -> None:
    own = running.client("dynamodb", running.tenant(TENANT))
    own.put_item(TableName=TABLE, Item=row(OWN))
    assert own.get_item(TableName=TABLE, Key=row(OWN))["Item"] == row(OWN)
    assert own.query(**query(OWN))["Count"] == 1


def test_a_foreign_key_is_denied_in_every_shape_of_call(running: Running) -> None:
    own = running.client("dynamodb", running.tenant(TENANT))
    puts = [{"PutRequest": {"Item": row(OWN)}}, {"PutRequest": {"Item": row(FOREIGN)}}]
    assert denied(own.put_item, TableName=TABLE, Item=row(FOREIGN))
    assert denied(own.get_item, TableName=TABLE, Key=row(FOREIGN))
    assert denied(own.query, **query(FOREIGN))
    assert denied(own.batch_write_item, RequestItems={TABLE: puts})
    transaction = [{"Put": {"TableName": TABLE, "Item": row(OWN)}}, {"Put": {"TableName": TABLE, "Item": row(FOREIGN)}}]
    assert denied(own.transact_write_items, TransactItems=transaction)


def test_one_foreign_item_of_a_batch_stops_the_whole_batch(running: Running) -> None:
    own, admin = running.client("dynamodb", running.tenant(TENANT)), running.client("dynamodb")
    puts = [{"PutRequest": {"Item": row(OWN, s="batch")}}, {"PutRequest": {"Item": row(FOREIGN, s="batch")}}]
    assert denied(own.batch_write_item, RequestItems={TABLE: puts})
    assert "Item" not in admin.get_item(TableName=TABLE, Key=row(OWN, s="batch"))


def test_scan_and_partiql_are_denied(running: Running) -> None:
    own = running.client("dynamodb", running.tenant(TENANT))
    assert denied(own.scan, TableName=TABLE)
    assert denied(own.execute_statement, Statement=f'SELECT * FROM "{TABLE}"')


def test_an_index_is_judged_by_its_own_partition_key(running: Running) -> None:
    own = running.client("dynamodb", running.tenant(TENANT))
    asked = {
        "TableName": TABLE,
        "IndexName": "by_g",
        "KeyConditionExpression": "#g = :g",
        "ExpressionAttributeNames": {"#g": "g"},
    }
    own.query(**asked, ExpressionAttributeValues={":g": {"S": f"T#{TENANT}#x"}})
    assert denied(own.query, **asked, ExpressionAttributeValues={":g": {"S": f"T#{OTHER}#x"}})


@pytest.mark.parametrize(
    "condition", ["p = :p OR p = :q", "p = :p AND p = :q", "begins_with(p, :p)", "p >= :p", ":q = p AND p = :p"]
)
def test_no_way_of_writing_the_condition_reaches_a_foreign_partition(running: Running, condition: str) -> None:
    own = running.client("dynamodb", running.tenant(TENANT))
    values = {":p": {"S": OWN}, ":q": {"S": FOREIGN}} if ":q" in condition else {":p": {"S": "T#"}}
    with pytest.raises(ClientError):
        own.query(TableName=TABLE, KeyConditionExpression=condition, ExpressionAttributeValues=values)


def test_a_tenant_reaches_only_its_own_prefix_of_the_bucket(running: Running) -> None:
    own, bucket = running.client("s3", running.tenant(TENANT)), running.bucket
    own.put_object(Bucket=bucket, Key=f"tenant={TENANT}/kind=hour/a b+c.bin", Body=b"x")
    listed = own.list_objects_v2(Bucket=bucket, Prefix=f"tenant={TENANT}/")
    assert [one["Key"] for one in listed["Contents"]] == [f"tenant={TENANT}/kind=hour/a b+c.bin"]
    assert denied(own.put_object, Bucket=bucket, Key=f"tenant={OTHER}/x", Body=b"x")
    assert denied(own.list_objects_v2, Bucket=bucket)
    assert denied(own.list_objects_v2, Bucket=bucket, Prefix=f"tenant={OTHER}/")
    copied = {"Bucket": bucket, "Key": f"tenant={OTHER}/x"}
    assert denied(own.copy_object, Bucket=bucket, Key=f"tenant={TENANT}/y", CopySource=copied)
    assert denied(own.delete_object, Bucket=bucket, Key=f"tenant={TENANT}/kind=hour/a b+c.bin")


@pytest.mark.parametrize("tags", [[], [{"Key": "tenant", "Value": "a"}], [{"Key": "other", "Value": TENANT}]])
def test_the_tenant_role_is_assumed_with_a_tenant_tag_only(running: Running, tags: list[dict[str, str]]) -> None:
    with pytest.raises(ClientError) as refused:
        running.client("sts").assume_role(
            RoleArn="arn:aws:iam::123456789012:role/sample-tenant", RoleSessionName="test", Tags=tags
        )
    assert refused.value.response["Error"]["Code"] == "AccessDenied"


def test_a_tag_cannot_carry_a_wildcard(running: Running) -> None:
    with pytest.raises(ClientError, match="refuses"):
        running.tenant("t_***************a")


def test_a_tenant_session_may_do_nothing_else(running: Running) -> None:
    own = running.tenant(TENANT)
    assert denied(running.client("lambda", own).invoke, FunctionName="sample-tricks")
    assert denied(running.client("sqs", own).send_message, QueueUrl=running.queue("sample-work"), MessageBody="x")
    assert denied(running.client("ssm", own).get_parameter, Name="/sample/bucket")
    assert denied(running.client("iot", own).create_thing, thingName="x")


def test_forged_and_unsigned_calls_are_refused(running: Running) -> None:
    own = running.tenant(TENANT)
    wrong_secret = Credentials(own.access_key_id, "guess", own.session_token)
    wrong_token = Credentials(own.access_key_id, own.secret_access_key, own.session_token[:-2] + "AA")
    other_key = Credentials(running.cloud.outputs.admin.access_key_id, "guess")
    codes = []
    for credentials in (wrong_secret, wrong_token, other_key):
        with pytest.raises(ClientError) as refused:
            running.client("dynamodb", credentials, attempts=1).get_item(TableName=TABLE, Key=row(OWN))
        codes.append(refused.value.response["Error"]["Code"])
    assert codes == ["SignatureDoesNotMatch", "UnrecognizedClientException", "SignatureDoesNotMatch"]


def test_an_object_under_lock_is_put_once_and_never_removed_even_by_the_administrator(running: Running) -> None:
    admin = running.client("s3")
    where = {"Bucket": "sample-locked", "Key": "anchor"}
    assert denied(admin.put_object, **where, Body=b"first")
    put = admin.put_object(**where, Body=b"first", IfNoneMatch="*", ChecksumAlgorithm="SHA256")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        admin.put_object(**where, Body=b"second", IfNoneMatch="*", ChecksumAlgorithm="SHA256")
    assert denied(admin.delete_object, **where)
    assert denied(admin.delete_object, **where, VersionId=put["VersionId"])
    assert denied(admin.delete_objects, Bucket="sample-locked", Delete={"Objects": [{"Key": "anchor"}]})
    held = admin.head_object(**where)
    assert (held["ObjectLockMode"], held["VersionId"]) == ("COMPLIANCE", put["VersionId"])
    assert admin.get_object(**where)["Body"].read() == b"first"
    versions = admin.list_object_versions(Bucket="sample-locked")["Versions"]
    assert [one["VersionId"] for one in versions] == [put["VersionId"]]
