"""The routes of privacy: exports, erasures, consents, names, shares, what is kept how long."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Protocol, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query

from cnc.domain.base.clock import rfc3339, to_ms
from cnc.domain.base.errors import CncError
from cnc.domain.base.ids import check_id
from cnc.domain.identity.permissions import Permission
from cnc.domain.privacy import consent
from cnc.domain.privacy.retention import KEPT
from cnc.services.audit import Action, AuditLog, Effect, note
from cnc.services.caller import ACTIVE, Caller
from cnc.services.keys import KeyDesk, Wish, make_key, revoke_key
from cnc.services.people import company
from cnc.services.people.ports import Desk
from cnc.services.privacy import erasure, exports, machine_data, names, person_erasure, shares
from cnc.services.privacy.exports import Export, ExportKind, ExportState
from cnc.services.shop import User
from cnc.services.stored import ChunkReader, SchemaReader
from functions.rest import privacy_models as shapes
from functions.rest.models import Moment
from functions.rest.people_models import Typed
from functions.rest.vault_models import Done, Nothing

ExportId = Annotated[str, Path(description="Id of an export, x_ and 16 characters.", max_length=64)]
MachineId = Annotated[str, Path(description="Id of the machine, such as m_0123456789abcdef.", max_length=64)]
ShareId = Annotated[str, Path(description="Id of the key of a share, k_ and 16 characters.", max_length=64)]
LINK = timedelta(minutes=10)


Made = TypeVar("Made")


class Shop(Protocol):
    def machine(self, machine: str, /) -> Any | None: ...
    def user(self, user: str, /) -> User | None: ...
    def users(self) -> list[User]: ...


class Archives(Protocol):
    def link(self, name: str, *, at: datetime, file_name: str) -> str: ...
    def remove(self, name: str, *, at: datetime) -> None: ...


class Documents(person_erasure.Documents, shares.Documents, Protocol):
    """JSON documents of the tenant acted for."""


class Consents(names.Consents, Protocol):
    def add(self, record: consent.Consent, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Pending:
    """Stores whose changes are not made yet, and the effects that they came to."""

    documents: Documents
    exports: exports.Exports
    consents: Consents
    effects: Callable[[], list[Effect]]


@dataclass(frozen=True, slots=True)
class PrivacyPorts:
    """What the routes need, for the request at hand. `export` and `erase` begin the work of their functions.

    `close_all` and `close_person` close sockets of everybody, or of one person, in a company.
    """

    caller: Callable[[], Caller]
    shop: Shop
    documents: Documents
    pending: Callable[[], Pending]
    exports: exports.Exports
    archives: Archives
    consents: Consents
    orders: erasure.Orders
    desk: Callable[[], Desk]
    keys: Callable[[], KeyDesk]
    audit: AuditLog
    chunks: ChunkReader
    schemas: SchemaReader
    export: Callable[[Export], None]
    erase: Callable[[str], None]
    step_up: Callable[[Caller], object]
    close_all: Callable[[], None]
    close_person: Callable[[User], None]
    random: Callable[[int], bytes]
    now: Callable[[], datetime]

    def person(self) -> Caller:
        """Raises CncError `auth.forbidden` for keys."""
        caller = self.caller()
        if caller.kind == "key":
            raise CncError("auth.forbidden", seen="an API key", expected="a person")
        return caller

    def noted(self, action: str, subject: str, *, by: Caller) -> None:
        note(Action(by.subject, action, subject, "done", to_ms(self.now())), log=self.audit)

    def together(self, action: str, subject: str, act: Callable[[Pending], Made], *, by: Caller) -> Made:
        """Do it and note it in one transaction."""
        pending = self.pending()
        made = act(pending)
        self.audit.commit(Action(by.subject, action, subject, "done", to_ms(self.now())), pending.effects())
        return made


def add_privacy(app: APIGatewayHttpResolver, ports: PrivacyPorts) -> None:
    """Add the routes."""
    _exports(app, ports)
    _archives(app, ports)
    _people(app, ports)
    _company(app, ports)
    _consents(app, ports)
    _names(app, ports)
    _shares(app, ports)
    _data(app, ports)
    _retention(app, ports)


def _exports(app: APIGatewayHttpResolver, ports: PrivacyPorts) -> None:
    @app.post("/v1/exports", summary="Have an archive made of yourself, a machine or the company", tags=["privacy"])
    def create_export(body: Annotated[shapes.ExportRequest, Body()]) -> shapes.ExportOrder:
        caller = ports.person()
        kind = ExportKind(body.kind)
        subject = _subject(kind, body.id, caller=caller, ports=ports)
        span = _span(body)
        if kind is not ExportKind.MACHINE and span != (0, 0):
            raise CncError("request.invalid", seen="a range of time", expected="a range for machines alone")
        made = ports.together(
            "export.ordered",
            subject,
            lambda pending: exports.ask(
                kind,
                subject,
                by=caller.subject,
                exports=pending.exports,
                random=ports.random,
                now=ports.now(),
                span_ms=span,
            ),
            by=caller,
        )
        ports.export(made)
        return shapes.ExportOrder.of(made)

    @app.get("/v1/exports", summary="Exports that were asked for, newest first", tags=["privacy"])
    def list_exports() -> shapes.Exports:
        caller = ports.person()
        found = [one for one in ports.exports.all() if _sees(caller, one)]
        return shapes.Exports(exports=[shapes.ExportOrder.of(one) for one in reversed(found)])


def _archives(app: APIGatewayHttpResolver, ports: PrivacyPorts) -> None:
    @app.get("/v1/exports/<export_id>", summary="How far an export is", tags=["privacy"])
    def get_export(export_id: ExportId) -> shapes.ExportOrder:
        return shapes.ExportOrder.of(_export(export_id, ports))

    @app.post("/v1/exports/<export_id>/link", summary="An address to fetch the archive from", tags=["privacy"])
    def link_export(export_id: ExportId, _body: Annotated[Nothing | None, Body()] = None) -> shapes.ExportLink:
        found, caller = _export(export_id, ports), ports.person()
        if found.state is not ExportState.DONE or found.ends_ms <= to_ms(ports.now()):
            raise CncError("export.not_ready", seen=found.state.value, expected=ExportState.DONE.value)
        ports.noted("export.fetched", found.id, by=caller)
        file_name = f"cnc-copilot-{found.kind.value}-{found.subject}.zip"
        url = ports.archives.link(found.name, at=found.at, file_name=file_name)
        return shapes.ExportLink(url=url, ends_at=rfc3339(ports.now() + LINK))


def _export(export: str, ports: PrivacyPorts) -> Export:
    found = ports.exports.get(check_id("x", export))
    if found is None or not _sees(ports.person(), found):
        raise CncError("export.not_found", todo="Take the id from /v1/exports.")
    return found


def _sees(caller: Caller, export: Export) -> bool:
    """Everybody sees the exports of themselves; those of company and machines are for those who may make them."""
    if export.kind is ExportKind.PERSON:
        return export.subject == caller.subject or caller.may(Permission.PRIVACY_EXPORT)
    return caller.may(Permission.PRIVACY_EXPORT)


def _subject(kind: ExportKind, asked: str | None, *, caller: Caller, ports: PrivacyPorts) -> str:
    """Who or what is exported. What is more than oneself needs the permission, and the whole company a fresh proof."""
    match kind:
        case ExportKind.PERSON:
            person = check_id("u", asked) if asked is not None else caller.subject
            if person != caller.subject:
                caller.require(Permission.PRIVACY_EXPORT)
                ports.step_up(caller)
            if ports.shop.user(person) is None:
                raise CncError("user.not_found")
            return person
        case ExportKind.TENANT:
            caller.require(Permission.PRIVACY_EXPORT)
            ports.step_up(caller)
            return caller.tenant
        case ExportKind.MACHINE:
            caller.require(Permission.PRIVACY_EXPORT)
            machine = check_id("m", asked)
            if ports.shop.machine(machine) is None:
                raise CncError("machine.not_found")
            return machine


def _span(body: shapes.ExportRequest) -> tuple[int, int]:
    ends = [_ms(moment) if moment is not None else 0 for moment in (body.start, body.end)]
    if ends[1] and ends[0] >= ends[1]:
        raise CncError("range.invalid", seen="an end before the start", expected="a start before the end")
    return ends[0], ends[1]


def _ms(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise CncError("range.invalid", seen=moment.isoformat(), expected="RFC 3339 with a zone")
    return to_ms(moment)


def _people(app: APIGatewayHttpResolver, ports: PrivacyPorts) -> None:
    @app.post("/v1/erasures", summary="Erase a person: yourself, or somebody you answer for", tags=["privacy"])
    def create_erasure(body: Annotated[shapes.ErasureRequest, Body()]) -> shapes.PersonErasure:
        caller = ports.person()
        person = check_id("u", body.person_id)
        if person != caller.subject:
            caller.require(Permission.PRIVACY_ERASE)
        held = ports.shop.user(person)
        if held is None:
            raise CncError("user.not_found")
        if body.confirmation.strip().lower() != held.email.lower():
            raise CncError("erasure.confirmation", expected="the e-mail address of who is to be erased")
        ports.step_up(caller)
        roles = {user.id: user.roles for user in ports.shop.users()}
        person_erasure.may_be_erased(person, roles=roles)
        now_ms = to_ms(ports.now())
        order = ports.together(
            "person.erasure_ordered",
            person,
            lambda pending: person_erasure.order_erasure(
                person, by=caller.subject, documents=pending.documents, now_ms=now_ms
            ),
            by=caller,
        )
        ports.close_person(held)
        ports.erase(person)
        return shapes.PersonErasure.of(order)

    @app.get("/v1/erasures", summary="Erasures of people, and what went", tags=["privacy"])
    def list_erasures() -> shapes.PersonErasures:
        ports.person().require(Permission.PRIVACY_ERASE)
        found = sorted((order for _, order in ports.documents.below("erasure#")), key=lambda order: -order["asked_ms"])
        return shapes.PersonErasures(erasures=[shapes.PersonErasure.of(order) for order in found])


def _company(app: APIGatewayHttpResolver, ports: PrivacyPorts) -> None:
    @app.delete("/v1/tenant", summary="End the company: everything is erased after 7 days", tags=["company"])
    def delete_tenant(body: Annotated[Typed, Body()]) -> shapes.TenantErasure:
        caller, now = ports.person(), ports.now()
        caller.require(Permission.TENANT_DELETE)
        ports.step_up(caller)
        made: list[erasure.Erasure] = []

        def schedule() -> None:
            made.append(erasure.schedule(caller.tenant, by=caller.subject, orders=ports.orders, now=now))

        company.delete(body.confirmation, by=caller, desk=ports.desk(), erase=schedule, now=now)
        ports.close_all()
        return _shown(made[0])

    @app.get("/v1/tenant/erasure", summary="When the company is erased", tags=["company"])
    def get_tenant_erasure() -> shapes.TenantErasure:
        ports.person().require(Permission.TENANT_DELETE)
        found = ports.orders.get(ports.caller().tenant)
        if found is None:
            raise CncError("erasure.not_found", expected="a company that was ended")
        return _shown(found)

    @app.delete("/v1/tenant/erasure", summary="Take back the end of the company", tags=["company"])
    def take_back_erasure() -> Done:
        caller = ports.person()
        caller.require(Permission.TENANT_DELETE)
        ports.step_up(caller)
        erasure.take_back(caller.tenant, orders=ports.orders)
        ports.desk().directory.set_tenant(caller.tenant, facts={"status": ACTIVE})
        ports.noted("tenant.kept", caller.tenant, by=caller)
        return Done()


def _shown(order: erasure.Erasure) -> shapes.TenantErasure:
    return shapes.TenantErasure(state=order.state.value, asked_at=rfc3339(order.asked_ms), due_at=rfc3339(order.due_ms))


def _consents(app: APIGatewayHttpResolver, ports: PrivacyPorts) -> None:
    @app.get("/v1/consents", summary="What you agreed to, and may agree to", tags=["privacy"])
    def list_consents() -> shapes.Consents:
        records = ports.consents.of(ports.person().subject)
        held = consent.holding(records)
        documents = [
            shapes.ConsentDocument(
                kind=kind,
                version=document.version,
                title=document.title,
                text=document.text,
                given=kind in held,
                given_at=rfc3339(held[kind].at_ms) if kind in held else None,
            )
            for kind, document in consent.DOCUMENTS.items()
        ]
        return shapes.Consents(documents=documents, records=[shapes.ConsentRecord.of(one) for one in records])

    @app.post("/v1/consents", summary="Agree to a text, or take that back", tags=["privacy"])
    def record_consent(body: Annotated[shapes.ConsentRequest, Body()]) -> Done:
        caller = ports.person()
        record = consent.checked(caller.subject, body.kind, body.version, given=body.given, at_ms=to_ms(ports.now()))
        action = "consent.given" if body.given else "consent.withdrawn"
        subject = f"{caller.subject}:{body.kind}"
        ports.together(action, subject, lambda pending: pending.consents.add(record), by=caller)
        return Done()


def _names(app: APIGatewayHttpResolver, ports: PrivacyPorts) -> None:
    @app.get("/v1/privacy/operator-names", summary="Whether people are told by name", tags=["privacy"])
    def get_names() -> shapes.NamesSetting:
        ports.person()
        return _setting(names.operator_names(ports.documents))

    @app.put("/v1/privacy/operator-names", summary="Have people told by name, or by role", tags=["privacy"])
    def put_names(body: Annotated[shapes.NamesRequest, Body()]) -> shapes.NamesSetting:
        caller = ports.person()
        caller.require(Permission.PRIVACY_MANAGE)
        if body.on and not body.assessed:
            raise CncError(
                "request.invalid", seen="assessed: false", expected="an assessment of its effect on the people first"
            )
        now_ms = to_ms(ports.now())
        made = ports.together(
            "names.on" if body.on else "names.off",
            caller.tenant,
            lambda pending: names.switch(
                body.on, by=caller.subject, assessed=body.assessed, documents=pending.documents, now_ms=now_ms
            ),
            by=caller,
        )
        return _setting(made)


def _setting(held: names.OperatorNames) -> shapes.NamesSetting:
    changed_at = rfc3339(held.at_ms) if held.at_ms else None
    return shapes.NamesSetting(on=held.on, changed_at=changed_at, changed_by=held.by)


def _shares(app: APIGatewayHttpResolver, ports: PrivacyPorts) -> None:
    @app.post("/v1/shares", summary="Give somebody else all data of a machine, with a key of its own", tags=["privacy"])
    def create_share(body: Annotated[shapes.ShareRequest, Body()]) -> shapes.MadeShare:
        caller, now = ports.person(), ports.now()
        caller.require(Permission.PRIVACY_EXPORT)
        machine = check_id("m", body.machine_id)
        if ports.shop.machine(machine) is None:
            raise CncError("machine.not_found")
        life = timedelta(days=body.days)
        wish = Wish(f"Share for {body.recipient.strip()}", (shares.SCOPE,), life=life)
        made = make_key(wish, by=caller, desk=ports.keys(), now=now)
        share = shares.Share(
            made.key.id,
            machine,
            body.recipient.strip(),
            caller.subject,
            to_ms(now),
            to_ms(now + life),
            _ms(body.start) if body.start is not None else 0,
        )
        ports.together(
            "share.made", share.key, lambda pending: shares.put(share, documents=pending.documents), by=caller
        )
        return shapes.MadeShare(**shapes.ShareRow.of(share).model_dump(by_alias=False), key=made.secret)

    @app.get("/v1/shares", summary="Who else reads data of machines", tags=["privacy"])
    def list_shares() -> shapes.Shares:
        ports.person().require(Permission.PRIVACY_EXPORT)
        return shapes.Shares(shares=[shapes.ShareRow.of(one) for one in shares.shares(ports.documents)])

    @app.delete("/v1/shares/<share_id>", summary="End a share now", tags=["privacy"])
    def end_share(share_id: ShareId) -> Done:
        caller = ports.person()
        caller.require(Permission.PRIVACY_EXPORT)
        share = shares.remove(check_id("k", share_id), documents=ports.documents)
        revoke_key(share.key, by=caller, desk=ports.keys(), now=ports.now())
        ports.noted("share.ended", share.key, by=caller)
        return Done()


def _data(app: APIGatewayHttpResolver, ports: PrivacyPorts) -> None:
    @app.get("/v1/machines/<machine_id>/data", summary="All data of a machine, page after page", tags=["privacy"])
    def get_machine_data(
        machine_id: MachineId,
        start: Annotated[Moment, Query(alias="from")],
        end: Annotated[Moment | None, Query(alias="to")] = None,
    ) -> shapes.MachineData:
        caller, now_ms = ports.caller(), to_ms(ports.now())
        machine = check_id("m", machine_id)
        since = shares.shared_from_ms(caller, machine, documents=ports.documents)
        if since is None:
            if caller.kind == "key" and shares.SCOPE in caller.scopes:
                raise CncError("machine.not_found")
            caller.require(Permission.PRIVACY_EXPORT)
            since = 0
        if ports.shop.machine(machine) is None:
            raise CncError("machine.not_found")
        first, last = max(_ms(start), since), min(_ms(end) if end is not None else now_ms, now_ms)
        if first >= last:
            return shapes.MachineData(machine_id=machine, chunks=[], next=None)
        made = machine_data.page(machine, from_ms=first, to_ms=last, chunks=ports.chunks, schemas=ports.schemas)
        following = None if made.next_ms is None else rfc3339(made.next_ms)
        return shapes.MachineData(machine_id=machine, chunks=made.chunks, next=following)


def _retention(app: APIGatewayHttpResolver, ports: PrivacyPorts) -> None:
    @app.get("/v1/privacy/retention", summary="What is kept how long, and what the last run removed", tags=["privacy"])
    def get_retention() -> shapes.RetentionReport:
        ports.person().require(Permission.PRIVACY_MANAGE)
        reports = [body for _, body in ports.documents.below("report#")]
        last = reports[-1] if reports else {"at": None, "classes": []}
        ran = {row["class"]: row for row in last["classes"]}
        return shapes.RetentionReport(at=last["at"], classes=[_class(name, ran.get(name, {})) for name in KEPT])


def _class(name: str, ran: dict[str, Any]) -> shapes.RetentionClass:
    kept = KEPT[name]
    return shapes.RetentionClass(
        name=name,
        what=kept.data,
        ends=kept.ends.value,
        days=None if kept.kept is None else kept.kept / timedelta(days=1),
        held=ran.get("held"),
        removed=ran.get("removed", 0),
        late=ran.get("late", 0),
    )
