import json

from tests.conformance.targets import Names, Target
from tests.local_cloud.core.running import unique, until


def test_an_asynchronous_invocation_is_accepted_before_it_runs_and_takes_effect(target: Target, names: Names) -> None:
    row = {"p": {"S": "conformance"}, "s": {"S": unique("event")}}
    payload = json.dumps({"do": "count", "p": row["p"]["S"], "s": row["s"]["S"]}).encode()
    answer = target.client("lambda").invoke(FunctionName=names.function, InvocationType="Event", Payload=payload)
    assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")
    table = target.client("dynamodb")
    until(lambda: "Item" in table.get_item(TableName=names.table, Key=row, ConsistentRead=True), what="the effect")


def test_an_error_of_the_function_is_a_200_with_its_kind(target: Target, names: Names) -> None:
    answer = target.client("lambda").invoke(FunctionName=names.function, Payload=b'{"do": "raise"}')
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert json.loads(answer["Payload"].read())["errorType"] == "ValueError"


def test_a_message_that_fails_as_often_as_allowed_is_redriven_to_the_dead_letter_queue(
    target: Target, names: Names
) -> None:
    sqs, body = target.client("sqs"), unique("bad")
    sqs.send_message(QueueUrl=target.queue(names.work), MessageBody=body)

    def dead() -> bool:
        found = sqs.receive_message(QueueUrl=target.queue(names.dead), WaitTimeSeconds=1, MaxNumberOfMessages=10)
        return body in [one["Body"] for one in found.get("Messages", [])]

    until(dead, what="the dead letter")
