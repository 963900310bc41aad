"""The routes of companies: making one, its name and sites, closing and ending it, and working for another one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Protocol

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from cnc.domain.base.clock import rfc3339, to_ms
from cnc.domain.base.errors import CncError
from cnc.domain.identity.permissions import Permission
from cnc.services.audit import Action, note
from cnc.services.caller import ACTIVE, NEWCOMER, Caller
from cnc.services.people import company, signing_up
from cnc.services.people.ports import Desk
from functions.rest import people_models as shapes
from functions.rest.models import Site
from functions.rest.vault_models import Done, Nothing

SiteId = Annotated[str, Path(description="Id of a site, s_ and 16 characters.", max_length=64)]


class Sessions(Protocol):
    def switch(self, session: str, tenant: str, /) -> None: ...


@dataclass(frozen=True, slots=True)
class TenantPorts:
    """What the routes need, for the request at hand.

    `close_all` closes the sockets of everybody who works for a company.
    """

    caller: Callable[[], Caller]
    desk: Callable[[], Desk]
    sessions: Sessions
    email_of: Callable[[Caller], str]
    acting_for: Callable[[str], Any]
    step_up: Callable[[Caller], object]
    close_all: Callable[[], None]
    now: Callable[[], datetime]

    def person(self) -> Caller:
        """Raises CncError `auth.forbidden` for keys."""
        return self.caller().as_person()


def add_tenants(app: APIGatewayHttpResolver, ports: TenantPorts) -> None:
    """Add the routes."""
    _founding(app, ports)
    _settings(app, ports)
    _closing(app, ports)
    _belonging(app, ports)


def _founding(app: APIGatewayHttpResolver, ports: TenantPorts) -> None:
    @app.post("/v1/tenants", summary="Make a company of your own", tags=["company"])
    def create_tenant(body: Annotated[shapes.NewTenant, Body()]) -> shapes.Founded:
        caller, desk, now = ports.person(), ports.desk(), ports.now()
        if caller.kind not in (NEWCOMER, "user"):
            raise CncError("auth.forbidden", seen=caller.kind, expected="a person")
        email = ports.email_of(caller)
        if not email:
            raise CncError("auth.forbidden", seen="no verified address", expected="an account with a verified address")
        wish = signing_up.NewCompany(
            signing_up.named(body.name),
            signing_up.named(body.site_name),
            signing_up.known_zone(body.time_zone),
            signing_up.named(body.your_name),
            email,
        )
        ids = signing_up.reserve(caller, directory=desk.directory, random=desk.random, now=now)
        with ports.acting_for(ids.tenant):
            made = signing_up.found(ids, wish, caller=caller, desk=desk, now=now)
        if caller.session:
            ports.sessions.switch(caller.session, made.tenant)
        return shapes.Founded(tenant_id=made.tenant, site_id=made.site, user_id=made.user)


def _settings(app: APIGatewayHttpResolver, ports: TenantPorts) -> None:
    @app.get("/v1/tenant", summary="The company", tags=["company"])
    def get_tenant() -> shapes.TenantFacts:
        caller, desk = ports.caller(), ports.desk()
        caller.require(Permission.TENANT_READ)
        found = company.company(desk=desk)
        sites = [shapes.site_of(site) for site in desk.people.sites() if caller.sees(site.id)]
        created_at = rfc3339(found.created_at)
        return shapes.TenantFacts(
            id=found.id, name=found.name, status=caller.status, created_at=created_at, sites=sites
        )

    @app.patch("/v1/tenant", summary="Rename the company", tags=["company"])
    def rename_tenant(body: Annotated[shapes.Rename, Body()]) -> Done:
        company.rename(body.name, by=ports.person(), desk=ports.desk(), now=ports.now())
        return Done()

    @app.post("/v1/sites", summary="Add a site", tags=["company"])
    def create_site(body: Annotated[shapes.NewSite, Body()]) -> Site:
        caller, desk = ports.person(), ports.desk()
        made = company.add_site(body.name, time_zone=body.time_zone, by=caller, desk=desk, now=ports.now())
        return shapes.site_of(made)

    @app.patch("/v1/sites/<site_id>", summary="Change the name or time zone of a site", tags=["company"])
    def change_site(site_id: SiteId, body: Annotated[shapes.NewSite, Body()]) -> Site:
        caller, desk = ports.person(), ports.desk()
        made = company.change_site(site_id, body.name, time_zone=body.time_zone, by=caller, desk=desk, now=ports.now())
        return shapes.site_of(made)


def _closing(app: APIGatewayHttpResolver, ports: TenantPorts) -> None:
    @app.post("/v1/tenant/suspend", summary="Close the company for a while", tags=["company"])
    def suspend_tenant(_body: Annotated[Nothing | None, Body()] = None) -> Done:
        caller = ports.person()
        caller.require(Permission.TENANT_MANAGE)
        ports.step_up(caller)
        company.suspend(by=caller, desk=ports.desk(), now=ports.now())
        ports.close_all()
        return Done()

    @app.post("/v1/tenant/resume", summary="Open the company again", tags=["company"])
    def resume_tenant(_body: Annotated[Nothing | None, Body()] = None) -> Done:
        company.resume(by=ports.person(), desk=ports.desk(), now=ports.now())
        return Done()


def _belonging(app: APIGatewayHttpResolver, ports: TenantPorts) -> None:
    @app.get("/v1/memberships", summary="Companies that you belong to", tags=["account"])
    def list_memberships() -> shapes.Memberships:
        caller, directory = ports.person(), ports.desk().directory
        rows = []
        for held in company.own_memberships(caller, directory=directory, now=ports.now()):
            row = directory.tenant(held.tenant)
            facts = row.facts if row else {}
            rows.append(
                shapes.Membership(
                    tenant_id=held.tenant,
                    company=facts.get("name", ""),
                    status=facts.get("status", ACTIVE),
                    roles=list(held.roles),
                    ends_at=rfc3339(held.ends_at) if held.ends_at else None,
                    current=held.tenant == caller.tenant,
                )
            )
        return shapes.Memberships(memberships=rows)

    @app.post("/v1/sessions/current/tenant", summary="Work for another company in this session", tags=["account"])
    def switch_tenant(body: Annotated[shapes.Switch, Body()]) -> Done:
        caller, desk = ports.person(), ports.desk()
        mine = company.own_memberships(caller, directory=desk.directory, now=ports.now())
        found = next((one for one in mine if one.tenant == body.tenant_id), None)
        if found is None or not caller.session:
            raise CncError("tenant.not_found", todo="Take the id from /v1/memberships.")
        with ports.acting_for(found.tenant):
            note(Action(found.user, "session.switched", found.user, "done", to_ms(ports.now())), log=desk.audit)
        ports.sessions.switch(caller.session, found.tenant)
        return Done()
