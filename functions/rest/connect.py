"""The routes that connect a machine: probe its control, add it to a gateway."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Self

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from pydantic import Field

from cnc.services.audit import AuditLog
from cnc.services.caller import Caller
from cnc.services.connecting import (
    Channel,
    EffectShop,
    NewMachine,
    Probe,
    Probes,
    add_machine,
    gateway_of,
    may_connect,
    probe_control,
    probe_of,
)
from functions.rest.models import Answer, Asked

ProbeId = Annotated[str, Path(description="Id of the probe, q_ and 16 characters.", max_length=64)]
Host = Annotated[str, Field(min_length=1, max_length=255, description="Name or address of the control.")]
#: A cell that the ladder counts in: area, address, width in bytes.
PMC_CELL = r"^[GFYXARTKCDE][0-9]{1,5}(:[124])?$"
Port = Annotated[int, Field(ge=0, le=65535)]


class ProbeRequest(Asked):
    """Look at a control through a gateway (docs/diagnosis.md); `port` 0 is the usual one of the protocol."""

    gateway_id: str
    component: str = "focas"
    host: Host
    port: Port = 0
    protocol: str | None = None
    path: Annotated[int, Field(ge=1, le=10)] | None = None
    unit: Annotated[int, Field(ge=0, le=255)] | None = None
    watch_s: Annotated[int, Field(ge=0, le=60)] | None = None
    pmc: Annotated[list[Annotated[str, Field(pattern=PMC_CELL)]], Field(max_length=8)] | None = None


class ProbeAnswer(Answer):
    """`report` is null until the gateway has answered."""

    id: str
    report: dict[str, Any] | None

    @classmethod
    def of(cls, probe: Probe) -> Self:
        return cls(id=probe.id, report=dict(probe.report) if probe.report is not None else None)


class MachineRequest(Asked):
    """A machine and its control; `settings` are those of the component."""

    gateway_id: str
    name: Annotated[str, Field(min_length=1, max_length=80)]
    kind: Annotated[str, Field(min_length=1, max_length=40)]
    cell: Annotated[str, Field(min_length=1, max_length=40)]
    component: str
    host: Host
    port: Annotated[int, Field(ge=1, le=65535)]
    period_ms: Annotated[int, Field(ge=100, le=60_000)] = 1000
    simulated: bool = False
    settings: Annotated[dict[str, str | int | float | bool], Field(default_factory=dict)]


class Added(Answer):
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ConnectPorts:
    """What the routes need, for the request at hand."""

    caller: Callable[[], Caller]
    shop: EffectShop
    probes: Probes
    audit: AuditLog
    channel: Callable[[], Channel]
    random: Callable[[int], bytes]
    now: Callable[[], datetime]

    def at_gateway(self, gateway: str) -> None:
        """Raises CncError `auth.forbidden`; `gateway.not_found` for one of a site the caller does not see."""
        caller = self.caller()
        may_connect(caller)
        may_connect(caller, gateway_of(gateway, shop=self.shop, caller=caller).site)


def add_connect(app: APIGatewayHttpResolver, ports: ConnectPorts) -> None:
    """Add the routes."""

    @app.post("/v1/probes", summary="Look at a control through a gateway", tags=["connect"])
    def create_probe(body: Annotated[ProbeRequest, Body()]) -> ProbeAnswer:
        ports.at_gateway(body.gateway_id)
        request = body.model_dump(exclude_none=True, exclude={"gateway_id"})
        made = probe_control(
            body.gateway_id,
            request,
            by=ports.caller().subject,
            shop=ports.shop,
            probes=ports.probes,
            audit=ports.audit,
            channel=ports.channel(),
            random=ports.random,
            now=ports.now(),
        )
        return ProbeAnswer.of(made)

    @app.get("/v1/probes/<probe_id>", summary="What the gateway saw, once it looked", tags=["connect"])
    def get_probe(probe_id: ProbeId) -> ProbeAnswer:
        may_connect(ports.caller())
        probe = probe_of(probe_id, probes=ports.probes)
        ports.at_gateway(str(probe.request["gateway"]))
        return ProbeAnswer.of(probe)

    @app.post("/v1/machines", summary="Add a machine and give it to a gateway", tags=["connect"])
    def create_machine(body: Annotated[MachineRequest, Body()]) -> Added:
        ports.at_gateway(body.gateway_id)
        wish = NewMachine(
            gateway=body.gateway_id,
            name=body.name,
            kind=body.kind,
            cell=body.cell,
            component=body.component,
            host=body.host,
            port=body.port,
            period_ms=body.period_ms,
            simulated=body.simulated,
            settings=body.settings,
        )
        made = add_machine(
            wish,
            by=ports.caller().subject,
            shop=ports.shop,
            audit=ports.audit,
            channel=ports.channel(),
            random=ports.random,
            now=ports.now(),
        )
        return Added(id=made.id, name=made.name)
