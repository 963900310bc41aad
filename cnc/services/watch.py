"""Live leases: while someone looks at a machine, its gateway sends all signals each second."""

import json
from datetime import datetime, timedelta
from typing import Protocol

from cnc.domain.base.clock import from_ms, to_ms
from cnc.domain.base.errors import CncError
from cnc.domain.base.ids import check_id
from cnc.domain.identity.permissions import Permission
from cnc.services.caller import Caller
from cnc.services.shop import Machine

LEASE = timedelta(seconds=60)


class Machines(Protocol):
    def machine(self, machine: str, /) -> Machine | None: ...


class Commands(Protocol):
    def command(self, payload: bytes, *, site: str, thing: str) -> None: ...


class Watch:
    """Renews the lease of a machine of the tenant acted for."""

    def __init__(self, *, machines: Machines, commands: Commands, sites: "GatewaySites") -> None:
        self._machines = machines
        self._commands = commands
        self._sites = sites

    def watch(self, machine: str, *, caller: Caller, now: datetime) -> datetime:
        """When the lease ends. Raises CncError `auth.forbidden`, `machine.not_found`, `gateway.not_found`."""
        caller.require(Permission.MACHINE_WATCH)
        found = self._machines.machine(check_id("m", machine))
        if found is None or not caller.sees(found.site):
            raise CncError("machine.not_found", todo="Take the id from `machines`.")
        site = self._sites.site_of(found.gateway) if found.gateway else None
        if site is None:
            raise CncError("gateway.not_found", todo="Give the machine's sources to a gateway first.")
        until_ms = to_ms(now + LEASE)
        command = {"v": 1, "type": "live", "sources": list(found.sources), "until_ms": until_ms}
        payload = json.dumps(command, separators=(",", ":"), sort_keys=True).encode()
        self._commands.command(payload, site=site, thing=found.gateway)
        return from_ms(until_ms)


class GatewaySites(Protocol):
    def site_of(self, gateway: str, /) -> str | None: ...
