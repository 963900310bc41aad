"""What export and erasure need of others. Everything belongs to the tenant acted for, the directory excepted."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol, Self

from cnc.domain.privacy.retention import Place


class Row(NamedTuple):
    """One row: its sort key and its attributes as plain values."""

    sort: str
    values: dict[str, Any]


class Rows(Protocol):
    def rows(self, place: Place, owner: str = "", *, after: str = "") -> Iterator[Row]:
        """By sort key, those after `after`."""
        ...

    def remove(self, place: Place, owner: str = "") -> int:
        """Delete some; how many. 0: there are none left."""
        ...

    def replace(self, place: Place, sort: str, changed: dict[str, str]) -> None: ...
    def drop(self, place: Place, sorts: Sequence[str]) -> None: ...


class Objects(Protocol):
    def keys(self, kind: str, *, after: str = "") -> Iterator[tuple[str, int]]:
        """Key and size in bytes, by key, those after `after`."""
        ...

    def read(self, key: str) -> bytes: ...
    def find(self, key: str) -> bytes | None: ...
    def remove(self, key: str) -> None: ...
    def wipe(self) -> int:
        """Delete some versions of objects of all kinds; how many. 0: there are none left."""
        ...


class DirectoryRow(NamedTuple):
    """A row of the directory that belongs to the tenant; `facts` are its texts."""

    key: str
    facts: Mapping[str, str]


class TenantDirectory(Protocol):
    """Rows of one tenant in the directory; of people of several tenants only what concerns this one."""

    def of_tenant(self, tenant: str) -> Iterator[DirectoryRow]: ...
    def forget(self, key: str, *, tenant: str) -> bool:
        """Remove a row, or of a person's row what concerns this tenant. Whether nothing of it is left."""
        ...


@dataclass(slots=True)
class Uploaded:
    """Where an upload stands between two members: parts that are there, bytes that are too few for one, and the place
    in the list of members after which to go on."""

    upload: str
    archive: dict[str, Any]
    tags: list[str] = field(default_factory=list)
    tail: bytes = b""
    section: int = 0
    place: str = ""

    def packed(self) -> bytes:
        body = {
            "upload": self.upload,
            "archive": self.archive,
            "tags": self.tags,
            "tail": b64encode(self.tail).decode(),
            "section": self.section,
            "place": self.place,
        }
        return json.dumps(body, separators=(",", ":"), sort_keys=True).encode()

    @classmethod
    def unpacked(cls, body: Mapping[str, Any]) -> Self:
        tail = b64decode(body["tail"])
        return cls(body["upload"], body["archive"], list(body["tags"]), tail, body["section"], body["place"])


class Archives(Protocol):
    """Archives under their names; parts count from 1, and one of the same number takes the other's place."""

    def begin(self, name: str, *, at: datetime) -> str: ...
    def part(self, name: str, body: bytes, *, at: datetime, upload: str, number: int) -> str: ...
    def finish(self, name: str, *, at: datetime, upload: str, tags: list[str]) -> None: ...
    def abort(self, name: str, *, at: datetime, upload: str) -> None: ...
    def size(self, name: str, *, at: datetime) -> int | None: ...
    def keep(self, state: Uploaded, *, at: datetime, name: str) -> None: ...
    def kept(self, name: str, *, at: datetime) -> Uploaded | None: ...
    def forget(self, name: str, *, at: datetime) -> None: ...
    def remove(self, name: str, *, at: datetime) -> None: ...
