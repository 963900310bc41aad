"""Exports, erasures, consents and shares as REST takes and answers them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from cnc.domain.base.clock import rfc3339
from cnc.domain.privacy.consent import Consent
from cnc.services.privacy.exports import Export
from cnc.services.privacy.shares import Share
from functions.rest.models import Answer, Asked, Moment

Typed = Annotated[str, Field(min_length=1, max_length=254)]


class ExportRequest(Asked):
    """Of yourself (`person` without an id), of the company, or of one machine; `from` and `to` bound its telemetry."""

    kind: Literal["person", "tenant", "machine"]
    id: Annotated[str | None, Field(max_length=64)] = None
    start: Annotated[Moment | None, Field(alias="from")] = None
    end: Annotated[Moment | None, Field(alias="to")] = None


class ExportOrder(Answer):
    """An export: `state` is queued, running, done, failed or expired."""

    id: str
    kind: str
    subject: str
    asked_by: str
    asked_at: str
    state: str
    percent: int
    stage: str
    files: int
    bytes: int
    done_at: str | None
    ends_at: str | None
    why: str

    @classmethod
    def of(cls, export: Export) -> Self:
        done = bool(export.done_ms)
        return cls(
            id=export.id,
            kind=export.kind.value,
            subject=export.subject,
            asked_by=export.by,
            asked_at=rfc3339(export.asked_ms),
            state=export.state.value,
            percent=export.percent,
            stage=export.stage,
            files=export.members,
            bytes=export.size,
            done_at=rfc3339(export.done_ms) if done else None,
            ends_at=rfc3339(export.ends_ms) if done else None,
            why=export.why,
        )


class Exports(Answer):
    exports: list[ExportOrder]


class ExportLink(Answer):
    """An address that gives the archive for ten minutes, to whoever has it."""

    url: str
    ends_at: str


class ErasureRequest(Asked):
    """`confirmation` is the person's e-mail address, typed."""

    person_id: Annotated[str, Field(max_length=64)]
    confirmation: Typed


class PersonErasure(Answer):
    """An erasure of a person; `erased` counts what went."""

    person_id: str
    asked_by: str
    asked_at: str
    state: str
    done_at: str | None
    erased: dict[str, int]

    @classmethod
    def of(cls, order: Mapping[str, Any]) -> Self:
        return cls(
            person_id=order["person"],
            asked_by=order["by"],
            asked_at=rfc3339(order["asked_ms"]),
            state=order["state"],
            done_at=rfc3339(order["done_ms"]) if order["done_ms"] else None,
            erased=order["erased"],
        )


class PersonErasures(Answer):
    erasures: list[PersonErasure]


class TenantErasure(Answer):
    """The end of the company: until `dueAt` it can be taken back."""

    state: str
    asked_at: str
    due_at: str


class ConsentRequest(Asked):
    """`version` is that of the text that was shown."""

    kind: Annotated[str, Field(max_length=40)]
    version: Annotated[str, Field(max_length=40)]
    given: bool


class ConsentDocument(Answer):
    """What may be agreed to, and whether you do."""

    kind: str
    version: str
    title: str
    text: str
    given: bool
    given_at: str | None


class ConsentRecord(Answer):
    kind: str
    version: str
    given: bool
    at: str

    @classmethod
    def of(cls, record: Consent) -> Self:
        return cls(kind=record.kind, version=record.version, given=record.given, at=rfc3339(record.at_ms))


class Consents(Answer):
    documents: list[ConsentDocument]
    records: list[ConsentRecord]


class NamesRequest(Asked):
    """`assessed`: its effect on the people was assessed (GDPR, article 35); needed to switch names on."""

    on: bool
    assessed: bool = False


class NamesSetting(Answer):
    on: bool
    changed_at: str | None
    changed_by: str


class ShareRequest(Asked):
    """All data of one machine for somebody else, with a key of its own; `from`: nothing older than this."""

    machine_id: Annotated[str, Field(max_length=64)]
    recipient: Annotated[str, Field(min_length=1, max_length=80)]
    days: Annotated[int, Field(ge=1, le=730)] = 90
    start: Annotated[Moment | None, Field(alias="from")] = None


class ShareRow(Answer):
    """`id` is the id of the recipient's key."""

    id: str
    machine_id: str
    recipient: str
    made_by: str
    made_at: str
    ends_at: str
    since: str | None

    @classmethod
    def of(cls, share: Share) -> Self:
        return cls(
            id=share.key,
            machine_id=share.machine,
            recipient=share.recipient,
            made_by=share.by,
            made_at=rfc3339(share.made_ms),
            ends_at=rfc3339(share.ends_ms),
            since=rfc3339(share.from_ms) if share.from_ms else None,
        )


class MadeShare(ShareRow):
    """`key` is shown once."""

    key: str


class Shares(Answer):
    shares: list[ShareRow]


class MachineData(Answer):
    """Data of one machine as its gateway told them, chunk after chunk, oldest first.

    A chunk has `rows` rows `periodMs` apart from `startMs` (UTC) on, of which the first has number `firstSeq` of its
    `boot`; `quality` of each (0 good, 1 uncertain, 2 bad, 3 unavailable); `columns` by signal key (MTConnect) with
    `unit`, the machine's own name as `native`, and as many `values`; and `events`. `next` is where the next page
    begins, null for the last one.
    """

    machine_id: str
    chunks: list[dict[str, Any]]
    next: str | None


class RetentionClass(Answer):
    """One class of data: how long it is kept, what ends it, and what the last run found and removed."""

    name: str
    what: str
    ends: str
    days: float | None
    held: int | None
    removed: int
    late: int


class RetentionReport(Answer):
    """`at` is null before the first run."""

    at: str | None
    classes: list[RetentionClass]
