"""The routes of a company's own sign-in: setting it up, trying it, asking for it; and joining through it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from cnc.domain.base.clock import rfc3339
from cnc.domain.base.errors import CncError
from cnc.services import sso, sso_joining
from cnc.services.caller import Caller
from cnc.services.membership import Membership as Held
from cnc.services.sso import SsoDesk
from cnc.services.sso_joining import JoiningDesk
from functions.rest import people_models
from functions.rest import sso_models as shapes
from functions.rest.vault_models import Done, Nothing

ProviderId = Annotated[str, Path(description="Id of a sign-in provider, f_ and 16 characters.", max_length=64)]


@dataclass(frozen=True, slots=True)
class SsoPorts:
    """What the routes need, for the request at hand.

    `claims_of` verifies an access token of ours, `said_of` asks our issuer about its person; `token` is the request's.
    """

    caller: Callable[[], Caller]
    desk: Callable[[], SsoDesk]
    joining: Callable[[], JoiningDesk]
    places: Callable[[], tuple[str, str, str]]
    claims_of: Callable[[str], Mapping[str, Any]]
    said_of: Callable[[str], Mapping[str, Any]]
    token: Callable[[], str]
    step_up: Callable[[Caller], object]
    acting_for: Callable[[str], Any]
    company_of: Callable[[str], str]
    now: Callable[[], datetime]

    def person(self) -> Caller:
        """Raises CncError `auth.forbidden` for keys and screens."""
        caller = self.caller()
        if caller.kind not in ("user", "newcomer"):
            raise CncError("auth.forbidden", seen=caller.kind, expected="a person")
        return caller


def add_sso(app: APIGatewayHttpResolver, ports: SsoPorts) -> None:
    """Add the routes."""
    _setting_up(app, ports)
    _asking(app, ports)
    _joining(app, ports)


def _setting_up(app: APIGatewayHttpResolver, ports: SsoPorts) -> None:
    @app.get("/v1/sso/providers", summary="Sign-in providers of the company", tags=["sign-in"])
    def list_providers() -> shapes.Providers:
        found = sso.providers(by=ports.person(), desk=ports.desk())
        redirect_address, assertion_consumer, entity_id = ports.places()
        return shapes.Providers(
            providers=[shapes.Provider.of(one) for one in found],
            redirect_address=redirect_address,
            assertion_consumer=assertion_consumer,
            entity_id=entity_id,
        )

    @app.post("/v1/sso/providers", summary="Draft a sign-in provider", tags=["sign-in"])
    def create_provider(body: Annotated[shapes.ProviderWish, Body()]) -> shapes.Provider:
        caller = _careful(ports)
        return shapes.Provider.of(sso.create(body.wish(), by=caller, desk=ports.desk(), now=ports.now()))

    @app.put("/v1/sso/providers/<provider_id>", summary="Change a sign-in provider", tags=["sign-in"])
    def change_provider(provider_id: ProviderId, body: Annotated[shapes.ProviderWish, Body()]) -> shapes.Provider:
        caller = _careful(ports)
        return shapes.Provider.of(sso.change(provider_id, body.wish(), by=caller, desk=ports.desk(), now=ports.now()))

    @app.delete("/v1/sso/providers/<provider_id>", summary="Remove a sign-in provider", tags=["sign-in"])
    def remove_provider(provider_id: ProviderId) -> Done:
        sso.remove(provider_id, by=_careful(ports), desk=ports.desk(), now=ports.now())
        return Done()

    @app.post("/v1/sso/providers/<provider_id>/domains", summary="Prove a domain by its TXT record", tags=["sign-in"])
    def prove_domain(provider_id: ProviderId, body: Annotated[shapes.DomainWish, Body()]) -> shapes.Provider:
        caller, domain = ports.person(), body.domain.strip().lower()
        return shapes.Provider.of(sso.prove(provider_id, domain, by=caller, desk=ports.desk(), now=ports.now()))

    @app.post("/v1/sso/providers/<provider_id>/tests", summary="Show a sign-in that was just tried", tags=["sign-in"])
    def test_provider(provider_id: ProviderId, body: Annotated[shapes.TestWish, Body()]) -> shapes.Tested:
        caller, desk = ports.person(), ports.desk()
        sso.provider(provider_id, by=caller, desk=desk)
        claims = ports.claims_of(body.token)
        after, found = sso.test(
            provider_id, claims, lambda: ports.said_of(body.token), by=caller, desk=desk, now=ports.now()
        )
        findings = [shapes.Finding.of(one) for one in found]
        return shapes.Tested(provider=shapes.Provider.of(after), findings=findings)


def _asking(app: APIGatewayHttpResolver, ports: SsoPorts) -> None:
    @app.put("/v1/sso/providers/<provider_id>/joining", summary="Who joins by signing in", tags=["sign-in"])
    def set_joining(provider_id: ProviderId, body: Annotated[shapes.JoiningWish, Body()]) -> shapes.Provider:
        caller = _careful(ports)
        return shapes.Provider.of(sso.let_join(provider_id, body.role, by=caller, desk=ports.desk(), now=ports.now()))

    @app.put("/v1/sso/providers/<provider_id>/enforcement", summary="Ask people to use it", tags=["sign-in"])
    def enforce_provider(provider_id: ProviderId, body: Annotated[shapes.EnforceWish, Body()]) -> shapes.Provider:
        caller = _careful(ports)
        made = sso.enforce(provider_id, body.break_glass, by=caller, desk=ports.desk(), now=ports.now())
        return shapes.Provider.of(made)

    @app.delete("/v1/sso/providers/<provider_id>/enforcement", summary="Let passwords work again", tags=["sign-in"])
    def relax_provider(provider_id: ProviderId) -> shapes.Provider:
        return shapes.Provider.of(sso.relax(provider_id, by=_careful(ports), desk=ports.desk(), now=ports.now()))


def _joining(app: APIGatewayHttpResolver, ports: SsoPorts) -> None:
    @app.post("/v1/sso/join", summary="Join the company whose provider you came through", tags=["account"])
    def join_company(_body: Annotated[Nothing | None, Body()] = None) -> people_models.Membership:
        caller, desk = ports.person(), ports.joining()
        with ports.acting_for(sso_joining.tenant_of(caller, owners=desk.sso.owners)):
            made = sso_joining.join(caller, ports.said_of(ports.token()), desk=desk, now=ports.now())
        return _membership(made, ports)

    @app.post("/v1/sso/accounts", summary="Bring the account along that you have with a password", tags=["account"])
    def bring_account(body: Annotated[shapes.BringWish, Body()]) -> people_models.Membership:
        caller, desk = ports.person(), ports.joining()
        existing = ports.claims_of(body.existing_token)
        with ports.acting_for(sso_joining.tenant_of(caller, owners=desk.sso.owners)):
            made = sso_joining.bring_along(caller, existing, body.code, desk=desk, now=ports.now())
        return _membership(made, ports)


def _careful(ports: SsoPorts) -> Caller:
    """Who sets up how others sign in shows again who they are."""
    caller = ports.person()
    ports.step_up(caller)
    return caller


def _membership(made: Held, ports: SsoPorts) -> people_models.Membership:
    return people_models.Membership(
        tenant_id=made.tenant,
        company=ports.company_of(made.tenant),
        status="active",
        roles=list(made.roles),
        ends_at=rfc3339(made.ends_at) if made.ends_at else None,
        current=False,
    )
