"""Hand live frames to whoever watches: nothing is stored, the minute message brings the same rows."""

from dataclasses import dataclass

from cnc.domain.base.errors import MalformedMessage
from cnc.domain.base.tenant import Origin
from cnc.domain.telemetry.live import LiveFrame, unpack_live
from cnc.services.ingest.ports import Assignments, FanOut, Quarantine, Refusal, Rows
from cnc.services.ingest.quarantine import FOREIGN_SOURCE, assigned, malformed


@dataclass(frozen=True, kw_only=True)
class LiveStores:
    assignments: Assignments
    quarantine: Quarantine
    fan_out: FanOut


@dataclass(frozen=True, slots=True)
class Shown:
    frames: int = 0
    refusals: tuple[Refusal, ...] = ()


def apply_live(payload: bytes, *, origin: Origin, received_ms: int, stores: LiveStores) -> Shown:
    """One fan-out per machine with the newest frame of each of its sources."""
    try:
        _, frames = unpack_live(payload)
    except MalformedMessage as error:
        refusal = malformed(
            payload, error=error, thing=origin.thing, quarantine=stores.quarantine, received_ms=received_ms
        )
        return Shown(refusals=(refusal,))
    sources = [frame.source for frame in frames]
    assignment = assigned(stores.assignments, thing=origin.thing, site=origin.site, sources=sources)
    if isinstance(assignment, Refusal):
        stores.quarantine.keep(payload, thing=origin.thing, refusals=[assignment], received_ms=received_ms)
        return Shown(refusals=(assignment,))
    foreign = sorted({source for source in sources if source not in assignment.machines})
    refusals = [Refusal(FOREIGN_SOURCE, Rows(source)) for source in foreign]
    if refusals:
        stores.quarantine.keep(payload, thing=origin.thing, refusals=refusals, received_ms=received_ms)
    by_machine: dict[str, dict[str, LiveFrame]] = {}
    for frame in frames:
        machine = assignment.machines.get(frame.source)
        if machine is not None:
            newest = by_machine.setdefault(machine, {})
            held = newest.get(frame.source)
            if held is None or (held.boot, held.seq) < (frame.boot, frame.seq):
                newest[frame.source] = frame
    for machine, newest in by_machine.items():
        stores.fan_out.live_signals(machine, live_payload(machine, list(newest.values())))
    return Shown(sum(map(len, by_machine.values())), tuple(refusals))


def live_payload(machine: str, frames: list[LiveFrame]) -> dict[str, object]:
    """What subscribers of the machine's live signals get (contracts 6)."""
    columns = {key: value for frame in frames for key, value in frame.values.items()}
    return {"machine": machine, "at_ms": max(frame.at_ms for frame in frames), "columns": columns}
