"""Sites and the machine tools on their floors."""

from collections.abc import Sequence
from typing import Annotated, Self

import strawberry
from strawberry import UNSET

from cnc_graphql.alarms import Active, Alarm, First
from cnc_graphql.arguments import given, page
from cnc_graphql.context import Asked
from cnc_graphql.documented import documented
from cnc_graphql.ports import MachineFacts, SignalFacts, SiteFacts
from cnc_graphql.ranges import checked_range
from cnc_graphql.scalars import Timestamp, instant
from cnc_graphql.telemetry import Completeness, LatestValue, Overrides, SignalInfo, StateInterval

From = Annotated[
    Timestamp, strawberry.argument(name="from", description="Start of the period; the period includes it.")
]
To = Annotated[Timestamp, strawberry.argument(description="End of the period; the period does not include it.")]
Machines = Annotated[int | None, strawberry.argument(description="At most so many, 1 to 100.")]


@documented
class Site:
    """A place with machines."""

    id: strawberry.ID = strawberry.field(description="`s_` and 16 characters.")
    name: str = strawberry.field(description="As the people of the shop call it.")
    time_zone: str = strawberry.field(description="IANA name, such as Europe/Berlin: shifts and days are meant in it.")

    @strawberry.field(description="Machines of this site by cell and name.")
    def machines(self, info: Asked, first: Machines = 100) -> list["Machine"]:
        return [Machine.of(machine) for machine in info.context.machines(first=page(first), site=self.id)]

    @classmethod
    def of(cls, site: SiteFacts) -> Self:
        return cls(id=strawberry.ID(site.id), name=site.name, time_zone=site.time_zone)


@documented
class Machine:
    """A machine on the shop floor."""

    id: strawberry.ID = strawberry.field(description="`m_` and 16 characters.")
    name: str = strawberry.field(description="As the people of the shop call it.")
    kind: str = strawberry.field(description="What it is: mill, lathe, 5-axis and others.")
    cell: str = strawberry.field(description="The group of machines it stands in.")
    site: Site = strawberry.field(description="Where it stands.")
    simulated: bool = strawberry.field(description="True when its data comes from a simulator or a recording.")
    execution: str = strawberry.field(
        description="MTConnect EXECUTION: ACTIVE, READY, INTERRUPTED, FEED_HOLD, STOPPED, OPTIONAL_STOP, "
        "PROGRAM_STOPPED, PROGRAM_COMPLETED, WAIT or UNAVAILABLE."
    )
    tile_state: str = strawberry.field(
        description="What the board shows: ACTIVE, IDLE, SETUP, ALARM, BLOCKED, or OFFLINE when nothing was heard "
        "for three minutes."
    )
    state_since: Timestamp | None = strawberry.field(
        description="Since when it is in this execution; of a machine that is OFFLINE, since when nothing is known."
    )
    last_seen: Timestamp | None = strawberry.field(
        description="When its control last answered; null when it never did. A gateway that reads in vain does not "
        "count."
    )
    program: str | None = strawberry.field(description="Name or number of the program that runs.")
    tool: int | None = strawberry.field(description="Number of the tool in the spindle.")
    part_count: int | None = strawberry.field(description="Parts made, as the control counts them.")
    part_target: int | None = strawberry.field(description="Parts to make; null when nobody said.")
    overrides: Overrides = strawberry.field(description="What the operator's override switches stand at.")
    known_signals: strawberry.Private[Sequence[SignalFacts]]
    quarantined: int = strawberry.field(
        description="Messages about it that were put aside as malformed in the last 24 hours."
    )

    @strawberry.field(description="Signals of its newest rows: what `series` can answer.")
    def signals(self, info: Asked) -> list[SignalInfo]:
        return [SignalInfo.of(signal) for signal in info.context.counted(self.known_signals)]

    @strawberry.field(description="Newest value of every signal.")
    def latest(self, info: Asked) -> list[LatestValue]:
        return [LatestValue.of(value) for value in info.context.latest(self.id)]

    @strawberry.field(description="Alarms of this machine, newest first.")
    def alarms(self, info: Asked, active: Active = UNSET, first: First = 100) -> list[Alarm]:
        found = info.context.alarms_of(self.id, active=given(active), first=page(first))
        return [Alarm.of(alarm) for alarm in found]

    @strawberry.field(
        description="Whether every row of the period is stored or declared lost; periods of up to 2,000 hours."
    )
    def completeness(self, info: Asked, from_: From, to: To) -> Completeness:
        start, end = checked_range(from_, to)
        return Completeness.of(info.context.reads.completeness(self.id, start=start, end=end, now=info.context.now))

    @strawberry.field(
        description="Execution states of the period, oldest first, without overlap; time nobody knows of is left out. "
        "Periods of up to 2,000 hours."
    )
    def state_timeline(self, info: Asked, from_: From, to: To) -> list[StateInterval]:
        start, end = checked_range(from_, to)
        found = info.context.reads.state_timeline(self.id, start=start, end=end, now=info.context.now)
        return [StateInterval.of(interval) for interval in info.context.counted(found)]

    @classmethod
    def of(cls, machine: MachineFacts) -> Self:
        return cls(
            id=strawberry.ID(machine.id),
            name=machine.name,
            kind=machine.kind,
            cell=machine.cell,
            site=Site.of(machine.site),
            simulated=machine.simulated,
            execution=machine.execution,
            tile_state=machine.tile_state,
            state_since=instant(machine.state_since),
            last_seen=instant(machine.last_seen),
            program=machine.program,
            tool=machine.tool,
            part_count=machine.part_count,
            part_target=machine.part_target,
            overrides=Overrides.of(machine.overrides),
            known_signals=machine.signals,
            quarantined=machine.quarantined,
        )
