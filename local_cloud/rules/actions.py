"""Actions of a topic rule: Lambda, SQS, republish; what else a template names is refused when it is loaded."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

import aiohttp

from local_cloud.rules.context import Context
from local_cloud.rules.sql import template
from local_cloud.rules.values import Value
from local_cloud.service_client import DoorRefused, ServiceClient

Properties = Mapping[str, Any]


class ActionFailed(Exception):
    """The action did not happen; `resource` is what it aimed at."""

    def __init__(self, action: str, resource: str, message: str) -> None:
        super().__init__(message)
        self.action, self.resource = action, resource


class Action(Protocol):
    """Raises ActionFailed, and aiohttp.ClientError or TimeoutError when the other side is not there now."""

    async def run(self, payload: bytes, context: Context) -> None: ...


@dataclass(frozen=True, slots=True)
class Services:
    """What actions reach. `broker_url` is the control port of the broker."""

    client: ServiceClient
    http: aiohttp.ClientSession
    broker_url: str


@dataclass(frozen=True, slots=True)
class InvokeLambda:
    """Asynchronous, as AWS IoT does it: how the function ends is never learned."""

    services: Services
    function_arn: str
    rule_arn: str

    async def run(self, payload: bytes, _: Context) -> None:
        try:
            await self.services.client.invoke(self.function_arn, payload, source_arn=self.rule_arn, event=True)
        except DoorRefused as refused:
            raise ActionFailed("LambdaAction", self.function_arn, str(refused)) from refused


@dataclass(frozen=True, slots=True)
class SendToQueue:
    """One SQS message with the payload, base64 if the template says so."""

    services: Services
    queue_url: str
    role_arn: str
    use_base64: bool

    async def run(self, payload: bytes, _: Context) -> None:
        body = base64.b64encode(payload).decode() if self.use_base64 else payload.decode(errors="replace")
        content = json.dumps({"QueueUrl": self.queue_url, "MessageBody": body}).encode()
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.SendMessage"}
        client: ServiceClient | None = None
        try:
            client = await self.services.client.as_role(self.role_arn, session="rule")
            reply = await client.call("sqs", "POST", "/", body=content, headers=headers)
        except DoorRefused as refused:
            raise ActionFailed("SqsAction", self.queue_url, str(refused)) from refused
        finally:
            if client is not None:
                await client.close()
        if reply.status != 200:
            raise ActionFailed(
                "SqsAction", self.queue_url, f"{reply.status} {reply.body[:500].decode(errors='replace')}"
            )


@dataclass(frozen=True, slots=True)
class Republish:
    """To another topic, which may be a substitution template."""

    services: Services
    topic: str
    qos: int

    async def run(self, payload: bytes, context: Context) -> None:
        topic: Value = template(self.topic)(context)
        url = f"{self.services.broker_url}/topics/{quote(topic, safe='')}?qos={self.qos}"
        async with self.services.http.post(url, data=payload) as answer:
            if answer.status != 200:
                raise ActionFailed("RepublishAction", topic, f"{answer.status} {(await answer.text())[:500]}")


def make(declared: Properties, *, services: Services, rule_arn: str) -> Action:
    """From `Actions[n]` or `ErrorAction` of the template. Raises ValueError naming what does not run here."""
    kinds = [kind for kind in declared if declared[kind]]
    if len(kinds) != 1:
        raise ValueError(f"action of {rule_arn}: expected one kind, got {kinds}")
    kind, properties = kinds[0], declared[kinds[0]]
    if kind == "Lambda":
        return InvokeLambda(services, properties["FunctionArn"], rule_arn)
    if kind == "Sqs":
        use_base64 = str(properties.get("UseBase64", False)).lower() == "true"
        return SendToQueue(services, properties["QueueUrl"], properties["RoleArn"], use_base64)
    if kind == "Republish":
        template(properties["Topic"])
        return Republish(services, properties["Topic"], int(properties.get("Qos", 0)))
    raise ValueError(f"action {kind} of {rule_arn} does not run here; Lambda, Sqs and Republish do")
