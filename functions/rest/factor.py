"""The routes of second factors: authenticator, recovery codes, phone, and taking one away."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Protocol

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from cnc.domain.audit.entry import Action
from cnc.domain.base.clock import to_ms
from cnc.domain.base.errors import CncError
from cnc.domain.base.ids import check_id
from cnc.domain.identity.permissions import EVERYWHERE, Permission
from cnc.services.audit import note, refusals_noted
from cnc.services.caller import Caller
from cnc.services.recovery_codes import make_codes
from cnc.services.second_factor import confirm, enrol, may_take_away
from cnc.services.sessions import mark_factor
from cnc.services.sms import add_phone, confirm_phone, remove_phone
from cnc.services.step_up import step_up
from functions.rest.session_models import FactorState, Phone, Policy, Recovery, SetPolicy
from functions.rest.sessions import SessionPorts
from functions.rest.vault_models import Code, Done, Enrolment, Nothing

#: How fresh a sign-in has to be for a first authenticator: who finds a page open must not make it theirs.
ENROL_S = 10 * 60
UserId = Annotated[str, Path(description="Id of a person, u_ and 16 characters.", max_length=64)]


class Policies(Protocol):
    """What a tenant asks of its people."""

    def requires_factor(self, tenant: str, /) -> bool: ...
    def set_requires_factor(self, tenant: str, required: bool, /) -> None: ...


@dataclass(frozen=True, slots=True)
class FactorPorts:
    """What the routes need beside those of sessions."""

    session: SessionPorts
    policies: Callable[[], Policies]

    def fresh(self, max_age_s: int | None = None) -> Caller:
        """A person who has shown a factor, or signed in, a moment ago. Raises CncError `auth.step_up`."""
        caller, now = self.session.person(), self.session.now()
        has_factor = self.session.factor() is not None
        age = {"max_age_s": max_age_s} if max_age_s is not None and not has_factor else {}
        step_up(caller, sessions=self.session.rows, now=now, has_factor=has_factor, **age)
        return caller

    def mark(self, has: bool) -> None:
        """Tell the sessions of who asks."""
        this = self.session.session()
        mark_factor(this.issuer, this.subject, tenant=self.session.caller().tenant, has=has, rows=self.session.rows)


def add_factor(app: APIGatewayHttpResolver, ports: FactorPorts) -> None:
    """Add the routes."""
    _authenticator(app, ports)
    _removal(app, ports)
    _phone(app, ports)
    _policy(app, ports)


def _authenticator(app: APIGatewayHttpResolver, ports: FactorPorts) -> None:
    use = ports.session

    @app.get("/v1/second-factor", summary="Your second factor", tags=["account"])
    def get_factor() -> FactorState:
        held = use.factor()
        return FactorState.of(held.factor if held else None)

    @app.post("/v1/second-factor", summary="Set up an authenticator, or another one", tags=["account"])
    def enrol_factor(_body: Annotated[Nothing | None, Body()] = None) -> Enrolment:
        caller = ports.fresh(ENROL_S)
        uri = enrol(caller.subject, account=caller.subject, factors=use.factors, random=use.random, replace_it=True)
        return Enrolment(uri=uri)

    @app.post("/v1/second-factor/confirmation", summary="Show its first code", tags=["account"])
    def confirm_factor(body: Annotated[Code, Body()]) -> Done:
        caller, now = use.person(), use.now()
        this = use.session()
        confirm(caller.subject, body.code, factors=use.factors, now_s=int(now.timestamp()))
        use.noted("factor.confirmed", caller.subject)
        use.rows.set_factor(this.id, tenant=caller.tenant, now_ms=to_ms(now))
        ports.mark(True)
        return Done()

    @app.post("/v1/second-factor/recovery-codes", summary="Ten new recovery codes", tags=["account"])
    def make_recovery_codes(_body: Annotated[Nothing | None, Body()] = None) -> Recovery:
        caller = ports.fresh()
        use.noted("factor.recovery_codes", caller.subject)
        return Recovery(codes=make_codes(caller.subject, factors=use.factors, random=use.random))


def _removal(app: APIGatewayHttpResolver, ports: FactorPorts) -> None:
    use = ports.session

    @app.delete("/v1/second-factor", summary="Do without a second factor", tags=["account"])
    def remove_factor() -> Done:
        caller = ports.fresh()
        if ports.policies().requires_factor(caller.tenant):
            todo = "Set up another authenticator instead."
            raise CncError("factor.state", seen="a company that asks for a second factor", expected="one", todo=todo)
        use.noted("factor.removed", caller.subject, use.factors.removing(caller.subject))
        ports.mark(False)
        return Done()

    @app.delete("/v1/second-factor/<user_id>", summary="Take the second factor of a person away", tags=["people"])
    def reset_factor(user_id: UserId) -> Done:
        caller = use.person()
        check_id("u", user_id)
        action = Action(caller.subject, "factor.taken_away", user_id, "done", to_ms(use.now()))
        with refusals_noted(action, log=use.audit):
            may_take_away(user_id, by=caller)
            ports.fresh()
        found = next((user for user in use.people.users() if user.id == user_id), None)
        if found is None:
            raise CncError("user.not_found", todo="Take the id from /v1/people.")
        use.audit.commit(action, [use.factors.removing(user_id)])
        mark_factor(found.issuer, found.subject, tenant=caller.tenant, has=False, rows=use.rows)
        return Done()


def _phone(app: APIGatewayHttpResolver, ports: FactorPorts) -> None:
    use = ports.session

    @app.post("/v1/second-factor/phone", summary="Send a code to a new number", tags=["account"])
    def add_number(body: Annotated[Phone, Body()]) -> Done:
        caller = ports.fresh()
        add_phone(
            caller.subject,
            body.number,
            factors=use.factors,
            sms=use.sms,
            tallies=use.tallies,
            random=use.random,
            now=use.now(),
        )
        return Done()

    @app.post("/v1/second-factor/phone/confirmation", summary="Show the code of the message", tags=["account"])
    def confirm_number(body: Annotated[Code, Body()]) -> Done:
        caller = use.person()
        confirm_phone(caller.subject, body.code, factors=use.factors, now_s=int(use.now().timestamp()))
        use.noted("factor.phone_added", caller.subject)
        return Done()

    @app.delete("/v1/second-factor/phone", summary="No more codes by SMS", tags=["account"])
    def remove_number() -> Done:
        caller = ports.fresh()
        use.noted("factor.phone_removed", caller.subject)
        remove_phone(caller.subject, factors=use.factors)
        return Done()


def _policy(app: APIGatewayHttpResolver, ports: FactorPorts) -> None:
    use = ports.session

    @app.get("/v1/security-policy", summary="What the company asks of its people", tags=["tenant"])
    def get_policy() -> Policy:
        caller = use.caller()
        caller.require(Permission.TENANT_READ)
        return Policy(require_factor=ports.policies().requires_factor(caller.tenant))

    @app.put("/v1/security-policy", summary="Ask everybody for a second factor, or not", tags=["tenant"])
    def put_policy(body: Annotated[SetPolicy, Body()]) -> Policy:
        caller = use.person()
        what = "policy.require_factor" if body.require_factor else "policy.factor_optional"
        action = Action(caller.subject, what, caller.tenant, "done", to_ms(use.now()))
        with refusals_noted(action, log=use.audit):
            caller.require(Permission.TENANT_MANAGE, EVERYWHERE)
            ports.fresh()
        if body.require_factor and use.factor() is None:
            todo = "Set up your own authenticator first."
            raise CncError("factor.state", seen="no second factor of your own", expected="one", todo=todo)
        note(action, log=use.audit)
        ports.policies().set_requires_factor(caller.tenant, body.require_factor)
        return Policy(require_factor=body.require_factor)
