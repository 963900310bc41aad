"""The shop as one caller sees it: what stands at a site where they have no role is as if it were not there."""

from collections.abc import Sequence
from typing import Protocol

from cnc.services.caller import Caller
from cnc.services.shop import Gateway, Machine, Site, Tenant, User


class Places(Protocol):
    """What stands at sites, and whose it is."""

    def tenant(self) -> Tenant | None: ...
    def user(self, user: str, /) -> User | None: ...
    def sites(self) -> Sequence[Site]: ...
    def machines(self) -> Sequence[Machine]: ...
    def machine(self, machine: str, /) -> Machine | None: ...
    def gateways(self) -> Sequence[Gateway]: ...
    def gateway(self, gateway: str, /) -> Gateway | None: ...


class SeenPlaces:
    """Only what stands where this caller has a role."""

    def __init__(self, places: Places, *, caller: Caller) -> None:
        self._places = places
        self._caller = caller

    def tenant(self) -> Tenant | None:
        return self._places.tenant()

    def user(self, user: str, /) -> User | None:
        return self._places.user(user)

    def sites(self) -> Sequence[Site]:
        return [site for site in self._places.sites() if self._caller.sees(site.id)]

    def machines(self) -> Sequence[Machine]:
        return [machine for machine in self._places.machines() if self._caller.sees(machine.site)]

    def machine(self, machine: str, /) -> Machine | None:
        found = self._places.machine(machine)
        return found if found is not None and self._caller.sees(found.site) else None

    def gateways(self) -> Sequence[Gateway]:
        return [gateway for gateway in self._places.gateways() if self._caller.sees(gateway.site)]

    def gateway(self, gateway: str, /) -> Gateway | None:
        found = self._places.gateway(gateway)
        return found if found is not None and self._caller.sees(found.site) else None


def seen(places: Places, *, caller: Caller) -> Places:
    """The places themselves for who sees every site: most people, who pay nothing for this."""
    return places if caller.everywhere else SeenPlaces(places, caller=caller)
