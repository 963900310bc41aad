"""The routes of people: who works here, with which roles where, and invitations of more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from cnc.domain.base.clock import rfc3339
from cnc.services.caller import NEWCOMER, Caller
from cnc.services.people import invitations, members
from cnc.services.people.ports import Desk, Mail
from cnc.services.shop import User
from functions.rest import people_models as shapes
from functions.rest.vault_models import Done

UserId = Annotated[str, Path(description="Id of a person, u_ and 16 characters.", max_length=64)]
InvitationId = Annotated[str, Path(description="Id of an invitation, i_ and 16 characters.", max_length=64)]


@dataclass(frozen=True, slots=True)
class PeoplePorts:
    """What the routes need, for the request at hand. `email_of` is the verified address of an account, or "".

    `told` says whether a person is told by name beside what the person did.
    """

    caller: Callable[[], Caller]
    desk: Callable[[], Desk]
    mail: Callable[[], Mail]
    origin: str
    email_of: Callable[[Caller], str]
    acting_for: Callable[[str], Any]
    close_sockets: Callable[[User], None]
    switch: Callable[[str, str], None]
    told: Callable[[str], bool]
    now: Callable[[], datetime]

    def person(self) -> Caller:
        """Raises CncError `auth.forbidden` for keys."""
        return self.caller().as_person()


def add_people(app: APIGatewayHttpResolver, ports: PeoplePorts) -> None:
    """Add the routes."""
    _people(app, ports)
    _invitations(app, ports)
    _invited(app, ports)


def _people(app: APIGatewayHttpResolver, ports: PeoplePorts) -> None:
    @app.get("/v1/people", summary="People of the company", tags=["people"])
    def list_people() -> shapes.PeopleOfShop:
        caller, desk = ports.person(), ports.desk()
        gone = [user for user in desk.people.users() if user.left_at is not None and caller.everywhere]
        found = [*members.members(by=caller, desk=desk), *sorted(gone, key=lambda user: (user.name, user.id))]
        return shapes.PeopleOfShop(people=[_shown(user, caller, ports) for user in found])

    @app.get("/v1/people/<user_id>", summary="One person", tags=["people"])
    def get_person(user_id: UserId) -> shapes.Person:
        caller = ports.person()
        return _shown(members.member(user_id, by=caller, desk=ports.desk()), caller, ports)

    @app.patch("/v1/people/<user_id>", summary="Change roles by site, or the end of an access", tags=["people"])
    def change_person(user_id: UserId, body: Annotated[shapes.ChangedPerson, Body()]) -> shapes.Person:
        caller = ports.person()
        wish = members.NewGrants(body.grants, shapes.moment(body.ends_at))
        after = members.change(user_id, wish, by=caller, desk=ports.desk(), now=ports.now())
        ports.close_sockets(after)
        return _shown(after, caller, ports)

    @app.delete("/v1/people/<user_id>", summary="End somebody's membership, or leave", tags=["people"])
    def end_membership(user_id: UserId) -> Done:
        caller = ports.person()
        after = members.end(user_id, by=caller, desk=ports.desk(), now=ports.now())
        ports.close_sockets(after)
        return Done()


def _shown(user: User, caller: Caller, ports: PeoplePorts) -> shapes.Person:
    return shapes.Person.of(user, details=members.reads_details(caller, user), told=ports.told(user.id))


def _invitations(app: APIGatewayHttpResolver, ports: PeoplePorts) -> None:
    @app.get("/v1/invitations", summary="Invitations that may still be accepted", tags=["people"])
    def list_invitations() -> shapes.InvitationRows:
        found = invitations.open_invitations(by=ports.person(), desk=ports.desk(), now=ports.now())
        return shapes.InvitationRows(invitations=[shapes.InvitationRow.of(one) for one in found])

    @app.post("/v1/invitations", summary="Invite somebody by e-mail", tags=["people"])
    def create_invitation(body: Annotated[shapes.NewInvitation, Body()]) -> shapes.InvitationRow:
        made = invitations.invite(
            invitations.NewInvitation(body.email, body.grants, shapes.moment(body.access_ends_at)),
            by=ports.person(),
            desk=ports.desk(),
            mail=ports.mail(),
            origin=ports.origin,
            now=ports.now(),
        )
        return shapes.InvitationRow.of(made)

    @app.delete("/v1/invitations/<invitation_id>", summary="Revoke an invitation", tags=["people"])
    def revoke_invitation(invitation_id: InvitationId) -> Done:
        invitations.revoke(invitation_id, by=ports.person(), desk=ports.desk(), now=ports.now())
        return Done()


def _invited(app: APIGatewayHttpResolver, ports: PeoplePorts) -> None:
    @app.post("/v1/invitations/letter", summary="What an invitation to you offers", tags=["people"])
    def read_letter(body: Annotated[shapes.Shown, Body()]) -> shapes.Letter:
        caller, desk = ports.person(), ports.desk()
        email = ports.email_of(caller)
        with ports.acting_for(invitations.tenant_of(body.token, directory=desk.directory)):
            held = invitations.shown(body.token, email=email, desk=desk, now=ports.now())
            tenant, inviter = desk.people.tenant(), desk.people.user(held.invited_by)
            return shapes.Letter(
                company=tenant.name if tenant else "",
                invited_by=inviter.name if inviter else "",
                grants={site: list(roles) for site, roles in held.grants.items()},
                sites={site.id: site.name for site in desk.people.sites() if site.id in held.grants},
                ends_at=rfc3339(held.ends_at),
                access_ends_at=rfc3339(held.access_ends_at) if held.access_ends_at else None,
            )

    @app.post("/v1/invitations/accept", summary="Accept an invitation", tags=["people"])
    def accept_invitation(body: Annotated[shapes.Accept, Body()]) -> shapes.Membership:
        caller, desk = ports.person(), ports.desk()
        person = invitations.Person(caller.issuer, caller.login, ports.email_of(caller), body.name)
        with ports.acting_for(invitations.tenant_of(body.token, directory=desk.directory)):
            made = invitations.accept(body.token, person, desk=desk, now=ports.now())
            tenant = desk.people.tenant()
        if caller.kind == NEWCOMER and caller.session:
            ports.switch(caller.session, made.tenant)
        return shapes.Membership(
            tenant_id=made.tenant,
            company=tenant.name if tenant else "",
            status="active",
            roles=list(made.roles),
            ends_at=rfc3339(made.ends_at) if made.ends_at else None,
            current=False,
        )
