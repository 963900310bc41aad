"""Shares: a third party reads all data of one machine with a key of its own, until it ends or is revoked.

EU Data Act, article 5: at the request of a user, data go to whom the user names. The key is an API key of the scope
`share`, which opens nothing but the rows of the machine that its share names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol

from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller

SCOPE: Final = "share"
LONGEST: Final = timedelta(days=730)


class Documents(Protocol):
    def read(self, sort: str) -> dict[str, Any] | None: ...
    def write(self, sort: str, body: Any, *, expires_s: int = 0) -> None: ...
    def below(self, prefix: str) -> Iterator[tuple[str, dict[str, Any]]]: ...
    def remove(self, sort: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Share:
    """`key` is the id of the recipient's API key; rows before `from_ms` are not shared."""

    key: str
    machine: str
    recipient: str
    by: str
    made_ms: int
    ends_ms: int
    from_ms: int = 0

    def row(self) -> dict[str, Any]:
        return {
            "machine": self.machine,
            "recipient": self.recipient,
            "by": self.by,
            "made_ms": self.made_ms,
            "ends_ms": self.ends_ms,
            "from_ms": self.from_ms,
        }


def shares(documents: Documents) -> list[Share]:
    """By age."""
    found = [Share(key, **body) for key, body in documents.below("share#")]
    return sorted(found, key=lambda share: share.made_ms)


def put(share: Share, *, documents: Documents) -> None:
    documents.write(f"share#{share.key}", share.row(), expires_s=share.ends_ms // 1000 + 90 * 86_400)


def remove(key: str, *, documents: Documents) -> Share:
    """Raises CncError `share.not_found`."""
    body = documents.read(f"share#{key}")
    if body is None:
        raise CncError("share.not_found", seen=key)
    documents.remove(f"share#{key}")
    return Share(key, **body)


def shared_from_ms(caller: Caller, machine: str, *, documents: Documents) -> int | None:
    """From when on this key may read this machine; None: it may not."""
    if caller.kind != "key" or SCOPE not in caller.scopes:
        return None
    body = documents.read(f"share#{caller.subject}")
    return body["from_ms"] if body is not None and body["machine"] == machine else None
