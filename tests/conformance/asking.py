"""How the cases ask: keys and refusals in one line."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

Item = dict[str, Any]


def key(partition: str, sort: str = "a") -> Item:
    return {"p": {"S": partition}, "s": {"S": sort}}


def refusal(call: Any, **arguments: Any) -> tuple[int, str]:
    """HTTP status and code of a call that must be refused."""
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    said = refused.value.response
    return int(said["ResponseMetadata"]["HTTPStatusCode"]), str(said["Error"]["Code"])


def code(call: Any, **arguments: Any) -> str:
    return refusal(call, **arguments)[1]


def of(partition: str) -> Item:
    """Arguments of a query for one partition."""
    return {"KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": partition}}}
