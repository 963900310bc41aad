"""Machines as the shop floor sees them now, from one query per gateway."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cnc.domain.base.clock import from_ms, to_ms
from cnc.services.read.facts import GatewayFacts, MachineFacts, OverrideFacts, SiteFacts
from cnc.services.read.ports import GatewayView, ReadStores
from cnc.services.read.presence import NOTHING, Presence, newest_of, presences
from cnc.services.read.signals import signals_of
from cnc.services.shop import Machine
from cnc.services.stored import SchemaReader

QUARANTINE_COUNTED = timedelta(hours=24)
_UNKNOWN_SITE = SiteFacts("", "", "UTC")


def machine_facts(machines: Sequence[Machine], *, stores: ReadStores, now: datetime) -> list[MachineFacts]:
    """Facts of these machines, in their order."""
    if not machines:
        return []
    views = {thing: stores.views.of(thing) for thing in dict.fromkeys(m.gateway for m in machines) if thing}
    sites = site_facts(stores)
    since_ms = to_ms(now - QUARANTINE_COUNTED)
    refused = stores.quarantined.count_by_machine(received_from_ms=since_ms)
    present = presences(machines, views=views, stores=stores, now_ms=to_ms(now))
    return [
        _facts(
            machine,
            present=present[machine.id],
            view=views.get(machine.gateway, NOTHING),
            site=sites.get(machine.site, _UNKNOWN_SITE),
            refused=refused.get(machine.id, 0),
            schemas=stores.schemas,
        )
        for machine in machines
    ]


def gateway_facts(*, stores: ReadStores, now: datetime) -> list[GatewayFacts]:
    sites = site_facts(stores)
    refused = stores.quarantined.count_by_gateway(received_from_ms=to_ms(now - QUARANTINE_COUNTED))
    facts = []
    for gateway in stores.shop.gateways():
        view = stores.views.of(gateway.id)
        seen = [at.end_ms for at in view.newest.values()]
        seen += [] if view.health_sent_ms is None else [view.health_sent_ms]
        facts.append(
            GatewayFacts(
                id=gateway.id,
                name=gateway.name,
                site=sites.get(gateway.site, _UNKNOWN_SITE),
                last_seen=from_ms(max(seen)) if seen else None,
                config_version=gateway.version,
                applied_version=view.applied_version,
                quarantined=refused.get(gateway.id, 0),
            )
        )
    return facts


def site_facts(stores: ReadStores) -> dict[str, SiteFacts]:
    return {site.id: SiteFacts(site.id, site.name, site.time_zone) for site in stores.shop.sites()}


def _facts(
    machine: Machine,
    *,
    present: Presence,
    view: GatewayView,
    site: SiteFacts,
    refused: int,
    schemas: SchemaReader,
) -> MachineFacts:
    seen = present.seen
    return MachineFacts(
        id=machine.id,
        name=machine.name,
        kind=machine.kind,
        cell=machine.cell,
        site=site,
        simulated=machine.simulated,
        execution=present.execution,
        tile_state=present.tile,
        state_since=_moment(present.since_ms),
        last_seen=_moment(present.last_seen_ms),
        program=seen.program,
        tool=seen.tool,
        part_count=seen.part_count,
        part_target=machine.part_target,
        overrides=OverrideFacts(seen.feed_override, seen.rapid_override, seen.spindle_override),
        signals=signals_of(newest_of(machine, view).values(), schemas),
        quarantined=refused,
    )


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)
