"""Everything one tenant may read, behind one object; ids of others and unknown ones answer alike."""

from collections.abc import Sequence
from datetime import datetime

from cnc.domain.base.clock import from_ms, to_ms
from cnc.domain.base.errors import CncError
from cnc.domain.base.ids import check_id
from cnc.domain.identity.permissions import Permission
from cnc.services.caller import Caller
from cnc.services.ingest.alarms import Alarm
from cnc.services.read.completeness import completeness_of, unobserved_of
from cnc.services.read.facts import (
    AlarmFacts,
    CompletenessFacts,
    GapFacts,
    GatewayFacts,
    IntervalFacts,
    LatestFacts,
    MachineFacts,
    SeriesFacts,
    SiteFacts,
    ViewerFacts,
)
from cnc.services.read.latest import latest_of
from cnc.services.read.machines import gateway_facts, machine_facts, site_facts
from cnc.services.read.ports import ReadStores
from cnc.services.read.series import series_of
from cnc.services.read.timeline import timeline_of
from cnc.services.seen import seen
from cnc.services.shop import Machine


class ShopReads:
    """Reads for one caller, inside `acting_for` that caller's tenant. Raises CncError `auth.forbidden`.

    What stands at a site where the caller has no role is not there; each role may read all of this where it is held.
    """

    def __init__(self, stores: ReadStores, *, caller: Caller) -> None:
        self._stores = stores._replace(shop=seen(stores.shop, caller=caller))
        self._caller = caller

    def viewer(self, *, now: datetime) -> ViewerFacts:  # noqa: ARG002 - the port's word
        tenant = self._stores.shop.tenant()
        user = self._stores.shop.user(self._caller.subject) if self._caller.kind == "user" else None
        return ViewerFacts(
            tenant_id=self._caller.tenant,
            tenant_name=tenant.name if tenant else "",
            subject=self._caller.subject,
            name=user.name if user else "",
            roles=self._caller.roles,
            permissions=tuple(sorted(self._caller.permissions)),
        )

    def sites(self) -> Sequence[SiteFacts]:
        self._caller.require(Permission.TENANT_READ)
        return list(site_facts(self._stores).values())

    def machines(self, *, first: int, now: datetime, site: str | None = None) -> Sequence[MachineFacts]:
        self._caller.require(Permission.MACHINE_READ)
        found = (machine for machine in self._stores.shop.machines() if site is None or machine.site == site)
        machines = sorted(found, key=lambda machine: (machine.cell, machine.name))
        return machine_facts(machines[:first], stores=self._stores, now=now)

    def machine(self, machine: str, *, now: datetime) -> MachineFacts | None:
        self._caller.require(Permission.MACHINE_READ)
        found = self._known(machine)
        return machine_facts([found], stores=self._stores, now=now)[0] if found else None

    def gateways(self, *, now: datetime) -> Sequence[GatewayFacts]:
        self._caller.require(Permission.GATEWAY_READ)
        return gateway_facts(stores=self._stores, now=now)

    def alarms(self, *, machine: str | None, active: bool | None, first: int) -> Sequence[AlarmFacts]:
        """Newest first; of a machine that is not there: none."""
        self._caller.require(Permission.ALARM_READ)
        if machine is not None and self._known(machine) is None:
            return []
        return [_alarm(alarm) for alarm in self._newest_alarms(machine, active)[:first]]

    def alarms_of(self, machines: Sequence[str], *, active: bool | None, first: int) -> dict[str, list[AlarmFacts]]:
        """The newest `first` of each of these machines of the shop, in one query however many there are."""
        self._caller.require(Permission.ALARM_READ)
        found: dict[str, list[AlarmFacts]] = {machine: [] for machine in machines}
        for alarm in self._newest_alarms(machines[0] if len(machines) == 1 else None, active):
            own = found.get(alarm.machine)
            if own is not None and len(own) < first:
                own.append(_alarm(alarm))
        return found

    def _newest_alarms(self, machine: str | None, active: bool | None) -> list[Alarm]:
        found = [alarm for alarm in self._stores.alarms.of(machine) if active is None or alarm.active is active]
        if machine is None and not self._caller.everywhere:
            known = {one.id for one in self._stores.shop.machines()}
            found = [alarm for alarm in found if alarm.machine in known]
        return sorted(found, key=lambda alarm: (alarm.raised_ms, alarm.id), reverse=True)

    def latest(self, machines: Sequence[str], *, now: datetime) -> dict[str, list[LatestFacts]]:  # noqa: ARG002
        self._caller.require(Permission.TELEMETRY_READ)
        wanted = set(machines)
        known = [machine for machine in self._stores.shop.machines() if machine.id in wanted]
        return latest_of(known, stores=self._stores)

    def completeness(
        self,
        machine: str,
        *,
        start: datetime,
        end: datetime,
        now: datetime,  # noqa: ARG002
    ) -> CompletenessFacts:
        """Raises CncError `machine.not_found`."""
        self._must_know(machine)
        counted = completeness_of(
            machine,
            from_ms=to_ms(start),
            to_ms=to_ms(end),
            chunks=self._stores.chunks,
            ledgers=self._stores.ledgers,
        )
        gaps = (
            GapFacts(source, gap.first, gap.last, gap.reason, from_ms(gap.from_ms), from_ms(gap.to_ms))
            for source, counts in counted.items()
            for gap in counts.gaps
        )
        counts = counted.values()
        return CompletenessFacts(
            produced=sum(count.produced for count in counts),
            stored=sum(count.stored for count in counts),
            declared_gaps=sum(count.declared_gaps for count in counts),
            missing=sum(count.missing for count in counts),
            duplicates=sum(count.duplicates for count in counts),
            gaps=tuple(gaps),
            unobserved=unobserved_of(self._stores.ledgers.of(machine), from_ms=to_ms(start), to_ms=to_ms(end)),
        )

    def state_timeline(self, machine: str, *, start: datetime, end: datetime, now: datetime) -> Sequence[IntervalFacts]:
        """Raises CncError `machine.not_found`."""
        self._must_know(machine)
        return timeline_of(machine, from_ms=to_ms(start), to_ms=to_ms(end), now_ms=to_ms(now), stores=self._stores)

    def series(
        self,
        machine: str,
        *,
        signals: Sequence[str],
        start: datetime,
        end: datetime,
        resolution_s: int,
        now: datetime,
    ) -> SeriesFacts:
        """Raises CncError `machine.not_found`."""
        return series_of(
            self._must_know(machine),
            signals=signals,
            from_ms=to_ms(start),
            to_ms=to_ms(end),
            resolution_s=resolution_s,
            now_ms=to_ms(now),
            stores=self._stores,
        )

    def tells_of(self, machine: str) -> bool:
        """Whether an event of this machine is for the caller."""
        return self._caller.everywhere or self._known(machine) is not None

    def _known(self, machine: str) -> Machine | None:
        try:
            return self._stores.shop.machine(check_id("m", machine))
        except CncError:
            return None

    def _must_know(self, machine: str) -> Machine:
        self._caller.require(Permission.TELEMETRY_READ)
        found = self._known(machine)
        if found is None:
            raise CncError("machine.not_found", todo="Take the id from `machines`.")
        return found


def _alarm(alarm: Alarm) -> AlarmFacts:
    return AlarmFacts(
        id=alarm.id,
        machine_id=alarm.machine,
        number=alarm.number,
        type=alarm.type,
        text=alarm.text,
        axis=alarm.axis,
        active=alarm.active,
        raised_at=from_ms(alarm.raised_ms),
        cleared_at=None if alarm.cleared_ms is None else from_ms(alarm.cleared_ms),
    )
