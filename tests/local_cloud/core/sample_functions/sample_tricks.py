"""A Lambda that does what its event says."""

import os
import time

import boto3

table = boto3.client("dynamodb")
calls = 0


def lambda_handler(event, context):
    global calls
    calls += 1
    do = event.get("do", "echo")
    if do == "raise":
        raise ValueError("asked to raise")
    if do == "sleep":
        time.sleep(event["seconds"])
    if do == "exit":
        os._exit(3)
    if do == "count":
        table.update_item(
            TableName=os.environ["TABLE"],
            Key={"p": {"S": event["p"]}, "s": {"S": event["s"]}},
            UpdateExpression="ADD n :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )
        if event.get("then") == "raise":
            raise ValueError("counted, then raised")
    return {
        "event": event,
        "calls": calls,
        "pid": os.getpid(),
        "function": context.function_name,
        "request": context.aws_request_id,
        "left_ms": context.get_remaining_time_in_millis(),
        "stage": os.environ["STAGE"],
    }


def batch_handler(event, context):
    failed = [record["messageId"] for record in event["Records"] if record["body"].startswith("bad")]
    for record in event["Records"]:
        table.put_item(
            TableName=os.environ["TABLE"],
            Item={
                "p": {"S": "batch"},
                "s": {"S": f"{record['messageId']}#{time.time_ns()}"},
                "b": {"S": record["body"]},
            },
        )
    return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}
