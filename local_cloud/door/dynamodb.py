"""Passes DynamoDB calls to the engine and meters their units."""

from typing import Any

import aiohttp
import orjson

from local_cloud.cloud import Cloud
from local_cloud.door.calls import Call
from local_cloud.door.errors import AwsError
from local_cloud.door.meter import Meter
from local_cloud.service_client import Reply

_WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}
_READS = {"GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"}
TIMEOUT_S = 30
_PASSED = ("content-type", "x-amz-target", "authorization", "x-amz-date", "accept-encoding")


class DynamoDb:
    def __init__(self, cloud: Cloud, meter: Meter) -> None:
        self._url = f"http://127.0.0.1:{cloud.ports.dynamodb}/"
        self._meter = meter
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
            connector=aiohttp.TCPConnector(limit=64),
            auto_decompress=False,
        )

    async def call(self, call: Call) -> Reply:
        """The engine's answer. Raises AwsError 500 while the engine is away, which SDKs retry."""
        metered = call.operation in _WRITES or call.operation in _READS
        wanted = call.json.get("ReturnConsumedCapacity")
        # Always written anew: a name that stands twice must not mean one thing to the judge and another to the engine.
        body = orjson.dumps(call.json | ({"ReturnConsumedCapacity": "TOTAL"} if metered and not wanted else {}))
        headers = {name: call.headers[name] for name in _PASSED if name in call.headers} | {
            "accept-encoding": "identity"
        }
        try:
            async with self._session.post(self._url, data=body, headers=headers) as answer:
                reply = Reply(answer.status, dict(answer.headers), await answer.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            raise AwsError(500, "InternalServerError", f"the DynamoDB engine does not answer ({error})") from None
        return self._metered(call.operation, reply, keep=bool(wanted)) if metered and reply.status == 200 else reply

    def _metered(self, operation: str, reply: Reply, *, keep: bool) -> Reply:
        said: dict[str, Any] = orjson.loads(reply.body)
        consumed = said.get("ConsumedCapacity") or []
        for one in consumed if isinstance(consumed, list) else [consumed]:
            units = float(one.get("CapacityUnits", 0.0))
            kind = "write" if operation in _WRITES else "read"
            self._meter.capacity(one["TableName"], **{kind: units})
        if keep:
            return reply
        said.pop("ConsumedCapacity", None)
        headers = {"Content-Type": reply.headers.get("Content-Type", "application/x-amz-json-1.0")}
        return Reply(200, headers, orjson.dumps(said))

    async def close(self) -> None:
        await self._session.close()
