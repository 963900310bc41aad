"""Keys of people that are made ready when the first name is written or read: most requests read none."""

from functools import cached_property

from botocore.exceptions import BotoCoreError, ClientError

from cnc.cloud.store.sealed import Keys, seal_with
from cnc.cloud.tenancy import Clients


class LazyKeys:
    """The `Keys` of `cnc.cloud.store.sealed`, whose library and clients are loaded at the first call."""

    def __init__(self, clients: Clients, *, table: str, key_id: str) -> None:
        self._clients = clients
        self._table = table
        self._key_id = key_id

    @cached_property
    def _keys(self) -> Keys:
        """Imported here: nothing else of these functions needs the library."""
        from cnc.cloud.person_keys import person_keys

        return person_keys(self._clients, table=self._table, key_id=self._key_id)

    def seal(self, person: str, text: str) -> str:
        return self._keys.seal(person, text)

    def open(self, person: str, text: str) -> str:
        return self._keys.open(person, text)

    def pseudonym(self, person: str, text: str) -> str:
        """ "" while the key service is away: what is noted then lacks the address, and is noted."""
        try:
            return self._keys.pseudonym(person, text)
        except (BotoCoreError, ClientError):
            return ""


def seal_lazily(clients: Clients, *, table: str, key_id: str) -> None:
    """Use the keys of this table for all rows of people of this process from now on."""
    seal_with(LazyKeys(clients, table=table, key_id=key_id))
