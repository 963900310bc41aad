"""The routes of programs, changes and the write gate."""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Protocol

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query

from cnc.domain.base.clock import rfc3339, to_ms
from cnc.domain.base.errors import BadValue
from cnc.domain.identity.permissions import EVERYWHERE, Permission
from cnc.domain.programs.change import Actor
from cnc.domain.programs.order import EVERYONE
from cnc.domain.programs.targets import ProgramTarget
from cnc.services.caller import Caller
from cnc.services.ingest.alarms import Alarms
from cnc.services.programs import library, steps
from cnc.services.programs.drafts import Draft as Wish
from cnc.services.programs.drafts import draft
from cnc.services.programs.guard import acknowledge_drift
from cnc.services.programs.orders import order, set_writing
from cnc.services.programs.place import control_of, known_machine
from cnc.services.programs.ports import Commands, GateStores, Sign
from cnc.services.programs.reading import checker, difference, dry_runner, judged, packed_path, report_to
from cnc.services.programs.seen import seen_stores
from cnc.services.second_factor import Factors, show
from cnc.services.seen import Places
from functions.rest.vault_models import (
    Approval,
    ChangeRow,
    Changes,
    Done,
    Draft,
    Drifted,
    Nothing,
    PackedPath,
    ProgramRow,
    Programs,
    SetWriting,
    SnapshotRow,
    Snapshots,
    VersionText,
    Withdrawal,
    Writing,
)

MachineId = Annotated[str, Path(description="Id of the machine, such as m_0123456789abcdef.", max_length=64)]
VersionId = Annotated[str, Path(description="Id of a program version, p_ and 16 characters.", max_length=64)]
UserId = Annotated[str, Path(description="Id of a person, u_ and 16 characters.", max_length=64)]
ChangeId = Annotated[str, Path(description="Id of a change, c_ and 16 characters.", max_length=64)]


class Switches(Protocol):
    def enabled_until_ms(self, machine: str, /) -> int: ...


@dataclass(frozen=True, slots=True)
class VaultPorts:
    """What the routes need, for the request at hand."""

    caller: Callable[[], Caller]
    stores: Callable[[], GateStores]
    places: Places
    commands: Callable[[], Commands]
    sign: Sign
    factors: Factors
    switches: Switches
    alarms: Alarms
    now: Callable[[], datetime]

    def now_ms(self) -> int:
        return to_ms(self.now())

    def actor(self) -> Actor:
        caller = self.caller()
        return Actor(
            caller.subject,
            caller.kind,
            caller.permissions,
            roles=caller.roles,
            at_site=None if set(caller.grants) == {EVERYWHERE} else caller.permissions_at,
        )

    def reader(self) -> GateStores:
        """The stores, for those who may read programs. Raises CncError `auth.forbidden`."""
        self.caller().require(Permission.PROGRAM_READ)
        return self.seen()

    def seen(self) -> GateStores:
        """The stores, with what stands at the caller's sites."""
        return seen_stores(self.stores(), self.places, caller=self.caller())


def add_vault(app: APIGatewayHttpResolver, ports: VaultPorts) -> None:
    """Add the routes."""
    _library(app, ports)
    _reading(app, ports)
    _changes(app, ports)
    _steps(app, ports)
    _guard(app, ports)


def _library(app: APIGatewayHttpResolver, ports: VaultPorts) -> None:
    @app.get("/v1/machines/<machine_id>/programs", summary="Programs and their versions", tags=["programs"])
    def list_programs(machine_id: MachineId) -> Programs:
        found = library.programs(machine_id, stores=ports.reader())
        return Programs(programs=[ProgramRow.of(program) for program in found])

    @app.get("/v1/programs/<version_id>", summary="One version with its text", tags=["programs"])
    def get_version(version_id: VersionId) -> VersionText:
        return VersionText.with_text(*library.version_text(version_id, stores=ports.reader()))

    @app.get("/v1/machines/<machine_id>/snapshots", summary="When the control was backed up", tags=["programs"])
    def list_snapshots(machine_id: MachineId, first: Annotated[int, Query(ge=1, le=100)] = 30) -> Snapshots:
        stores = ports.reader()
        known_machine(machine_id, shop=stores.shop)
        found = stores.snapshots.newest(machine_id, most=first)
        return Snapshots(snapshots=[SnapshotRow.of(snapshot) for snapshot in found])

    @app.post("/v1/machines/<machine_id>/snapshots", summary="Back up the control now", tags=["programs"])
    def take_snapshot(machine_id: MachineId, _body: Annotated[Nothing | None, Body()] = None) -> Done:
        control = control_of(machine_id, shop=ports.reader().shop)
        command = json.dumps({"v": 1, "type": "snapshot", "machine": machine_id}).encode()
        ports.commands().command(command, site=control.site, thing=control.thing)
        return Done()

    @app.get("/v1/machines/<machine_id>/drift", summary="What changed without a released change", tags=["programs"])
    def get_drift(machine_id: MachineId) -> Drifted:
        return Drifted.of(library.machine_drift(machine_id, stores=ports.reader()))

    @app.post("/v1/machines/<machine_id>/drift/acknowledgement", summary="The change is known", tags=["programs"])
    def acknowledge(machine_id: MachineId, _body: Annotated[Nothing | None, Body()] = None) -> Done:
        acknowledge_drift(machine_id, by=ports.actor(), stores=ports.seen(), alarms=ports.alarms, now_ms=ports.now_ms())
        return Done()


def _reading(app: APIGatewayHttpResolver, ports: VaultPorts) -> None:
    def text_and_kind(version_id: str) -> tuple[bytes, str, str]:
        stores = ports.reader()
        version, text = library.version_text(version_id, stores=stores)
        return text, known_machine(version.machine, shop=stores.shop).kind, version.name.rpartition("/")[2]

    @app.get("/v1/programs/<version_id>/report", summary="Check, time, tools and reach", tags=["programs"])
    def get_report(version_id: VersionId) -> dict[str, Any]:
        text, kind, name = text_and_kind(version_id)
        return report_to(judged(text, kind=kind, name=name))

    @app.get("/v1/programs/<version_id>/diff", summary="What changed in meaning since another one", tags=["programs"])
    def get_diff(version_id: VersionId, since: Annotated[str, Query(max_length=64)]) -> dict[str, Any]:
        text, kind, _ = text_and_kind(version_id)
        return difference(text_and_kind(since)[0], text, kind=kind)

    @app.get("/v1/programs/<version_id>/toolpath", summary="The path of the tool, packed", tags=["programs"])
    def get_toolpath(
        version_id: VersionId, tolerance_mm: Annotated[float, Query(alias="toleranceMm", ge=0.001, le=10)] = 0.05
    ) -> PackedPath:
        text, kind, _ = text_and_kind(version_id)
        return PackedPath(packed=b64encode(packed_path(text, kind=kind, tolerance_mm=tolerance_mm)).decode())


def _changes(app: APIGatewayHttpResolver, ports: VaultPorts) -> None:
    @app.get("/v1/changes", summary="Changes, newest first", tags=["changes"])
    def list_changes(
        machine_id: Annotated[str | None, Query(alias="machineId", max_length=64)] = None,
        still_open: Annotated[bool | None, Query(alias="open")] = None,
        first: Annotated[int, Query(ge=1, le=100)] = 100,
    ) -> Changes:
        found = library.changes(
            machine_id, still_open=still_open, most=first, stores=ports.reader(), now_ms=ports.now_ms()
        )
        return Changes(changes=[ChangeRow.of(change) for change in found])

    @app.post("/v1/changes", summary="Draft a change", tags=["changes"])
    def create_change(body: Annotated[Draft, Body()]) -> ChangeRow:
        stores = ports.seen()
        kind = known_machine(body.machine_id, shop=stores.shop).kind
        wish = Wish(body.machine_id, body.operation, body.target, body.reason, _bytes(body.text))
        check = checker(kind, name=str(body.target.get("name", "")))
        made = draft(wish, by=ports.actor(), stores=stores, check_text=check, now_ms=ports.now_ms())
        return ChangeRow.of(made)

    @app.get("/v1/changes/<change_id>", summary="One change", tags=["changes"])
    def get_change(change_id: ChangeId) -> ChangeRow:
        return ChangeRow.of(steps.held(change_id, stores=ports.reader(), now_ms=ports.now_ms()).change)


def _bytes(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        seen = f"{text[error.start]!r} at character {error.start}"
        raise BadValue(seen=seen, expected="a program of printable ASCII") from error


def _steps(app: APIGatewayHttpResolver, ports: VaultPorts) -> None:
    @app.post("/v1/changes/<change_id>/dry-run", summary="Make the dry run and read its report", tags=["changes"])
    def read_dry_run(change_id: ChangeId, _body: Annotated[Nothing | None, Body()] = None) -> ChangeRow:
        stores, now_ms = ports.reader(), ports.now_ms()
        found = steps.held(change_id, stores=stores, now_ms=now_ms).change
        kind = known_machine(found.machine, shop=stores.shop).kind
        name = found.target.name if isinstance(found.target, ProgramTarget) else ""
        made = steps.read_dry_run(
            change_id, by=ports.actor(), stores=stores, dry_run=dry_runner(kind, name=name), now_ms=now_ms
        )
        return ChangeRow.of(made)

    @app.post("/v1/changes/<change_id>/approvals", summary="Approve; the second one with a code", tags=["changes"])
    def approve(change_id: ChangeId, body: Annotated[Approval | None, Body()] = None) -> ChangeRow:
        actor, now_ms = ports.actor(), ports.now_ms()
        code = body.code if body is not None else None
        shown = partial(show, actor.id, code, factors=ports.factors, now_s=now_ms // 1000) if code else None
        return ChangeRow.of(steps.approve(change_id, by=actor, stores=ports.seen(), now_ms=now_ms, show=shown))

    @app.post("/v1/changes/<change_id>/order", summary="Send the signed order to the gateway", tags=["changes"])
    def send_order(change_id: ChangeId, _body: Annotated[Nothing | None, Body()] = None) -> ChangeRow:
        made = order(
            change_id,
            by=ports.actor(),
            stores=ports.seen(),
            commands=ports.commands(),
            sign=ports.sign,
            now_ms=ports.now_ms(),
        )
        return ChangeRow.of(made)

    @app.post("/v1/changes/<change_id>/withdrawal", summary="Nobody wants it any more", tags=["changes"])
    def withdraw(change_id: ChangeId, body: Annotated[Withdrawal, Body()]) -> ChangeRow:
        made = steps.withdraw(
            change_id, reason=body.reason, by=ports.actor(), stores=ports.seen(), now_ms=ports.now_ms()
        )
        return ChangeRow.of(made)


def _guard(app: APIGatewayHttpResolver, ports: VaultPorts) -> None:
    def state(machine_id: str, stores: GateStores) -> Writing:
        machine = known_machine(machine_id, shop=stores.shop)
        until_ms = ports.switches.enabled_until_ms(machine_id)
        stopped = sorted(stores.stops.stopped() & {EVERYONE, stores.tenant, machine.site, machine_id})
        return Writing(enabled_until=rfc3339(until_ms) if until_ms > ports.now_ms() else None, stopped=stopped)

    @app.get("/v1/machines/<machine_id>/writing", summary="Whether the machine may be written to", tags=["changes"])
    def get_writing(machine_id: MachineId) -> Writing:
        return state(machine_id, ports.reader())

    @app.put("/v1/machines/<machine_id>/writing", summary="Stop writing at once, or allow it", tags=["changes"])
    def put_writing(machine_id: MachineId, body: Annotated[SetWriting, Body()]) -> Writing:
        stores, actor = ports.seen(), ports.actor()
        machine = known_machine(machine_id, shop=stores.shop)
        subject = {"machine": machine_id, "site": machine.site, "tenant": stores.tenant}[body.scope]
        set_writing(
            subject,
            machine=machine_id,
            allowed=body.allowed,
            by=actor,
            stores=stores,
            commands=ports.commands(),
            now_ms=ports.now_ms(),
        )
        return state(machine_id, stores)
