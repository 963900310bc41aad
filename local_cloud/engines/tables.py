"""Creates the tables of the template in the DynamoDB engine. TTL is recorded there and never relied on."""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson

from local_cloud.cloud import Cloud, Resource

WAIT_S, STEP_S = 30.0, 0.1


class TableFailed(RuntimeError):
    """The engine refused a table; the text has its name and the engine's words."""


async def ensure(cloud: Cloud) -> None:
    """Make every missing table; waits for the engine. Raises TableFailed or TimeoutError."""
    url = f"http://127.0.0.1:{cloud.ports.dynamodb}/"
    async with aiohttp.ClientSession() as session, asyncio.timeout(WAIT_S):
        for table in (*cloud.of("AWS::DynamoDB::GlobalTable"), *cloud.of("AWS::DynamoDB::Table")):
            await _one(session, url, table)


async def _one(session: aiohttp.ClientSession, url: str, table: Resource) -> None:
    status, said = await _call(session, url, "CreateTable", _create(table))
    if status != 200 and "ResourceInUse" not in said.get("__type", ""):
        raise TableFailed(f"{table.physical_id}: {said}")
    ttl = table.properties.get("TimeToLiveSpecification")
    if status == 200 and ttl:
        wanted = {"TableName": table.physical_id, "TimeToLiveSpecification": ttl}
        status, said = await _call(session, url, "UpdateTimeToLive", wanted)
        if status != 200:
            raise TableFailed(f"{table.physical_id}: {said}")


def _create(table: Resource) -> dict[str, Any]:
    said = table.properties
    wanted = {
        "TableName": table.physical_id,
        "KeySchema": said["KeySchema"],
        "AttributeDefinitions": said["AttributeDefinitions"],
        "BillingMode": "PAY_PER_REQUEST",
    }
    indexes = [
        {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
        for index in said.get("GlobalSecondaryIndexes", [])
    ]
    return wanted | ({"GlobalSecondaryIndexes": indexes} if indexes else {})


async def _call(
    session: aiohttp.ClientSession, url: str, operation: str, body: Mapping[str, Any]
) -> tuple[int, dict[str, Any]]:
    headers = {
        "X-Amz-Target": f"DynamoDB_20120810.{operation}",
        "Content-Type": "application/x-amz-json-1.0",
        "Authorization": "AWS4-HMAC-SHA256 Credential=door/20260101/us-east-1/dynamodb/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=0",
        "X-Amz-Date": "20260101T000000Z",
    }
    while True:
        try:
            async with session.post(url, data=orjson.dumps(body), headers=headers) as answer:
                return answer.status, orjson.loads(await answer.read() or b"{}")
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(STEP_S)
