"""The engines behind the door, as product code uses them."""

import json
import string
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.core.running import Running, unique, until


def test_a_conditional_put_refuses_the_second_writer(running: Running) -> None:
    table, key = running.client("dynamodb"), unique("condition")
    put = {
        "TableName": "sample-rows",
        "Item": {"p": {"S": key}, "s": {"S": "a"}},
        "ConditionExpression": "attribute_not_exists(p)",
    }
    table.put_item(**put)
    with pytest.raises(ClientError) as refused:
        table.put_item(**put)
    assert refused.value.response["Error"]["Code"] == "ConditionalCheckFailedException"


def test_the_meter_counts_units_as_aws_bills_them(running: Running) -> None:
    def units() -> tuple[float, float]:
        with urllib.request.urlopen(f"{running.cloud.outputs.aws_url}/_meter", timeout=5) as answer:
            counts = json.load(answer)["dynamodb"].get("sample-rows", {})
        return counts.get("write_units", 0), counts.get("read_units", 0)

    table, key = running.client("dynamodb"), {"p": {"S": unique("meter")}, "s": {"S": "a"}}
    table.put_item(TableName="sample-rows", Item=key)
    wrote, read = units()
    answer = table.put_item(TableName="sample-rows", Item=key | {"b": {"B": b"x" * 1500}})
    table.get_item(TableName="sample-rows", Key=key, ConsistentRead=True)
    assert tuple(after - before for before, after in zip((wrote, read), units(), strict=True)) == (2.0, 1.0)
    assert "ConsumedCapacity" not in answer


def test_a_queue_hands_a_message_that_fails_twice_to_its_dead_letter_queue(running: Running) -> None:
    sqs = running.client("sqs")
    sqs.send_message(QueueUrl=running.queue("sample-work"), MessageBody="bad")
    dead = running.queue("sample-dead")
    messages = until(
        lambda: sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=1).get("Messages"), what="a dead letter"
    )
    assert messages[0]["Body"] == "bad"


def test_of_a_batch_only_the_failed_message_comes_again(running: Running) -> None:
    sqs, table = running.client("sqs"), running.client("dynamodb")
    entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(["good-1", "bad-once-more", "good-2"])]
    sqs.send_message_batch(QueueUrl=running.queue("sample-work"), Entries=entries)

    def seen() -> list[str]:
        found = table.query(
            TableName="sample-rows", KeyConditionExpression="p = :p", ExpressionAttributeValues={":p": {"S": "batch"}}
        )
        return sorted(item["b"]["S"] for item in found["Items"])

    until(lambda: seen().count("bad-once-more") >= 2, what="the bad one twice")
    assert [seen().count(body) for body in ("good-1", "good-2")] == [1, 1]


def test_a_presigned_url_works_once_signed_and_not_when_altered(running: Running) -> None:
    s3, bucket = running.client("s3"), running.bucket
    s3.put_object(Bucket=bucket, Key="presigned/a.txt", Body=b"hello")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "presigned/a.txt"}, ExpiresIn=60)
    with urllib.request.urlopen(url, timeout=5) as answer:
        assert answer.read() == b"hello"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url.replace("a.txt", "b.txt"), timeout=5)
    refused.value.close()
    assert refused.value.code == 403


def test_parameters_of_the_template_can_be_read(running: Running) -> None:
    got = running.client("ssm").get_parameter(Name="/sample/issuer")["Parameter"]["Value"]
    assert got == f"{running.cloud.outputs.origin}/oidc/{running.cloud.outputs.user_pool_id}"


def test_secrets_of_the_template_are_made_by_their_options(running: Running) -> None:
    store, arn = running.client("secretsmanager"), running.cloud.outputs.parameters["/sample/secret-arn"]
    by_name, by_arn = (store.get_secret_value(SecretId=one) for one in ("sample/secret", arn))
    assert by_name["ARN"] == by_arn["ARN"] == arn
    made = json.loads(by_name["SecretString"])
    password = made["password"]
    assert (made["user"], len(password), by_arn["SecretString"]) == ("ann", 40, by_name["SecretString"])
    assert set(password) <= set(string.ascii_letters + string.punctuation) - set("'\"\\")
    assert all(set(password) & set(kind) for kind in (string.ascii_lowercase, string.ascii_uppercase))
    assert set(password) & set(string.punctuation)
    assert store.get_secret_value(SecretId="sample/fixed")["SecretString"] == "as written"


def test_a_secret_that_is_declared_without_a_value_has_none(running: Running) -> None:
    store = running.client("secretsmanager", attempts=1)
    assert store.describe_secret(SecretId="sample/empty")["Name"] == "sample/empty"
    with pytest.raises(store.exceptions.ResourceNotFoundException):
        store.get_secret_value(SecretId="sample/empty")


@pytest.mark.parametrize("service", ["stepfunctions", "cloudformation", "athena"])
def test_a_service_that_does_not_run_here_says_so(running: Running, service: str) -> None:
    client = running.client(service, attempts=1)
    calls = {"stepfunctions": "list_state_machines", "cloudformation": "list_stacks", "athena": "list_work_groups"}
    with pytest.raises(ClientError, match="does not run in the local cloud"):
        getattr(client, calls[service])()


def test_what_moto_only_pretends_is_refused(running: Running) -> None:
    cognito = running.client("cognito-idp", attempts=1)
    with pytest.raises(ClientError, match="does not run in the local cloud"):
        cognito.confirm_sign_up(
            ClientId=running.cloud.outputs.user_pool_client_id, Username="x@example.com", ConfirmationCode="1"
        )
