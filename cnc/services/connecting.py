"""Connect a machine: look at its control through a gateway, then give it to that gateway."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Protocol, cast

from cnc.domain.audit.entry import digest
from cnc.domain.base.clock import to_ms
from cnc.domain.base.errors import CncError
from cnc.domain.base.ids import check_id, new_id
from cnc.domain.identity.permissions import Permission
from cnc.services.audit import Action, AuditLog, Effect
from cnc.services.caller import Caller
from cnc.services.programs.place import WRITING_COMPONENT
from cnc.services.provisioning import ConfigChannel, Shop, configure_gateway, create_machine
from cnc.services.shop import Gateway, Machine, Source

COMPONENTS: Final = ("focas", "modbus", "opcua", "mtconnect")
#: Kinds of machines whose programs are not read as those of a mill; the gateway checks what it writes the same way.
READS_AS: Final[Mapping[str, str]] = MappingProxyType(
    {"lathe": "lathe", "5-axis": "five_axis", "five_axis": "five_axis"}
)
#: How a control may be told to count parts (contracts 4).
COUNTS: Final = re.compile(r"parameter \d{1,5}|macro #\d{1,5}|PMC [GFYXARTKCDE]\d{1,5}(:[124])?", re.ASCII)
Random = Callable[[int], bytes]


class Probes(Protocol):
    def asking(self, probe: str, request: str, /, *, at: datetime) -> Effect: ...
    def get(self, probe: str, /) -> tuple[str, str | None] | None: ...


class EffectShop(Shop, Protocol):
    """A shop whose rows can be written within an action that is noted."""

    def putting_machine(self, machine: Machine, /) -> Effect: ...
    def putting_gateway(self, gateway: Gateway, /, *, seen_version: int) -> Effect: ...


class Channel(ConfigChannel, Protocol):
    def command(self, payload: bytes, *, site: str, thing: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Probe:
    """A question to a control; `report` is None until the gateway answered (docs/diagnosis.md)."""

    id: str
    request: Mapping[str, Any]
    report: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class NewMachine:
    """What a person says of a machine and its control; `settings` are those of the component (contracts 4)."""

    gateway: str
    name: str
    kind: str
    cell: str
    component: str
    host: str
    port: int
    period_ms: int = 1000
    simulated: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)


def may_connect(caller: Caller, site: str | None = None) -> None:
    """Raises CncError `auth.forbidden` for those who do not set up machines, there or anywhere."""
    caller.require(Permission.GATEWAY_CONNECT, site)


def probe_control(
    gateway: str,
    request: Mapping[str, Any],
    *,
    by: str,
    shop: Shop,
    probes: Probes,
    audit: AuditLog,
    channel: Channel,
    random: Random,
    now: datetime,
) -> Probe:
    """Ask a gateway to look at a control (contracts 12). Raises CncError `gateway.not_found`, `request.invalid`."""
    found = _gateway(gateway, shop)
    component = _component(request.get("component", COMPONENTS[0]))
    probe = new_id("q", random)
    command = {"v": 1, "type": "probe", **request, "component": component, "request": probe}
    asked = probes.asking(probe, json.dumps({**request, "gateway": gateway}, sort_keys=True), at=now)
    action = Action(by, "machine.probed", gateway, "done", to_ms(now), request=digest(dict(request)))
    audit.commit(action, [asked])
    channel.command(
        json.dumps(command, separators=(",", ":"), sort_keys=True).encode(), site=found.site, thing=found.id
    )
    return Probe(probe, dict(request))


def probe_of(probe: str, *, probes: Probes) -> Probe:
    """Raises CncError `probe.not_found`."""
    found = probes.get(check_id("q", probe))
    if found is None:
        raise CncError("probe.not_found", todo="Ask for a new one.")
    request, report = found
    return Probe(probe, json.loads(request), json.loads(report) if report is not None else None)


def add_machine(
    wish: NewMachine,
    *,
    by: str,
    shop: EffectShop,
    audit: AuditLog,
    channel: ConfigChannel,
    random: Random,
    now: datetime,
) -> Machine:
    """A machine with one source, given to the gateway, which applies it within seconds.

    Raises CncError `gateway.not_found`, `request.invalid`, and what `configure_gateway` raises.
    """
    pending = _Pending(shop)
    made = _added(wish, shop=cast(Shop, pending), channel=pending, random=random)
    audit.commit(Action(by, "machine.added", made.id, "done", to_ms(now)), pending.effects)
    for document, site, thing in pending.documents:
        channel.configure(document, site=site, thing=thing)
    return made


def _added(wish: NewMachine, *, shop: Shop, channel: ConfigChannel, random: Random) -> Machine:
    gateway = _gateway(wish.gateway, shop)
    component = _component(wish.component)
    _check_counts(wish.settings.get("counts"))
    sources = sources_of(gateway)
    machine = create_machine(
        wish.name,
        kind=wish.kind,
        cell=wish.cell,
        site=gateway.site,
        shop=shop,
        random=random,
        simulated=wish.simulated,
    )
    source = Source(
        id=new_id("d", random),
        machine=machine.id,
        component=component,
        period_ms=wish.period_ms,
        simulated=wish.simulated,
        settings={**_reads_as(wish), **wish.settings, "host": wish.host, "port": wish.port},
    )
    configure_gateway(gateway.id, [*sources, source], shop=shop, channel=channel)
    return machine


class _Pending:
    """A shop and a channel whose changes are not made yet: the effects of one action, and what is sent after it."""

    def __init__(self, shop: EffectShop) -> None:
        self._shop = shop
        self._machines: dict[str, Machine] = {}
        self._gateways: list[Effect] = []
        self.documents: list[tuple[bytes, str, str]] = []

    def __getattr__(self, name: str) -> Any:
        """Whatever is read is read from the shop."""
        return getattr(self._shop, name)

    @property
    def effects(self) -> list[Effect]:
        return [*map(self._shop.putting_machine, self._machines.values()), *self._gateways]

    def machine(self, machine: str, /) -> Machine | None:
        return self._machines.get(machine) or self._shop.machine(machine)

    def put_machine(self, machine: Machine, /) -> None:
        if self._shop.machine(machine.id) != machine:
            self._machines[machine.id] = machine

    def put_gateway(self, gateway: Gateway, /, *, seen_version: int) -> None:
        self._gateways.append(self._shop.putting_gateway(gateway, seen_version=seen_version))

    def configure(self, document: bytes, *, site: str, thing: str) -> None:
        self.documents.append((document, site, thing))


def _reads_as(wish: NewMachine) -> dict[str, str]:
    known = READS_AS.get(wish.kind) if wish.component == WRITING_COMPONENT else None
    return {"reads_as": known} if known else {}


def sources_of(gateway: Gateway) -> list[Source]:
    """The sources of a gateway's present configuration."""
    named = {"id", "machine", "component", "period_ms", "simulated"}
    return [
        Source(
            id=row["id"],
            machine=row["machine"],
            component=row["component"],
            period_ms=row["period_ms"],
            simulated=row["simulated"],
            settings={name: value for name, value in row.items() if name not in named},
        )
        for row in json.loads(gateway.document)["sources"]
    ]


def gateway_of(gateway: str, *, shop: Shop, caller: Caller) -> Gateway:
    """A gateway that this caller sees. Raises CncError `gateway.not_found`."""
    found = _gateway(gateway, shop)
    if not caller.sees(found.site):
        raise _unknown_gateway()
    return found


def _gateway(gateway: str, shop: Shop) -> Gateway:
    found = shop.gateway(check_id("g", gateway))
    if found is None:
        raise _unknown_gateway()
    return found


def _unknown_gateway() -> CncError:
    return CncError("gateway.not_found", todo="Take the id from `gateways`.")


def _check_counts(counts: object) -> None:
    if counts is not None and not (isinstance(counts, str) and COUNTS.fullmatch(counts)):
        raise CncError(
            "request.invalid", seen=f"counts {str(counts)[:40]!r}", expected="parameter 6711, macro #3901 or PMC D100:2"
        )


def _component(component: object) -> str:
    if component not in COMPONENTS:
        raise CncError("request.invalid", seen=str(component), expected=f"one of {', '.join(COMPONENTS)}")
    return str(component)
