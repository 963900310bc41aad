"""SQS event sources -> Lambda, with partial batch failures; and failure destinations -> SQS."""

import asyncio
import hashlib
import json
import logging
import uuid
from typing import Any

from local_cloud.cloud import Cloud, Resource
from local_cloud.door.calls import Call
from local_cloud.door.identities import function_name
from local_cloud.engines.moto_engine import MotoEngine
from local_cloud.lambda_runtime.dispatcher import Dispatcher, Outcome, Throttled
from local_cloud.lambda_runtime.functions import FunctionSpec
from local_cloud.service_client import Reply

IDLE_S, EMPTY_S = 3600.0, 1.0
log = logging.getLogger("event-source")


async def send(moto: MotoEngine, cloud: Cloud, spec: FunctionSpec, payload: bytes, outcome: Outcome) -> None:
    """The record of a failed asynchronous invocation, to the function's failure destination if it has one."""
    log.warning(
        "asynchronous %s given up: %s %s", spec.name, outcome.error, outcome.payload[:500].decode(errors="replace")
    )
    if ":sqs:" not in spec.on_failure:
        return
    record = {
        "version": "1.0",
        "requestContext": {"functionArn": spec.arn, "condition": "RetriesExhausted"},
        "requestPayload": json.loads(payload),
        "responsePayload": json.loads(outcome.payload or b"null"),
    }
    url = f"{cloud.aws_url}/{cloud.account}/{spec.on_failure.rpartition(':')[2]}"
    await sqs(moto, "SendMessage", {"QueueUrl": url, "MessageBody": json.dumps(record)})


async def sqs(moto: MotoEngine, operation: str, body: dict[str, Any]) -> Reply:
    """One SQS call in the cloud's own name."""
    headers = {"x-amz-target": f"AmazonSQS.{operation}", "content-type": "application/x-amz-json-1.0"}
    return await moto.call(Call("POST", "/", headers, json.dumps(body).encode(), "sqs"))


class BadSource(ValueError):
    """An event source that is no SQS queue."""


class SqsSources:
    def __init__(self, cloud: Cloud, *, dispatcher: Dispatcher, moto: MotoEngine) -> None:
        self._cloud = cloud
        self._dispatcher = dispatcher
        self._moto = moto
        self._mappings = [
            one for one in cloud.of("AWS::Lambda::EventSourceMapping") if one.properties.get("Enabled", True)
        ]
        for one in self._mappings:
            if ":sqs:" not in one.properties["EventSourceArn"]:
                raise BadSource(f"{one.logical_id}: {one.properties['EventSourceArn']} is no SQS queue")

    async def run(self) -> None:
        """One loop per mapping, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for mapping in self._mappings:
                group.create_task(self._loop(mapping))
            while not self._mappings:
                await asyncio.sleep(IDLE_S)

    async def _loop(self, mapping: Resource) -> None:
        while True:
            if not await self.once(mapping):
                await asyncio.sleep(EMPTY_S)

    async def once(self, mapping: Resource) -> bool:
        """Receive one batch, run the function, delete what it did not name as failed. Whether there was a batch."""
        said = mapping.properties
        queue = said["EventSourceArn"].rpartition(":")[2]
        url = f"{self._cloud.aws_url}/{self._cloud.account}/{queue}"
        wanted = {
            "QueueUrl": url,
            "MaxNumberOfMessages": min(10, int(said.get("BatchSize", 10))),
            "AttributeNames": ["All"],
            "MessageAttributeNames": ["All"],
        }
        reply = await sqs(self._moto, "ReceiveMessage", wanted)
        messages = json.loads(reply.body).get("Messages", []) if reply.status == 200 else []
        if not messages:
            return False
        payload = json.dumps({"Records": [self._record(one, said["EventSourceArn"]) for one in messages]}).encode()
        try:
            name = function_name(said["FunctionName"])
            outcome = await self._dispatcher.invoke(name, payload, request_id=str(uuid.uuid4()))
        except Throttled:
            return True
        partial = "ReportBatchItemFailures" in said.get("FunctionResponseTypes", [])
        failed = failures(outcome, [one["MessageId"] for one in messages], partial=partial)
        for one in messages:
            if one["MessageId"] not in failed:
                await sqs(self._moto, "DeleteMessage", {"QueueUrl": url, "ReceiptHandle": one["ReceiptHandle"]})
        return True

    def _record(self, message: dict[str, Any], arn: str) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": message.get("MessageAttributes", {}),
            "md5OfBody": hashlib.md5(message["Body"].encode(), usedforsecurity=False).hexdigest(),
            "eventSource": "aws:sqs",
            "eventSourceARN": arn,
            "awsRegion": self._cloud.region,
        }


def failures(outcome: Outcome, ids: list[str], *, partial: bool) -> set[str]:
    """Which messages of a batch failed. A malformed answer or an unknown id fails the whole batch, as in AWS.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    if outcome.error:
        return set(ids)
    if not partial:
        return set()
    said = json.loads(outcome.payload or b"null")
    if not said:
        return set()
    named = [str(one.get("itemIdentifier")) for one in said.get("batchItemFailures") or [] if isinstance(one, dict)]
    return set(named) if set(named) <= set(ids) else set(ids)
