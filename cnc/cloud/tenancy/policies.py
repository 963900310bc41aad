"""What a tenant asks of its people: facts of its directory row, where the authorizer meets them."""

from typing import Any


class PolicyTable:
    """`N#<tenant>`: `require_factor` is `1` when everybody has to show a second factor in each session."""

    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table

    def requires_factor(self, tenant: str, /) -> bool:
        found = self._client.get_item(TableName=self._table, Key=_key(tenant), ConsistentRead=True).get("Item") or {}
        return bool(found.get("require_factor", {}).get("S") == "1")

    def set_requires_factor(self, tenant: str, required: bool, /) -> None:
        """Raises ClientError for a tenant that is not there: no row is made of a policy alone."""
        self._client.update_item(
            TableName=self._table,
            Key=_key(tenant),
            UpdateExpression="SET require_factor = :on" if required else "REMOVE require_factor",
            ConditionExpression="attribute_exists(p)",
            **({"ExpressionAttributeValues": {":on": {"S": "1"}}} if required else {}),
        )


def _key(tenant: str) -> dict[str, Any]:
    return {"p": {"S": f"N#{tenant}"}}
