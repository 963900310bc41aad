"""What REST answers and takes of programs, changes and the write gate (docs/write-gate.md)."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field

from cnc.domain.base.clock import rfc3339
from cnc.domain.programs.change import Change
from cnc.domain.programs.snapshot import Snapshot
from cnc.domain.programs.targets import target_to
from cnc.services.programs.library import MachineDrift, Program
from cnc.services.programs.ports import ProgramVersion
from functions.rest.models import Answer, Asked

Why = Annotated[str, Field(min_length=1, max_length=500, description="Why, for the people who read this later.")]


class Version(Answer):
    """One content of one program."""

    id: str
    machine_id: str
    name: str
    sha256: str
    size: int
    taken_at: str
    origin: str
    author: str
    comment: str

    @classmethod
    def of(cls, version: ProgramVersion) -> Self:
        return cls(**_version(version))


class VersionText(Version):
    """A content with its canonical text."""

    text: str

    @classmethod
    def with_text(cls, version: ProgramVersion, text: bytes) -> Self:
        return cls(**_version(version), text=text.decode("latin-1"))


class ProgramRow(Answer):
    """One program of a machine, newest version first; `present`: the control has it now."""

    name: str
    present: bool
    versions: list[Version]

    @classmethod
    def of(cls, program: Program) -> Self:
        versions = [Version.of(version) for version in program.versions]
        return cls(name=program.name, present=program.present, versions=versions)


class Programs(Answer):
    programs: list[ProgramRow]


class PackedPath(Answer):
    """Base64 of the bytes that `cnc.domain.gcode.toolpath` describes."""

    packed: str


class Draft(Asked):
    """A wish to write a program (`text`) or one value; `target` is that of docs/write-gate.md, 3."""

    machine_id: str
    operation: str
    target: dict[str, Any]
    reason: Why
    text: Annotated[str, Field(max_length=4_000_000)] = ""


class Approved(Answer):
    by: str
    at: str


class ChangeRow(Answer):
    """A change and where it stands."""

    id: str
    machine_id: str
    operation: str
    target: dict[str, Any]
    state: str
    reason: str
    author: str
    created_at: str
    sha256: str
    present_sha256: str
    findings: list[dict[str, Any]]
    dry_run: dict[str, Any] | None
    read_by: str
    approvals: list[Approved]
    ordered_by: str
    ordered_at: str | None
    ended_at: str | None
    outcome: dict[str, Any] | None

    @classmethod
    def of(cls, change: Change) -> Self:
        return cls(
            id=change.id,
            machine_id=change.machine,
            operation=change.operation,
            target=target_to(change.target),
            state=change.state.value,
            reason=change.reason,
            author=change.author,
            created_at=rfc3339(change.created_ms),
            sha256=change.sha256,
            present_sha256=change.present_sha256,
            findings=[dict(finding) for finding in change.findings],
            dry_run=_dict(change.dry_run),
            read_by=change.read_by,
            approvals=[Approved(by=given.by, at=rfc3339(given.at_ms)) for given in change.approvals],
            ordered_by=change.ordered_by,
            ordered_at=_at(change.ordered_ms),
            ended_at=_at(change.ended_ms),
            outcome=_dict(change.outcome),
        )


class Changes(Answer):
    changes: list[ChangeRow]


class Approval(Asked):
    """`code` is the six digits of the authenticator; the second approval needs it."""

    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")] | None = None


class Withdrawal(Asked):
    reason: Why


class Nothing(Asked):
    """No fields."""


class SnapshotRow(Answer):
    taken_at: str
    serial: str
    programs: int
    tables: list[str]

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        kinds = [item.kind for item in snapshot.items]
        tables = sorted(kind for kind in kinds if kind != "program")
        return cls(
            taken_at=rfc3339(snapshot.taken_ms), serial=snapshot.serial, programs=kinds.count("program"), tables=tables
        )


class Snapshots(Answer):
    snapshots: list[SnapshotRow]


class DriftRow(Answer):
    """One item that is not what it was; a digest is empty for what came or went."""

    kind: str
    name: str
    before: str
    after: str


class Drifted(Answer):
    """What differs between the two newest snapshots without a released change; nulls before there are two."""

    since: str | None = None
    until: str | None = None
    found: Annotated[list[DriftRow], Field(default_factory=list)]

    @classmethod
    def of(cls, drift: MachineDrift | None) -> Self:
        if drift is None:
            return cls(found=[])
        found = [DriftRow(kind=one.kind, name=one.name, before=one.before, after=one.after) for one in drift.found]
        return cls(since=rfc3339(drift.since_ms), until=rfc3339(drift.until_ms), found=found)


class Writing(Answer):
    """Whether orders may be sent, and until when the gateway's own switch is on (null: it is off)."""

    enabled_until: str | None
    stopped: list[str]


class SetWriting(Asked):
    """`scope` is `machine`, `site` or `tenant`."""

    scope: Annotated[str, Field(pattern=r"^(machine|site|tenant)$")]
    allowed: bool


class Enrolment(Answer):
    """An `otpauth://` address for an authenticator; it counts once a first code was shown."""

    uri: str


class Code(Asked):
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class Done(Answer):
    done: bool = True


def _version(version: ProgramVersion) -> dict[str, Any]:
    return {
        "id": version.id,
        "machine_id": version.machine,
        "name": version.name,
        "sha256": version.sha256,
        "size": version.size,
        "taken_at": rfc3339(version.taken_ms),
        "origin": version.origin,
        "author": version.author,
        "comment": version.comment,
    }


def _at(at_ms: int) -> str | None:
    return rfc3339(at_ms) if at_ms else None


def _dict(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if given is None else dict(given)
