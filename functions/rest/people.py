"""The route that says who is who: ids stand in changes and audit entries, people read names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller
from cnc.services.shop import User
from functions.rest.models import Answer


class People(Protocol):
    """People of the tenant acted for."""

    def users(self) -> Sequence[User]: ...


class Person(Answer):
    id: str
    name: str


class PeopleOfShop(Answer):
    people: list[Person]


@dataclass(frozen=True, slots=True)
class PeoplePorts:
    """What the route needs, for the request at hand."""

    caller: Callable[[], Caller]
    people: People


def add_people(app: APIGatewayHttpResolver, ports: PeoplePorts) -> None:
    """Add the route."""

    @app.get("/v1/people", summary="Names of the people of the shop", tags=["account"])
    def list_people() -> PeopleOfShop:
        caller = ports.caller()
        if caller.kind != "user":
            raise CncError("auth.forbidden", seen="an API key", expected="a person")
        found = sorted(ports.people.users(), key=lambda user: (user.name, user.id))
        return PeopleOfShop(people=[Person(id=user.id, name=user.name) for user in found])
