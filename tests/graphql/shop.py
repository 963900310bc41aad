"""A small shop in memory: two tenants, each behind its own ports, as the real stores are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cnc_graphql.context import Context
from cnc_graphql.ports import (
    AlarmFacts,
    CompletenessFacts,
    GatewayFacts,
    IntervalFacts,
    LatestFacts,
    MachineFacts,
    OverrideFacts,
    SeriesFacts,
    SignalFacts,
    SiteFacts,
    ViewerFacts,
)

from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
OURS = "t_aaaaaaaaaaaaaaaa"
THEIRS = "t_bbbbbbbbbbbbbbbb"
MILL = "m_aaaaaaaaaaaaaaa1"
LATHE = "m_aaaaaaaaaaaaaaa2"
FOREIGN = "m_bbbbbbbbbbbbbbb1"
UNKNOWN = "m_zzzzzzzzzzzzzzzz"
SITE = SiteFacts(id="s_aaaaaaaaaaaaaaaa", name="Main hall", time_zone="Europe/Berlin")


def machine(id_: str, name: str, execution: str = "ACTIVE") -> MachineFacts:
    return MachineFacts(
        id=id_,
        name=name,
        kind="mill",
        cell="Cell A",
        site=SITE,
        simulated=True,
        execution=execution,
        tile_state="ACTIVE" if execution == "ACTIVE" else "IDLE",
        state_since=NOW - timedelta(minutes=3),
        last_seen=NOW - timedelta(seconds=1),
        program="O1234",
        tool=7,
        part_count=12,
        part_target=40,
        overrides=OverrideFacts(feed=100.0, rapid=50.0, spindle=None),
        signals=(SignalFacts("s1.load", "PERCENT", "number"), SignalFacts("controller.execution", "", "text")),
        quarantined=0,
    )


@dataclass(slots=True)
class FakeReads:
    """Ports of one tenant; `calls` counts what was asked, so that tests can see one read for many machines."""

    tenant: str
    shop: Sequence[MachineFacts]
    calls: list[str] = field(default_factory=list)
    points: int = 3

    def viewer(self, *, now: datetime) -> ViewerFacts:
        return ViewerFacts(self.tenant, "Our shop", "u_aaaaaaaaaaaaaaaa", "Ada", ("owner",))

    def sites(self) -> Sequence[SiteFacts]:
        return [SITE]

    def machines(self, *, first: int, now: datetime, site: str | None = None) -> Sequence[MachineFacts]:
        self.calls.append("machines" if site is None else f"machines of {site}")
        return [known for known in self.shop if site in (None, known.site.id)][:first]

    def machine(self, machine: str, *, now: datetime) -> MachineFacts | None:
        self.calls.append("machine")
        return next((known for known in self.shop if known.id == machine), None)

    def tells_of(self, machine: str) -> bool:
        return any(one.id == machine for one in self.shop)

    def gateways(self, *, now: datetime) -> Sequence[GatewayFacts]:
        return [GatewayFacts("g_aaaaaaaaaaaaaaaa", "Gateway 1", SITE, NOW, 3, 2)]

    def alarms(self, *, machine: str | None, active: bool | None, first: int) -> Sequence[AlarmFacts]:
        alarm = AlarmFacts("a_aaaaaaaaaaaaaaaa", MILL, "1010", "PS", "SPINDLE HOT", "X", True, NOW, None)
        ours = self._known(MILL) and machine in (None, MILL)
        return [alarm] if ours and active in (None, True) else []

    def alarms_of(
        self, machines: Sequence[str], *, active: bool | None, first: int
    ) -> Mapping[str, Sequence[AlarmFacts]]:
        self.calls.append(f"alarms of {len(machines)}")
        found = {id_: self.alarms(machine=id_, active=active, first=first) for id_ in machines}
        return {id_: [*alarms * first][:first] for id_, alarms in found.items()}

    def latest(self, machines: Sequence[str], *, now: datetime) -> Mapping[str, Sequence[LatestFacts]]:
        self.calls.append(f"latest of {len(machines)}")
        values = [
            LatestFacts("s1.load", 41.5, "PERCENT", NOW, "GOOD"),
            LatestFacts("controller.execution", "ACTIVE", "", NOW, "GOOD"),
            LatestFacts("x.load", None, "PERCENT", NOW, "UNAVAILABLE"),
        ]
        return {id_: values for id_ in machines if self._known(id_)}

    def completeness(self, machine: str, *, start: datetime, end: datetime, now: datetime) -> CompletenessFacts:
        self._require(machine)
        return CompletenessFacts(3600, 3590, 10, 0, 4, ())

    def state_timeline(self, machine: str, *, start: datetime, end: datetime, now: datetime) -> Sequence[IntervalFacts]:
        self._require(machine)
        return [IntervalFacts("ACTIVE", start, end)]

    def series(
        self, machine: str, *, signals: Sequence[str], start: datetime, end: datetime, resolution_s: int, now: datetime
    ) -> SeriesFacts:
        self._require(machine)
        first_ms = int(start.timestamp() * 1000)
        stamps = [first_ms + 1000 * resolution_s * point for point in range(self.points)]
        columns = {signal: [1.5, None, *([2.0] * (self.points - 2))] for signal in signals}
        unknown = {signal: ("s1.load",) for signal in signals if signal == "s1.laod"}
        return SeriesFacts(stamps, columns, unknown | {signal: () for signal in signals if signal == "else"})

    def watch(self, machine: str, *, caller: Caller, now: datetime) -> datetime:
        self._require(machine)
        return now + timedelta(seconds=60)

    def _known(self, machine: str) -> bool:
        return any(known.id == machine for known in self.shop)

    def _require(self, machine: str) -> None:
        if not self._known(machine):
            raise CncError("machine.not_found", seen=machine, expected="a machine of your shop")


def our_shop() -> FakeReads:
    return FakeReads(OURS, [machine(MILL, "Mill 1"), machine(LATHE, "Lathe 2", "READY")])


def their_shop() -> FakeReads:
    return FakeReads(THEIRS, [machine(FOREIGN, "Secret mill")])


OUR_KEY = Caller(tenant=OURS, subject="k_aaaaaaaaaaaaaaaa", kind="key", scopes=frozenset({"api", "read"}))
KIOSK = Caller(tenant=OURS, subject="u_aaaaaaaaaaaaaaaa", kind="user", roles=("viewer",))


def context(reads: FakeReads | None = None, *, caller: Caller = OUR_KEY, event: Mapping | None = None) -> Context:
    ports = reads or our_shop()
    return Context(
        caller=caller,
        now=NOW,
        ports=ports,
        watches=ports,
        monotonic_s=lambda: 0.0,
        request_id="r-1",
        event=event,
    )
