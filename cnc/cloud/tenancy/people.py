"""The directory as administration uses it: memberships, tenants, invitations and who makes which company.

Rows besides those of `directory`: `V#<sha256 of invitation token>` -> `tenant`, `invitation`, TTL;
`R#<issuer>#<subject>` -> `tenant` that this person made last, `site`, `user`, `day` and `count`.
"""

from collections.abc import Mapping
from datetime import datetime

from botocore.exceptions import ClientError

from cnc.cloud.tenancy.directory import AlreadyInDirectory, ChangedInDirectory, Directory, Entry, safe
from cnc.domain.base.errors import CncError
from cnc.services.membership import Membership

_FAILED_CONDITION = "ConditionalCheckFailedException"


class PeopleDirectory(Directory):
    """Errors are those that people are told."""

    def add_membership(self, *, issuer: str, subject: str, membership: Membership) -> None:
        """Raises CncError `membership.exists`."""
        try:
            super().add_membership(issuer=issuer, subject=subject, membership=membership)
        except AlreadyInDirectory as error:
            expected = "somebody who does not belong to it yet"
            raise CncError("membership.exists", seen=membership.tenant, expected=expected) from error

    def change_membership(self, *, issuer: str, subject: str, before: Membership, after: Membership | None) -> None:
        """Raises CncError `people.changed`."""
        try:
            super().change_membership(issuer=issuer, subject=subject, before=before, after=after)
        except ChangedInDirectory as error:
            raise CncError("people.changed", todo="Look again and decide anew.") from error

    def add_tenant(self, tenant: str, *, facts: Mapping[str, str]) -> None:
        """One that is there stays as it is."""
        try:
            super().add_tenant(tenant, facts=facts)
        except AlreadyInDirectory:
            return

    def set_tenant(self, tenant: str, *, facts: Mapping[str, str]) -> None:
        """Set facts of a tenant. Raises CncError `tenant.not_found`."""
        names = {f"#{number}": name for number, name in enumerate(facts)}
        values = {f":{number}": {"S": text} for number, text in enumerate(facts.values())}
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"p": {"S": f"N#{safe(tenant)}"}},
                UpdateExpression="SET " + ", ".join(f"#{number} = :{number}" for number in range(len(facts))),
                ConditionExpression="attribute_exists(p)",
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == _FAILED_CONDITION:
                raise CncError("tenant.not_found", seen=tenant) from error
            raise

    def add_invitation(self, token_hash: str, *, tenant: str, facts: Mapping[str, str], ends_at: datetime) -> None:
        self._add(f"V#{safe(token_hash)}", tenant=tenant, facts=facts, ends_at=ends_at)

    def invitation(self, token_hash: str, /) -> Entry | None:
        """The row of a token; the invitation itself says whether it still counts."""
        return self._get(f"V#{safe(token_hash)}")

    def remove_invitation(self, token_hash: str, /) -> None:
        self._client.delete_item(TableName=self._table, Key={"p": {"S": f"V#{safe(token_hash)}"}})

    def sign_up(self, *, issuer: str, subject: str) -> Entry | None:
        return self._get(f"R#{safe(issuer)}#{safe(subject)}")

    def reserve_sign_up(
        self, *, issuer: str, subject: str, tenant: str, facts: Mapping[str, str], instead_of: str
    ) -> bool:
        """Whether `instead_of` ("" = nothing) still stood there; then `tenant` does now."""
        item = {name: {"S": text} for name, text in facts.items()}
        item |= {"p": {"S": f"R#{safe(issuer)}#{safe(subject)}"}, "tenant": {"S": tenant}, "v": {"N": "1"}}
        condition = {"ConditionExpression": "attribute_not_exists(p)"}
        values = {}
        if instead_of:
            condition = {"ConditionExpression": "tenant = :before"}
            values = {"ExpressionAttributeValues": {":before": {"S": instead_of}}}
        try:
            self._client.put_item(TableName=self._table, Item=item, **condition, **values)
        except ClientError as error:
            if error.response["Error"]["Code"] == _FAILED_CONDITION:
                return False
            raise
        return True
