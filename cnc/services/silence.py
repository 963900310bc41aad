"""Machines that fall silent, or are heard again: told to those who watch, because nothing comes that would tell it.

A gateway that lost its link sends no event, so its tiles would show the last state until somebody loads the page anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from cnc.domain.base.clock import to_ms
from cnc.services.read.ports import ReadStores
from cnc.services.read.presence import Presence, presences


class Watchers(Protocol):
    def any(self) -> bool:
        """Whether anybody of the tenant acted for has a subscription."""
        ...


class Telling(Protocol):
    def machine_state(self, machine: str, payload: Mapping[str, object]) -> None: ...


@dataclass(slots=True)
class SilenceWatch:
    """What was known at the last look, by tenant and machine: whether it was heard.

    After a start nothing is known; then the present state of every machine is told, which changes no tile that is
    right. The same holds after a while without watchers: who comes new has read the tiles on their own.
    """

    _heard: dict[str, dict[str, bool]] = field(default_factory=dict)

    def look(self, tenant: str, *, stores: ReadStores, watchers: Watchers, telling: Telling, now: datetime) -> int:
        """Compare with the last look and tell the difference; how many machines were told."""
        if not watchers.any():
            self._heard.pop(tenant, None)
            return 0
        machines = [machine for machine in stores.shop.machines() if machine.gateway]
        views = {thing: stores.views.of(thing) for thing in dict.fromkeys(machine.gateway for machine in machines)}
        present = presences(machines, views=views, stores=stores, now_ms=to_ms(now))
        before = self._heard.get(tenant, {})
        self._heard[tenant] = {machine: found.online for machine, found in present.items()}
        changed = [machine for machine, found in present.items() if before.get(machine) is not found.online]
        told = [machine for machine in changed if present[machine].last_seen_ms is not None]
        for machine in told:
            telling.machine_state(machine, _payload(machine, present[machine]))
        return len(told)


def _payload(machine: str, present: Presence) -> dict[str, object]:
    """As a state event tells it (contracts 8); its time is that of the last sign of life."""
    seen = present.seen
    return {
        "machine": machine,
        "execution": present.execution,
        "tile_state": present.tile,
        "at_ms": present.last_seen_ms,
        "program": seen.program,
        "part_count": seen.part_count,
        "tool": seen.tool,
    }
