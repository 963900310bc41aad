"""The functions of the conformance template; shipped inline, so one file under 4,096 characters."""

import os
import time
from typing import Any

import boto3

table = boto3.client("dynamodb")


def _put(partition: str, sort: str, **more: Any) -> None:
    table.put_item(TableName=os.environ["TABLE"], Item={"p": {"S": partition}, "s": {"S": sort}, **more})


def tricks(event: dict[str, Any], context: Any) -> Any:
    """Does what the event says."""
    do = event.get("do", "echo")
    if do == "raise":
        raise ValueError("asked to raise")
    if do == "sleep":
        time.sleep(event["seconds"])
    if do == "large":
        return "x" * event["characters"]
    if do == "count":
        table.update_item(
            TableName=os.environ["TABLE"],
            Key={"p": {"S": event["p"]}, "s": {"S": event["s"]}},
            UpdateExpression="ADD n :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )
    return {
        "event": event,
        "function": context.function_name,
        "request": context.aws_request_id,
        "left_ms": context.get_remaining_time_in_millis(),
        "stage": os.environ["STAGE"],
        "role_key": os.environ["AWS_ACCESS_KEY_ID"][:4],
    }


def batch(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Notes every delivery of every message; those whose body starts with "bad" fail alone."""
    for record in event["Records"]:
        _put(record["body"], f"{time.time_ns()}")
    bad = [record["messageId"] for record in event["Records"] if record["body"].startswith("bad")]
    return {"batchItemFailures": [{"itemIdentifier": one} for one in bad]}


def from_rule(event: dict[str, Any], context: Any) -> None:
    """Keeps what the IoT rule sent."""
    _put(f"rule-{event['thing']}", event["payload"], received_ms={"N": str(event["received_ms"])})
