"""What these use cases need of others. Everything belongs to the tenant acted for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cnc.domain.programs.change import Change
from cnc.domain.programs.snapshot import Snapshot
from cnc.services.audit import AuditLog, Effect
from cnc.services.shop import Gateway, Machine

#: Findings of the static check of a text: mappings with at least `severity`, `code`, `line` and `message`.
Check = Callable[[bytes], Sequence[Mapping[str, Any]]]
#: What a dry run of the new text tells, beside the present one.
DryRun = Callable[[bytes, bytes | None], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class ProgramVersion:
    """One content of one program. `origin` is snapshot, draft or release; `author` a user or key id, or ""."""

    id: str
    machine: str
    name: str
    sha256: str
    size: int
    taken_ms: int
    origin: str
    author: str = ""
    comment: str = ""


class Shop(Protocol):
    def machine(self, machine: str, /) -> Machine | None: ...
    def gateway(self, gateway: str, /) -> Gateway | None: ...
    def gateways(self) -> Sequence[Gateway]: ...


class Versions(Protocol):
    def add(self, version: ProgramVersion, /) -> None: ...
    def adding(self, version: ProgramVersion, /) -> Sequence[Effect]: ...
    def get(self, version: str, /) -> ProgramVersion | None: ...
    def of_machine(self, machine: str, /) -> list[ProgramVersion]:
        """By name, oldest first."""
        ...

    def newest(self, machine: str, name: str, *, origins: Sequence[str]) -> ProgramVersion | None: ...


@dataclass(frozen=True, slots=True)
class HeldChange:
    change: Change
    version: int


class Changes(Protocol):
    def get(self, change: str, /) -> HeldChange | None: ...
    def putting(self, change: Change, /, *, seen_version: int) -> Effect:
        """Refused with CncError `change.state` when another version is stored; 0 = none."""
        ...

    def all(self) -> list[Change]: ...


class Snapshots(Protocol):
    def add(self, snapshot: Snapshot, /) -> None: ...
    def newest(self, machine: str, /, *, most: int) -> list[Snapshot]:
        """Newest first, strongly consistent."""
        ...


class Contents(Protocol):
    """Bytes by their SHA-256: canonical text of programs, tables of values."""

    def put(self, sha256: str, body: bytes, /) -> None: ...
    def get(self, sha256: str, /) -> bytes | None:
        """The bytes if they are there and have this digest."""
        ...

    def has(self, sha256: str, /) -> bool: ...
    def remove(self, sha256: str, /) -> None: ...
    def link(self, sha256: str, /) -> str:
        """An address from which the bytes can be fetched for a minute."""
        ...

    def upload_link(self, sha256: str, /) -> str:
        """An address to which exactly these bytes can be put for 10 minutes."""
        ...


class Commands(Protocol):
    def command(self, payload: bytes, *, site: str, thing: str) -> None: ...


class WritingStops(Protocol):
    """Kill switches by the id of tenant, site or machine."""

    def stopped(self) -> frozenset[str]: ...
    def stop(self, subject: str, /) -> None: ...
    def stopping(self, subject: str, /) -> Effect: ...
    def allowing(self, subject: str, /) -> Effect: ...


Sign = Callable[[bytes], bytes]
Random = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateStores:
    """One set per request."""

    tenant: str
    shop: Shop
    versions: Versions
    changes: Changes
    snapshots: Snapshots
    contents: Contents
    stops: WritingStops
    audit: AuditLog
    random: Random
