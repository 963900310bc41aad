"""Take in what gateways report of the controls they can write to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cnc.domain.base.errors import CncError, MalformedMessage
from cnc.domain.base.ids import new_id
from cnc.domain.base.tenant import Origin
from cnc.domain.programs import change as gate
from cnc.domain.programs.change import Actor
from cnc.domain.programs.order import EVERYONE
from cnc.domain.programs.reports import (
    ProbeReport,
    Report,
    SnapshotTaken,
    Uploaded,
    Wiped,
    WriteReport,
    WriteSwitch,
    unpack_report,
)
from cnc.domain.programs.snapshot import Snapshot
from cnc.services.ingest.alarms import Alarms
from cnc.services.ingest.ports import Assignments, Quarantine, Refusal
from cnc.services.ingest.quarantine import FOREIGN_SOURCE, assigned, malformed
from cnc.services.programs.guard import watch_drift
from cnc.services.programs.orders import stop_command
from cnc.services.programs.ports import Commands, GateStores, HeldChange, ProgramVersion
from cnc.services.programs.trail import change_digest, noted

#: Addresses in one command: it has to stay below the 128 KiB of a message.
UPLOADS_AT_ONCE = 50
#: A snapshot of a clock that goes wrong would be the newest one for ever.
AHEAD_MS = 3_600_000
ALREADY_USED = "order.used"


class Probes(Protocol):
    def answer(self, probe: str, report: str, /) -> None: ...


class Wipes(Protocol):
    """Gateways that told that they hold nothing any more."""

    def told(self, thing: str, request: str, /, *, files: int, size: int) -> None: ...


class Switches(Protocol):
    def told(self, machine: str, enabled_until_ms: int, /) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPorts:
    """Collaborators of `record_report`."""

    stores: GateStores
    assignments: Assignments
    quarantine: Quarantine
    probes: Probes
    switches: Switches
    commands: Commands
    alarms: Alarms
    wipes: Wipes


def record_report(payload: bytes, *, origin: Origin, received_ms: int, ports: ReportPorts) -> Refusal | None:
    """Store one report of a gateway; None, or why it was put into quarantine."""
    try:
        report = unpack_report(payload)
        _not_ahead(report, received_ms)
    except MalformedMessage as error:
        return malformed(payload, error=error, thing=origin.thing, quarantine=ports.quarantine, received_ms=received_ms)
    refusal = _foreign(report, origin, ports)
    if refusal is not None:
        ports.quarantine.keep(payload, thing=origin.thing, refusals=[refusal], received_ms=received_ms)
        return refusal
    if isinstance(report, SnapshotTaken):
        _snapshot(report, origin, ports)
    elif isinstance(report, Uploaded):
        _uploaded(report, origin, ports, now_ms=received_ms)
    elif isinstance(report, WriteReport):
        _written(report, origin, ports, now_ms=received_ms)
    elif isinstance(report, WriteSwitch):
        ports.switches.told(report.machine, report.enabled_until_ms)
        _put_right(report, origin, ports)
    elif isinstance(report, Wiped):
        ports.wipes.told(origin.thing, report.request, files=report.files, size=report.size)
    else:
        ports.probes.answer(report.request, json.dumps(report.report, separators=(",", ":")))
    return None


def _not_ahead(report: Report, received_ms: int) -> None:
    if isinstance(report, SnapshotTaken) and report.snapshot.taken_ms > received_ms + AHEAD_MS:
        ahead_s = (report.snapshot.taken_ms - received_ms) // 1000
        raise MalformedMessage(seen=f"taken in {ahead_s} s", expected="a gateway whose clock is right")


def _foreign(report: Report, origin: Origin, ports: ReportPorts) -> Refusal | None:
    """A gateway speaks of the machines that were given to it, and of no others."""
    assignment = assigned(ports.assignments, thing=origin.thing, site=origin.site, sources=())
    if isinstance(assignment, Refusal):
        return assignment
    if isinstance(report, ProbeReport | Wiped):
        return None
    machine = report.snapshot.machine if isinstance(report, SnapshotTaken) else report.machine
    if machine in assignment.machines.values():
        return None
    fresh = ports.assignments.of(origin.thing, fresh=True)
    return None if fresh and machine in fresh.machines.values() else Refusal(FOREIGN_SOURCE)


def _snapshot(report: SnapshotTaken, origin: Origin, ports: ReportPorts) -> None:
    """Keep it (parts of one time are joined) and ask for the contents that are not known."""
    snapshot = report.snapshot
    before = ports.stores.snapshots.newest(snapshot.machine, most=1)
    if report.parts > 1 and before and before[0].taken_ms == snapshot.taken_ms:
        joined = {(item.kind, item.name): item for item in (*before[0].items, *snapshot.items)}
        snapshot = Snapshot(
            snapshot.machine, snapshot.source, snapshot.serial, snapshot.taken_ms, tuple(joined.values())
        )
    ports.stores.snapshots.add(snapshot)
    unknown = [
        sha256
        for sha256 in dict.fromkeys(item.sha256 for item in report.snapshot.items)
        if not ports.stores.contents.has(sha256)
    ]
    for start in range(0, len(unknown), UPLOADS_AT_ONCE):
        links = [
            {"sha256": sha256, "url": ports.stores.contents.upload_link(sha256)}
            for sha256 in unknown[start : start + UPLOADS_AT_ONCE]
        ]
        command = {"v": 1, "type": "upload", "machine": snapshot.machine, "items": links}
        payload = json.dumps(command, separators=(",", ":"), sort_keys=True).encode()
        ports.commands.command(payload, site=origin.site, thing=origin.thing)
    _versions(snapshot, ports.stores)
    if report.part == report.parts:
        watch_drift(snapshot.machine, source=snapshot.source, stores=ports.stores, alarms=ports.alarms)


def _uploaded(report: Uploaded, origin: Origin, ports: ReportPorts, *, now_ms: int) -> None:
    """Each object is read back: what does not have the digest it claims is no version of anything."""
    by, stores = Actor(origin.thing, "gateway", frozenset()), ports.stores
    for sha256 in report.sha256s:
        if stores.contents.get(sha256) is None:
            refused = "value.out_of_range"
            noted("content.refused", by=by, subject=sha256, stores=stores, now_ms=now_ms, result=refused)
            stores.contents.remove(sha256)
    for snapshot in stores.snapshots.newest(report.machine, most=1):
        _versions(snapshot, stores)
        # Whether a table differs by released values alone is known once its content is here.
        watch_drift(report.machine, source=snapshot.source, stores=stores, alarms=ports.alarms)


def _versions(snapshot: Snapshot, stores: GateStores) -> None:
    """A program whose content is in the store and is not the newest version is a new version."""
    for item in snapshot.items:
        if item.kind != "program" or not stores.contents.has(item.sha256):
            continue
        newest = stores.versions.newest(snapshot.machine, item.name, origins=("snapshot", "release"))
        if newest is not None and newest.sha256 == item.sha256:
            continue
        stores.versions.add(
            ProgramVersion(
                new_id("p", stores.random),
                snapshot.machine,
                item.name,
                item.sha256,
                item.size,
                snapshot.taken_ms,
                "snapshot",
            )
        )


def _put_right(report: WriteSwitch, origin: Origin, ports: ReportPorts) -> None:
    """Tell a gateway what is stopped, where it knows otherwise: commands that it missed are gone."""
    if report.stopped is None:
        return
    reach = {EVERYONE, ports.stores.tenant, origin.site, report.machine}
    wanted, known = ports.stores.stops.stopped() & reach, report.stopped & reach
    for subject in sorted(wanted ^ known):
        payload = stop_command(subject, stopped=subject in wanted)
        ports.commands.command(payload, site=origin.site, thing=origin.thing)


def _written(report: WriteReport, origin: Origin, ports: ReportPorts, *, now_ms: int) -> None:
    """The outcome of an order. One that belongs to no change of this machine is noted and changes nothing."""
    stores, by = ports.stores, Actor(origin.thing, "gateway", frozenset())
    found = stores.changes.get(report.change)
    seen = {"code": report.code, "step": report.step, "seen": dict(report.seen), "sha256": report.sha256}
    result, after = _after(report, found, seen, now_ms=now_ms)
    if found is None or after is None:
        noted("change.reported", by=by, subject=report.change, stores=stores, now_ms=now_ms, result=result, more=seen)
        return
    # Raises when a person was faster: the platform brings the report again.
    noted(
        "change.reported",
        by=by,
        subject=report.change,
        stores=stores,
        now_ms=now_ms,
        result=result,
        more=seen,
        before=change_digest(found.change),
        after=change_digest(after),
        effects=[stores.changes.putting(after, seen_version=found.version)],
    )


def _after(
    report: WriteReport, found: HeldChange | None, seen: Mapping[str, Any], *, now_ms: int
) -> tuple[str, gate.Change | None]:
    """What to note, and the change after the report; None when it stays as it is."""
    if found is None or found.change.machine != report.machine:
        return "change.not_found", None
    if report.code == ALREADY_USED:
        return ALREADY_USED, None  # the command came twice; the outcome of the first one counts
    if report.outcome == gate.ChangeState.RELEASED and report.sha256 != found.change.sha256:
        return "content.differs", None
    try:
        return report.outcome, gate.report(
            found.change, order_id=report.order, outcome=report.outcome, seen=seen, now_ms=now_ms
        )
    except CncError as error:
        return error.code, None
