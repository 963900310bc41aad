"""The routes of sessions: which there are, ending them, showing a second factor in this one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from cnc.domain.audit.entry import Action
from cnc.domain.base.clock import to_ms
from cnc.domain.base.errors import CncError
from cnc.domain.base.ids import check_id
from cnc.domain.identity.permissions import EVERYWHERE, Permission
from cnc.services import sessions as use
from cnc.services.audit import AuditLog, Effect, note, refusals_noted
from cnc.services.caller import Caller
from cnc.services.recovery_codes import use_code
from cnc.services.second_factor import Factors, HeldFactor, show
from cnc.services.sessions import Session
from cnc.services.shop import User
from cnc.services.sms import Sms, Tallies, masked, send_code, use_sms_code
from functions.rest.session_models import CurrentSession, Ended, FactorNeed, SessionRow, SessionRows, ShownFactor
from functions.rest.vault_models import Done, Nothing

CURRENT = "current"
SessionId = Annotated[str, Path(description="Id of a session, 64 hex digits, or `current`.", max_length=64)]
UserId = Annotated[str, Path(description="Id of a person, u_ and 16 characters.", max_length=64)]


class People(Protocol):
    def users(self) -> Sequence[User]: ...


class Closer(Protocol):
    def close(self, ended: Iterable[Session]) -> None: ...


@dataclass(frozen=True, slots=True)
class SessionPorts:
    """What the routes need, for the request at hand."""

    caller: Callable[[], Caller]
    rows: use.SessionRows
    factors: Factors
    people: People
    closer: Closer
    tallies: Tallies
    sms: Sms
    audit: AuditLog
    random: Callable[[int], bytes]
    now: Callable[[], datetime]

    def person(self) -> Caller:
        """Raises CncError `auth.forbidden` for keys."""
        caller = self.caller()
        if caller.kind == "key":
            raise CncError("auth.forbidden", seen="an API key", expected="a person")
        return caller

    def session(self) -> Session:
        """The session at hand, as its row says now. Raises CncError `auth.ended`."""
        found = self.rows.get(self.person().session)
        if found is None or found.ended_ms:
            raise CncError("auth.ended", todo="Sign in again.")
        return found

    def factor(self) -> HeldFactor | None:
        """The confirmed factor of who asks."""
        caller = self.person()
        held = self.factors.get(caller.subject) if caller.tenant else None
        return held if held is not None and held.factor.confirmed else None

    def noted(self, action: str, subject: str, *effects: Effect) -> None:
        """Into the audit log of the tenant, with what it speaks of; people of no tenant have none."""
        caller = self.caller()
        if caller.tenant:
            self.audit.commit(Action(caller.subject, action, subject, "done", to_ms(self.now())), effects)


def add_sessions(app: APIGatewayHttpResolver, ports: SessionPorts) -> None:
    """Add the routes."""
    _own(app, ports)
    _of_people(app, ports)
    _factor(app, ports)


def _own(app: APIGatewayHttpResolver, ports: SessionPorts) -> None:
    @app.get("/v1/sessions", summary="Where you are signed in", tags=["account"])
    def list_sessions() -> SessionRows:
        this = ports.session()
        found = use.sessions_of(this.issuer, this.subject, rows=ports.rows, now=ports.now())
        return SessionRows(sessions=[SessionRow.of(one, current=this.id) for one in found])

    @app.delete("/v1/sessions", summary="Sign out everywhere but here", tags=["account"])
    def end_other_sessions() -> Ended:
        this = ports.session()
        ports.noted("session.end_others", ports.caller().subject)
        ended = use.end_others(this, rows=ports.rows, now=ports.now())
        ports.closer.close(ended)
        return Ended(ended=len(ended))

    @app.get("/v1/sessions/current", summary="This session, and whether a second factor is due", tags=["account"])
    def get_session() -> CurrentSession:
        caller, this, held = ports.caller(), ports.session(), ports.factor()
        factor = held.factor if held else None
        need = FactorNeed(
            due=caller.factor_due,
            enrolled=factor is not None,
            required=caller.factor_due and factor is None,
            shown_at=SessionRow.of(this, current="").factor_shown_at,
            phone=masked(factor.phone) if factor else "",
            recovery_codes_left=len(factor.recovery) if factor else 0,
        )
        row = SessionRow.of(this, current=this.id)
        return CurrentSession(**row.model_dump(by_alias=False), factor=need)

    @app.delete("/v1/sessions/<session_id>", summary="End one of your sessions", tags=["account"])
    def end_session(session_id: SessionId) -> Ended:
        this = ports.session()
        found = this if session_id in (CURRENT, this.id) else ports.rows.get(session_id)
        mine = found is not None and (found.issuer, found.subject, found.kind) == (this.issuer, this.subject, this.kind)
        if found is None or not mine:
            raise CncError("session.not_found", todo="Take the id from /v1/sessions.")
        if not found.ended_ms:
            ports.noted("session.end", ports.caller().subject)
            ports.closer.close([use.end(found, rows=ports.rows, now=ports.now())])
        return Ended(ended=0 if found.ended_ms else 1)


def _of_people(app: APIGatewayHttpResolver, ports: SessionPorts) -> None:
    @app.delete("/v1/people/<user_id>/sessions", summary="Sign a person out everywhere", tags=["people"])
    def end_sessions_of_person(user_id: UserId) -> Ended:
        caller, now = ports.person(), ports.now()
        check_id("u", user_id)
        action = Action(caller.subject, "person.sign_out", user_id, "done", to_ms(now))
        with refusals_noted(action, log=ports.audit):
            caller.require(Permission.PEOPLE_MANAGE, EVERYWHERE)
        found = next((user for user in ports.people.users() if user.id == user_id), None)
        if found is None:
            raise CncError("user.not_found", todo="Take the id from /v1/people.")
        note(action, log=ports.audit)
        ended = use.end_all(found.issuer, found.subject, rows=ports.rows, now=now)
        ports.closer.close(ended)
        return Ended(ended=len(ended))


def _factor(app: APIGatewayHttpResolver, ports: SessionPorts) -> None:
    @app.post("/v1/sessions/current/factor", summary="Show a second factor in this session", tags=["account"])
    def show_factor(body: Annotated[ShownFactor, Body()]) -> Done:
        caller, this, now = ports.person(), ports.session(), ports.now()
        given = [name for name in ("code", "sms_code", "recovery_code") if getattr(body, name) is not None]
        if len(given) != 1:
            raise CncError("request.invalid", seen=", ".join(given) or "nothing", expected="one of the three codes")
        now_s = int(now.timestamp())
        with refusals_noted(
            Action(caller.subject, "factor.shown", caller.subject, "done", to_ms(now)), log=ports.audit
        ):
            if body.code is not None:
                show(caller.subject, body.code, factors=ports.factors, now_s=now_s)
            elif body.sms_code is not None:
                use_sms_code(caller.subject, body.sms_code, factors=ports.factors, now_s=now_s)
            else:
                use_code(caller.subject, body.recovery_code or "", factors=ports.factors, now_s=now_s)
        ports.noted("factor.recovery_code_used" if body.recovery_code else "factor.shown", caller.subject)
        ports.rows.set_factor(this.id, tenant=caller.tenant, now_ms=to_ms(now))
        if caller.tenant not in this.factors:
            use.mark_factor(this.issuer, this.subject, tenant=caller.tenant, has=True, rows=ports.rows)
        return Done()

    @app.post("/v1/sessions/current/factor/sms", summary="Send a code to your phone", tags=["account"])
    def send_sms(_body: Annotated[Nothing | None, Body()] = None) -> Done:
        caller = ports.person()
        send_code(
            caller.subject,
            factors=ports.factors,
            sms=ports.sms,
            tallies=ports.tallies,
            random=ports.random,
            now=ports.now(),
        )
        return Done()
