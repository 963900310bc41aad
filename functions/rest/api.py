"""The routes of `/v1`: translate in, ask the read side, translate out."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from cnc_graphql.limits import SERIES_SIGNALS
from cnc_graphql.ranges import checked_series

from cnc.domain.base.clock import from_ms, rfc3339, to_ms
from cnc.domain.base.errors import BadValue, CncError
from cnc.services.caller import Caller
from cnc.services.read.reads import ShopReads
from cnc.services.tickets import NewTickets, issue
from functions.rest.account import AccountPorts, add_account
from functions.rest.administration import AdministrationPorts, add_administration
from functions.rest.audit import AuditPorts, add_audit
from functions.rest.connect import ConnectPorts, add_connect
from functions.rest.document import document
from functions.rest.keys import KeyPorts, add_keys
from functions.rest.models import (
    LatestValue,
    Machine,
    MachineDetail,
    Machines,
    Moment,
    Series,
    SocketTicket,
    Status,
    TicketRequest,
)
from functions.rest.privacy import PrivacyPorts, add_privacy
from functions.rest.problems import fault, problem
from functions.rest.query import known_query
from functions.rest.sso import SsoPorts, add_sso
from functions.rest.vault import VaultPorts, add_vault

#: The one id that is a word, documented with the other ids: `DELETE /v1/sessions/current` signs out.
_AN_ID_TOO = "/sessions/current"
MachineId = Annotated[str, Path(description="Id of the machine, such as m_0123456789abcdef.", max_length=64)]


@dataclass(frozen=True, slots=True)
class Ports:
    """What the routes need. `caller` and `request_id` are of the request at hand."""

    caller: Callable[[], Caller]
    reads: Callable[[Caller], ShopReads]
    tickets: NewTickets
    random: Callable[[int], bytes]
    now: Callable[[], datetime]
    request_id: Callable[[], str]
    report: Callable[[Exception], None]
    vault: VaultPorts
    connect: ConnectPorts
    administration: AdministrationPorts
    audit: AuditPorts
    account: AccountPorts
    sign_in: SsoPorts
    keys: KeyPorts
    privacy: PrivacyPorts


def build(ports: Ports) -> APIGatewayHttpResolver:
    """The application with all routes and error handlers."""
    app = APIGatewayHttpResolver(enable_validation=True)
    app.use([known_query(ports.request_id)])
    _tickets(app, ports)
    _machines(app, ports)
    add_vault(app, ports.vault)
    add_connect(app, ports.connect)
    add_administration(app, ports.administration)
    add_audit(app, ports.audit)
    add_account(app, ports.account)
    add_sso(app, ports.sign_in)
    add_keys(app, ports.keys)
    add_privacy(app, ports.privacy)
    _about(app, ports)
    _errors(app, ports)
    return app


def _tickets(app: APIGatewayHttpResolver, ports: Ports) -> None:
    @app.post("/v1/socket-tickets", summary="Ask for a ticket that opens one WebSocket", tags=["socket"])
    def create_ticket(_body: Annotated[TicketRequest | None, Body()] = None) -> SocketTicket:
        ticket = issue(ports.caller(), tickets=ports.tickets, random=ports.random, now=ports.now())
        return SocketTicket(ticket=ticket.text, expires_at=rfc3339(ticket.ends_at))


def _machines(app: APIGatewayHttpResolver, ports: Ports) -> None:
    @app.get("/v1/machines", summary="Machines of the shop by cell and name", tags=["machines"])
    def list_machines(first: Annotated[int, Query(ge=1, le=100)] = 100) -> Machines:
        found = ports.reads(ports.caller()).machines(first=first, now=ports.now())
        return Machines(machines=[Machine.of(machine) for machine in found])

    @app.get("/v1/machines/<machine_id>", summary="One machine with its newest values", tags=["machines"])
    def get_machine(machine_id: MachineId) -> MachineDetail:
        reads, now = ports.reads(ports.caller()), ports.now()
        found = reads.machine(machine_id, now=now)
        if found is None:
            raise CncError("machine.not_found", todo="Take the id from /v1/machines.")
        latest = reads.latest([machine_id], now=now).get(machine_id, [])
        return MachineDetail.of(found, latest=[LatestValue.of(value) for value in latest])

    @app.get("/v1/machines/<machine_id>/series", summary="Signals of one machine as columns", tags=["machines"])
    def get_series(
        machine_id: MachineId,
        signals: Annotated[list[str], Query(min_length=1, max_length=SERIES_SIGNALS)],
        start: Annotated[Moment, Query(alias="from")],
        end: Annotated[Moment, Query(alias="to")],
        resolution_s: Annotated[int, Query(alias="resolutionS", ge=1, le=86_400)] = 60,
    ) -> Series:
        span = _utc(start), _utc(end)
        checked_series(*span, resolution_s=resolution_s, signals=signals)
        found = ports.reads(ports.caller()).series(
            machine_id, signals=signals, start=span[0], end=span[1], resolution_s=resolution_s, now=ports.now()
        )
        return Series.of(found)


def _about(app: APIGatewayHttpResolver, ports: Ports) -> None:
    @app.get("/v1/status", summary="Whether the API answers", tags=["about"])
    def status() -> Status:
        return Status(status="ok", time=rfc3339(ports.now()))

    @app.get("/v1/openapi.json", include_in_schema=False)
    def openapi() -> Response[str]:
        return Response(200, content_type="application/json", body=json.dumps(document(app)))


def _errors(app: APIGatewayHttpResolver, ports: Ports) -> None:
    def refused(error: CncError) -> Response[str]:
        return problem(error, request_id=ports.request_id())

    def invalid(error: RequestValidationError) -> Response[str]:
        fields = [_field(entry) for entry in error.errors()[:10]]
        return problem(CncError("request.invalid"), request_id=ports.request_id(), errors=fields)

    def nothing_here(_: NotFoundError) -> Response[str]:
        path, method = app.current_event.path, app.current_event.http_method
        methods = methods_of(path, app)
        if not methods or method in methods:  # the router takes fewer characters in an id than a path may have
            return problem(CncError("path.not_found", seen=path), request_id=ports.request_id())
        allowed = ", ".join(methods)
        error = CncError("method.not_allowed", seen=method, expected=allowed)
        return problem(error, request_id=ports.request_id(), headers={"allow": allowed})

    def broken(error: Exception) -> Response[str]:
        ports.report(error)
        return fault(request_id=ports.request_id())

    app.exception_handler(CncError)(refused)
    app.exception_handler(RequestValidationError)(invalid)
    app.exception_handler(NotFoundError)(nothing_here)
    app.exception_handler(Exception)(broken)


def methods_of(path: str, app: APIGatewayHttpResolver) -> tuple[str, ...]:
    """Methods that a path answers, by the router's own table; none for an address where nothing is.

    A path that is written out is no id of another one, such as `letter` of an invitation.
    """
    fixed = {route.method for route in app._static_routes if route.rule.match(path)}
    by_id = {route.method for route in app._dynamic_routes if route.rule.match(path)}
    both = not fixed or path.endswith(_AN_ID_TOO)
    return tuple(sorted(fixed | by_id if both else fixed))


def _field(entry: dict[str, Any]) -> dict[str, str]:
    """Where and what; never the value, which may be a secret sent to the wrong place."""
    return {"field": ".".join(map(str, entry.get("loc", ()))), "problem": str(entry.get("msg", ""))[:200]}


def _utc(at: datetime) -> datetime:
    """Raises CncError(range.invalid) for a time without a zone, and for one that rows cannot have."""
    if at.tzinfo is None:
        raise CncError("range.invalid", seen=at.isoformat(), expected="RFC 3339 with a zone, such as …T08:00:00Z")
    try:
        moment = at.astimezone(UTC)
        from_ms(to_ms(moment))
    except (OverflowError, BadValue) as error:
        raise CncError("range.invalid", seen=at.isoformat(), expected="a time from 1970 to 9999") from error
    return moment
