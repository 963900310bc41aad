"""Keys of people: wrapped by KMS, in the table `keys`: `T#<tenant>#U` / `u_…`: `wrapped`."""

from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_bytes
from typing import Any

from botocore.exceptions import ClientError

from cnc.cloud.dynamo import condition_failed, get, key
from cnc.cloud.tenancy import Clients, current
from cnc.domain.base.clock import utc_now
from cnc.services.person_keys import DataKey, PersonKeys

_REFUSED = "InvalidCiphertextException"


@dataclass(frozen=True, slots=True)
class KmsKeys:
    """Data keys under one KMS key, with the function's own role."""

    kms: Callable[[], Any]
    key_id: str

    def new(self, *, binding: dict[str, str]) -> DataKey:
        made = self.kms().generate_data_key(KeyId=self.key_id, KeySpec="AES_256", EncryptionContext=binding)
        return DataKey(made["Plaintext"], made["CiphertextBlob"])

    def unwrap(self, wrapped: bytes, *, binding: dict[str, str]) -> bytes | None:
        try:
            plain: bytes = self.kms().decrypt(KeyId=self.key_id, CiphertextBlob=wrapped, EncryptionContext=binding)[
                "Plaintext"
            ]
        except ClientError as error:
            if error.response["Error"]["Code"] == _REFUSED:
                return None
            raise
        return plain


@dataclass(frozen=True, slots=True)
class WrappedKeyTable:
    """Rows of the tenant acted for."""

    client: Any
    table: str

    def get(self, person: str, /) -> bytes | None:
        partition = current().partition("U")
        item = get(self.client, table=self.table, partition=partition, sort=person, consistent=True)
        return bytes(item["wrapped"]["B"]) if item else None

    def add(self, person: str, wrapped: bytes, /) -> bool:
        item = {**key(current().partition("U"), person), "wrapped": {"B": wrapped}, "v": {"N": "1"}}
        try:
            self.client.put_item(TableName=self.table, Item=item, ConditionExpression="attribute_not_exists(p)")
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True

    def remove(self, person: str, /) -> None:
        self.client.delete_item(TableName=self.table, Key=key(current().partition("U"), person))


def person_keys(clients: Clients, *, table: str, key_id: str) -> PersonKeys:
    """One per process."""
    return PersonKeys(
        service=KmsKeys(lambda: clients.own("kms"), key_id),
        wrapped=WrappedKeyTable(clients.tenant("dynamodb"), table),
        tenant=lambda: current().tenant,
        random=token_bytes,
        now=utc_now,
    )
