"""From a credential to its tenant: the one table whose keys do not start with a tenant.

Only this package reads it, with the function's own role. Rows (hash key `p` alone):
`K#<sha256 of API key>`, `U#<issuer>#<subject>`, `G#<thing>`, `W#<connection>`, `X#<sha256 of ticket>`,
`E#<sha256 of enrolment token>`, `N#<tenant>`;
attributes `tenant`, `v`, small facts as strings, `x` TTL.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from cnc.domain.base.clock import to_ms
from cnc.services.membership import Membership, memberships_of

_FAILED_CONDITION = "ConditionalCheckFailedException"
_OWN_NAMES = {"p", "tenant", "v", "x"}


class AlreadyInDirectory(Exception):
    """The key is taken; the existing row was left as it is."""


class ChangedInDirectory(Exception):
    """Somebody else changed the row meanwhile; read it again and decide anew."""


@dataclass(frozen=True)
class Entry:
    """What the directory says about one credential."""

    tenant: str
    facts: Mapping[str, str] = field(default_factory=dict)


class Directory:
    """The directory table over one own-role DynamoDB client."""

    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table

    def api_key(self, key_hash: str) -> Entry | None:
        return self._get(f"K#{safe(key_hash)}")

    def user(self, *, issuer: str, subject: str) -> Entry | None:
        return self._get(f"U#{safe(issuer)}#{safe(subject)}")

    def gateway(self, thing: str) -> Entry | None:
        return self._get(f"G#{safe(thing)}")

    def connection(self, connection: str) -> Entry | None:
        return self._get(f"W#{safe(connection)}")

    def tenant(self, tenant: str) -> Entry | None:
        return self._get(f"N#{safe(tenant)}")

    def provider(self, provider: str) -> Entry | None:
        """Whose sign-in provider it is."""
        return self._get(f"F#{safe(provider)}")

    def tenants(self) -> Iterator[Entry]:
        """Every tenant, for jobs, which then open one context each."""
        start: dict[str, Any] = {}
        while True:
            page = self._client.scan(
                TableName=self._table,
                FilterExpression="begins_with(p, :n)",
                ExpressionAttributeValues={":n": {"S": "N#"}},
                **start,
            )
            yield from map(_entry, page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def take_ticket(self, ticket_hash: str, *, now: datetime) -> Entry | None:
        """Use a single-use ticket up: the first taker gets it, within its life, everyone else None."""
        try:
            answer = self._client.delete_item(
                TableName=self._table,
                Key={"p": {"S": f"X#{safe(ticket_hash)}"}},
                ConditionExpression="attribute_exists(p) AND x > :now",
                ExpressionAttributeValues={":now": {"N": str(int(now.timestamp()))}},
                ReturnValues="ALL_OLD",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == _FAILED_CONDITION:
                return None
            raise
        return _entry(answer["Attributes"])

    def use_enrolment(self, token_hash: str, *, key: str, now: datetime) -> Entry | None:
        """Use an enrolment token for a public key: the first key gets it, and again within its life, others None."""
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key={"p": {"S": f"E#{safe(token_hash)}"}},
                UpdateExpression="SET #k = :k",
                ConditionExpression="attribute_exists(p) AND x > :now AND (attribute_not_exists(#k) OR #k = :k)",
                ExpressionAttributeNames={"#k": "key"},
                ExpressionAttributeValues={":k": {"S": key}, ":now": {"N": str(int(now.timestamp()))}},
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == _FAILED_CONDITION:
                return None
            raise
        return _entry(answer["Attributes"])

    def add_enrolment(self, token_hash: str, *, tenant: str, facts: Mapping[str, str], ends_at: datetime) -> None:
        self._add(f"E#{safe(token_hash)}", tenant=tenant, facts=facts, ends_at=ends_at)

    def add_api_key(self, key_hash: str, *, tenant: str, facts: Mapping[str, str]) -> None:
        self._add(f"K#{safe(key_hash)}", tenant=tenant, facts=facts)

    def add_membership(self, *, issuer: str, subject: str, membership: Membership) -> None:
        """Raises AlreadyInDirectory for somebody who is in this tenant already."""
        held = memberships_of(self.user(issuer=issuer, subject=subject))
        if any(one.tenant == membership.tenant for one in held):
            raise AlreadyInDirectory("U#")
        try:
            self._update_user(
                issuer,
                subject,
                update="SET #t = :m, v = :v",
                condition="attribute_not_exists(#t)",
                names={"#t": membership.tenant},
                values={":m": membership.text(), ":v": 2},
            )
        except ChangedInDirectory as error:
            raise AlreadyInDirectory("U#") from error

    def change_membership(self, *, issuer: str, subject: str, before: Membership, after: Membership | None) -> None:
        """Replace a membership, or end it with None. Raises ChangedInDirectory when it is not what it was `before`."""
        row = self.user(issuer=issuer, subject=subject)
        if row is None or before not in memberships_of(row):
            raise ChangedInDirectory("U#")
        names, values = {"#t": before.tenant}, {":v": 2} | ({} if after is None else {":m": after.text()})
        removed = ["#t"] if after is None else []
        condition = "#t = :was"
        if before.tenant in row.facts:
            values[":was"] = row.facts[before.tenant]
        else:  # a row of the earlier form, which says it in three attributes
            names |= {"#o": "tenant", "#u": "user", "#r": "roles"}
            removed += ["#o", "#u", "#r"]
            condition = "#o = :was AND attribute_not_exists(#t)"
            values[":was"] = before.tenant
        update = "SET v = :v" + ("" if after is None else ", #t = :m")
        update += f" REMOVE {', '.join(removed)}" if removed else ""
        self._update_user(issuer, subject, update=update, condition=condition, names=names, values=values)

    def _update_user(
        self,
        issuer: str,
        subject: str,
        *,
        update: str,
        condition: str,
        names: Mapping[str, str],
        values: Mapping[str, str | int],
    ) -> None:
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"p": {"S": f"U#{safe(issuer)}#{safe(subject)}"}},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeNames=dict(names),
                ExpressionAttributeValues={
                    name: {"N": str(value)} if isinstance(value, int) else {"S": value}
                    for name, value in values.items()
                },
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == _FAILED_CONDITION:
                raise ChangedInDirectory("U#") from error
            raise

    def add_gateway(self, thing: str, *, tenant: str, facts: Mapping[str, str]) -> None:
        self._add(f"G#{safe(thing)}", tenant=tenant, facts=facts)

    def add_tenant(self, tenant: str, *, facts: Mapping[str, str]) -> None:
        self._add(f"N#{safe(tenant)}", tenant=tenant, facts=facts)

    def add_connection(self, connection: str, *, tenant: str, facts: Mapping[str, str], ends_at: datetime) -> None:
        self._add(f"W#{safe(connection)}", tenant=tenant, facts=facts, ends_at=ends_at)

    def add_ticket(self, ticket_hash: str, *, tenant: str, facts: Mapping[str, str], ends_at: datetime) -> None:
        self._add(f"X#{safe(ticket_hash)}", tenant=tenant, facts=facts, ends_at=ends_at)

    def remove_connection(self, connection: str) -> None:
        self._client.delete_item(TableName=self._table, Key={"p": {"S": f"W#{safe(connection)}"}})

    def remove_api_key(self, key_hash: str) -> None:
        self._client.delete_item(TableName=self._table, Key={"p": {"S": f"K#{safe(key_hash)}"}})

    def end_api_key(self, key_hash: str, *, ends_at: datetime) -> None:
        """Let a key end at this time; one that is gone stays gone."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"p": {"S": f"K#{safe(key_hash)}"}},
                UpdateExpression="SET ends_at_ms = :e",
                ConditionExpression="attribute_exists(p)",
                ExpressionAttributeValues={":e": {"S": str(to_ms(ends_at))}},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != _FAILED_CONDITION:
                raise

    def set_plan(self, tenant: str, *, plan: str, off: str) -> bool:
        """What a tenant may ask for, and whom its switch keeps out; False when there is no such tenant."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"p": {"S": f"N#{safe(tenant)}"}},
                UpdateExpression="SET #plan = :plan, #off = :off",
                ConditionExpression="attribute_exists(p)",
                ExpressionAttributeNames={"#plan": "plan", "#off": "off"},
                ExpressionAttributeValues={":plan": {"S": plan}, ":off": {"S": off}},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == _FAILED_CONDITION:
                return False
            raise
        return True

    def _get(self, key: str) -> Entry | None:
        # Consistent: a revoked key must be gone within seconds, a fresh gateway must be found at once.
        answer = self._client.get_item(TableName=self._table, Key={"p": {"S": key}}, ConsistentRead=True)
        return _entry(answer["Item"]) if "Item" in answer else None

    def _add(self, key: str, *, tenant: str, facts: Mapping[str, str], ends_at: datetime | None = None) -> None:
        item = {name: {"S": text} for name, text in facts.items()}
        item |= {"p": {"S": key}, "tenant": {"S": tenant}, "v": {"N": "1"}}
        if ends_at is not None:
            item["x"] = {"N": str(int(ends_at.timestamp()))}
        try:
            self._client.put_item(TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(p)")
        except ClientError as error:
            if error.response["Error"]["Code"] == _FAILED_CONDITION:
                raise AlreadyInDirectory(key[:2]) from error
            raise


def _entry(item: Mapping[str, Mapping[str, str]]) -> Entry:
    facts = {name: value["S"] for name, value in item.items() if name not in _OWN_NAMES and "S" in value}
    return Entry(tenant=item["tenant"]["S"] if "tenant" in item else "", facts=facts)


def safe(text: str) -> str:
    """`text` itself if it can be part of a key. Raises ValueError."""
    if not text or "#" in text or len(text) > 512:
        raise ValueError(f"saw {text!r} as part of a directory key, expected 1 to 512 characters without '#'")
    return text
