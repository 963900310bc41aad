"""Sign-in providers and domains in the directory: which company each belongs to, and no other.

`F#<provider>` -> `tenant`; `D#<domain>` -> `tenant`, `provider`, once the company proved that the domain is its own.
"""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from cnc.cloud.dynamo import condition_failed


class ProviderTable:
    """Over one own-role DynamoDB client."""

    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table

    def owner(self, provider: str, /) -> str:
        """The tenant of a provider; "" when there is no such one."""
        return self._tenant(f"F#{provider}")

    def add(self, provider: str, /, *, tenant: str) -> None:
        """Again is harmless; a provider of somebody else stays theirs."""
        self._claim(f"F#{provider}", tenant, {})

    def remove(self, provider: str, /) -> None:
        self._client.delete_item(TableName=self._table, Key={"p": {"S": f"F#{provider}"}})

    def owner_of_domain(self, domain: str, /) -> str:
        return self._tenant(f"D#{domain}")

    def claim_domain(self, domain: str, /, *, tenant: str, provider: str) -> bool:
        """False when another company proved it first."""
        return self._claim(f"D#{domain}", tenant, {"provider": {"S": provider}})

    def release_domain(self, domain: str, /, *, tenant: str) -> None:
        try:
            self._client.delete_item(
                TableName=self._table,
                Key={"p": {"S": f"D#{domain}"}},
                ConditionExpression="#t = :t",
                ExpressionAttributeNames={"#t": "tenant"},
                ExpressionAttributeValues={":t": {"S": tenant}},
            )
        except ClientError as error:
            if not condition_failed(error):
                raise

    def _tenant(self, key: str) -> str:
        answer = self._client.get_item(TableName=self._table, Key={"p": {"S": key}}, ConsistentRead=True)
        return str(answer["Item"]["tenant"]["S"]) if "Item" in answer else ""

    def _claim(self, key: str, tenant: str, facts: Mapping[str, Any]) -> bool:
        try:
            self._client.put_item(
                TableName=self._table,
                Item={"p": {"S": key}, "tenant": {"S": tenant}, "v": {"N": "1"}, **facts},
                ConditionExpression="attribute_not_exists(p) OR #t = :t",
                ExpressionAttributeNames={"#t": "tenant"},
                ExpressionAttributeValues={":t": {"S": tenant}},
            )
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True
