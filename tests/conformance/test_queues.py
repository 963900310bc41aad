"""Queues: limits, and what becomes of messages that a function does not take."""

from typing import Any

import pytest

from tests.conformance.asking import code, of
from tests.conformance.targets import Target, unique


@pytest.fixture(scope="module")
def sqs(target: Target) -> Any:
    return target.client("sqs")


def test_of_a_batch_only_the_failed_message_comes_again_and_is_then_a_dead_letter(target: Target, sqs: Any) -> None:
    good, bad = unique("good"), unique("bad")
    entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate((good, bad))]
    sqs.send_message_batch(QueueUrl=target.queue_url("work"), Entries=entries)
    dead: list[str] = []

    def is_dead() -> bool:
        asked = {"WaitTimeSeconds": 1, "MaxNumberOfMessages": 10, "AttributeNames": ["All"]}
        found = sqs.receive_message(QueueUrl=target.queue_url("dead"), **asked)
        dead.extend(one["Body"] for one in found.get("Messages", []))
        return bad in dead

    target.until(is_dead, what="the dead letter")
    table = target.client("dynamodb")
    asked = {"TableName": target.names.table, "Select": "COUNT", "ConsistentRead": True}
    counts = [table.query(**asked, **of(body))["Count"] for body in (good, bad)]
    # The good one may come again too, as AWS says of all, yet is no dead letter.
    assert (counts[0] >= 1, counts[1], good in dead) == (True, 2, False)


def test_a_batch_holds_10_messages(target: Target, sqs: Any) -> None:
    entries = [{"Id": str(number), "MessageBody": "x"} for number in range(11)]
    refused = code(sqs.send_message_batch, QueueUrl=target.queue_url("work"), Entries=entries)
    assert refused in ("AWS.SimpleQueueService.TooManyEntriesInBatchRequest", "TooManyEntriesInBatchRequest")


def test_a_message_is_hidden_while_somebody_has_it_and_gone_when_deleted(target: Target, sqs: Any) -> None:
    queue, body = target.queue_url("dead"), unique("hidden")
    sqs.send_message(QueueUrl=queue, MessageBody=body)
    mine = target.until(lambda: _of(sqs, queue, body), what="the message")
    assert _of(sqs, queue, body) is None
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=mine["ReceiptHandle"])


def test_a_queue_that_is_not_there(target: Target, sqs: Any) -> None:
    refused = code(sqs.get_queue_url, QueueName=f"{target.names.prefix}-none")
    assert refused in ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


def _of(sqs: Any, queue: str, body: str) -> Any:
    found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=30)
    return next((one for one in found.get("Messages", []) if one["Body"] == body), None)
