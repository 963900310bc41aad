"""Machines as the shop floor sees them now, from one query per gateway."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from cnc.domain.base.clock import from_ms, to_ms
from cnc.domain.base.mtconnect import Execution, is_online
from cnc.services.ingest.ports import Newest
from cnc.services.machine_preview import Preview, empty, preview
from cnc.services.read.facts import GatewayFacts, MachineFacts, OverrideFacts, SignalFacts, SiteFacts
from cnc.services.read.ports import GatewayView, ReadStores
from cnc.services.shop import Machine
from cnc.services.stored import SchemaReader

#: Rows arrive once a minute, at a second of the gateway's own choosing: three such periods are silence.
CLOUD_PERIOD_MS = 60_000
QUARANTINE_COUNTED = timedelta(hours=24)
_UNKNOWN_SITE = SiteFacts("", "", "UTC")
_NOTHING = GatewayView({}, {})


def machine_facts(machines: Sequence[Machine], *, stores: ReadStores, now: datetime) -> list[MachineFacts]:
    """Facts of these machines, in their order."""
    if not machines:
        return []
    views = {thing: stores.views.of(thing) for thing in dict.fromkeys(m.gateway for m in machines) if thing}
    sites = site_facts(stores)
    since_ms = to_ms(now - QUARANTINE_COUNTED)
    refused = stores.quarantined.count_by_machine(received_from_ms=since_ms)
    return [
        _facts(
            machine,
            view=views.get(machine.gateway, _NOTHING),
            site=sites.get(machine.site, _UNKNOWN_SITE),
            refused=refused.get(machine.id, 0),
            schemas=stores.schemas,
            now_ms=to_ms(now),
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
    machine: Machine, *, view: GatewayView, site: SiteFacts, refused: int, schemas: SchemaReader, now_ms: int
) -> MachineFacts:
    seen = preview(view.documents.get(machine.id, empty()))
    newest = [at for source, at in view.newest.items() if source in machine.sources]
    last_seen_ms = _last_seen_ms(newest, seen)
    online = last_seen_ms is not None and is_online(last_seen_ms=last_seen_ms, now_ms=now_ms, period_ms=CLOUD_PERIOD_MS)
    return MachineFacts(
        id=machine.id,
        name=machine.name,
        kind=machine.kind,
        cell=machine.cell,
        site=site,
        simulated=machine.simulated,
        # What a silent gateway said last is no longer known to hold.
        execution=seen.execution if online else Execution.UNAVAILABLE,
        tile_state=seen.tile(online=online),
        state_since=_moment(seen.state_since_ms if online else last_seen_ms),
        last_seen=_moment(last_seen_ms),
        program=seen.program,
        tool=seen.tool,
        part_count=seen.part_count,
        part_target=machine.part_target,
        overrides=OverrideFacts(seen.feed_override, seen.rapid_override, seen.spindle_override),
        signals=_signals(newest, schemas),
        quarantined=refused,
    )


def _last_seen_ms(newest: Sequence[Newest], seen: Preview) -> int | None:
    times = [at.end_ms for at in newest] + ([] if seen.at_ms is None else [seen.at_ms])
    return max(times, default=None)


def _signals(newest: Sequence[Newest], schemas: SchemaReader) -> tuple[SignalFacts, ...]:
    found: Mapping[str, SignalFacts] = {
        signal.key: SignalFacts(signal.key, signal.unit, signal.kind)
        for at in newest
        if (schema := schemas.get(bytes.fromhex(at.schema))) is not None
        for signal in schema.signals
    }
    return tuple(found.values())


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)
