"""The routes of the audit log: who did what, whether the chain holds, and an export that verifies without us."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Self

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from cnc.domain.audit.anchor import Fits
from cnc.domain.audit.entry import Entry
from cnc.domain.base.clock import rfc3339, to_ms
from cnc.domain.base.errors import CncError
from cnc.domain.identity.permissions import Permission
from cnc.services.audit_reading import Anchors, Chain, Checked, Wanted, check, export, page
from cnc.services.caller import Caller
from functions.rest.models import Answer, Moment

NDJSON = "application/x-ndjson"
Cursor = Annotated[str, Query(description="`cursor` of the page before.", max_length=64)]
Word = Annotated[str, Query(max_length=128)]


class AuditEntry(Answer):
    """One entry. `actor` and `object` are ids; `address` is a pseudonym; digests are SHA-256 in hex.

    `hash` is the SHA-256 of `previous` and `body`, the entry's canonical JSON.
    """

    seq: int
    at: str
    actor: str
    on_behalf: str
    address: str
    action: str
    object: str
    result: str
    trace: str
    request: str
    before: str
    after: str
    previous: str
    hash: str
    body: str

    @classmethod
    def of(cls, entry: Entry) -> Self:
        action = entry.action
        return cls(
            seq=entry.seq,
            at=rfc3339(action.at_ms),
            actor=action.actor,
            on_behalf=action.on_behalf,
            address=action.address,
            action=action.action,
            object=action.subject,
            result=action.result,
            trace=action.trace,
            request=action.request,
            before=action.before,
            after=action.after,
            previous=entry.previous,
            hash=entry.hash,
            body=entry.body,
        )


class AuditEntries(Answer):
    """Newest first. A page may be short, or empty, while `cursor` says that there is more to look at."""

    entries: list[AuditEntry]
    cursor: str | None


class AuditAnchor(Answer):
    """The last entry whose hash was signed and put where nobody can change it."""

    seq: int
    hash: str
    at: str


class AuditProblem(Answer):
    """What does not hold at the first place that does not: place, previous, content, tenant, anchor or cut."""

    problem: str
    seq: int
    seen: str
    expected: str


class AuditVerdict(Answer):
    """`verified` entries from the first on hold. While `cursor` is not null the reading goes on with it."""

    holds: bool
    verified: int
    head: str
    anchored: int
    anchor: AuditAnchor | None
    bad_anchors: list[int]
    key: str
    problem: AuditProblem | None
    at: str
    cursor: str | None

    @classmethod
    def of(cls, checked: Checked, *, now: datetime) -> Self:
        verdict, newest = checked.verdict, checked.anchored
        broken = AuditProblem(
            problem=verdict.problem or "", seq=verdict.seq, seen=verdict.seen, expected=verdict.expected
        )
        return cls(
            holds=verdict.holds and not checked.bad_anchors,
            verified=verdict.entries,
            head=verdict.head,
            anchored=verdict.anchored,
            anchor=AuditAnchor(seq=newest.seq, hash=newest.hash, at=rfc3339(newest.at_ms)) if newest else None,
            bad_anchors=list(checked.bad_anchors),
            key=checked.key,
            problem=None if verdict.holds else broken,
            at=rfc3339(now),
            cursor=checked.cursor or None,
        )


@dataclass(frozen=True, slots=True)
class AuditPorts:
    """What the routes need, for the request at hand."""

    caller: Callable[[], Caller]
    chain: Chain
    anchors: Anchors
    fits: Fits
    now: Callable[[], datetime]

    def tenant(self) -> str:
        """Of a caller who may read the log. Raises CncError `auth.forbidden`."""
        caller = self.caller()
        caller.require(Permission.AUDIT_READ)
        return caller.tenant


def add_audit(app: APIGatewayHttpResolver, ports: AuditPorts) -> None:
    """Add the routes."""

    @app.get("/v1/audit", summary="Who did what, newest first", tags=["audit"])
    def list_audit(
        actor: Word = "",
        action: Word = "",
        object: Word = "",  # noqa: A002 - the word of the entry
        result: Word = "",
        start: Annotated[Moment | None, Query(alias="from")] = None,
        end: Annotated[Moment | None, Query(alias="to")] = None,
        first: Annotated[int, Query(ge=1, le=100)] = 50,
        cursor: Cursor = "",
    ) -> AuditEntries:
        tenant = ports.tenant()
        wanted = Wanted(actor, action, object, result, _ms(start), _ms(end))
        found = page(wanted, tenant=tenant, chain=ports.chain, most=first, cursor=cursor)
        return AuditEntries(entries=[AuditEntry.of(entry) for entry in found.entries], cursor=found.cursor or None)

    @app.get("/v1/audit/verify", summary="Whether the chain holds, against what was anchored", tags=["audit"])
    def verify_audit(cursor: Cursor = "") -> AuditVerdict:
        tenant = ports.tenant()
        checked = check(tenant=tenant, chain=ports.chain, anchors=ports.anchors, fits=ports.fits, cursor=cursor)
        return AuditVerdict.of(checked, now=ports.now())

    lines_of_json: Any = {
        200: {"description": "One entry a line.", "content": {NDJSON: {"schema": {"type": "string"}}}}
    }

    @app.get(
        "/v1/audit/export",
        summary="The chain with its anchors as lines of JSON",
        tags=["audit"],
        responses=lines_of_json,
    )
    def export_audit(cursor: Cursor = "") -> Response[str]:
        """`docs/audit.md` says how to join the parts and verify them without us."""
        lines = export(tenant=ports.tenant(), chain=ports.chain, anchors=ports.anchors, cursor=cursor)
        return Response(200, content_type=NDJSON, body="".join(f"{line}\n" for line in lines))


def _ms(at: datetime | None) -> int:
    """0 for None. Raises CncError `range.invalid` for a time without a zone."""
    if at is None:
        return 0
    if at.tzinfo is None or at.year < 1970:
        raise CncError("range.invalid", seen=at.isoformat(), expected="RFC 3339 with a zone, such as …T08:00:00Z")
    return to_ms(at)
