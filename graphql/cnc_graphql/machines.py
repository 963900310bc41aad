"""A machine tool on the shop floor."""

from typing import Annotated, Self

import strawberry
from strawberry import UNSET

from cnc_graphql.alarms import Alarm
from cnc_graphql.arguments import given, page
from cnc_graphql.context import Asked
from cnc_graphql.people import Site
from cnc_graphql.ports import MachineFacts
from cnc_graphql.ranges import checked_range
from cnc_graphql.scalars import Timestamp
from cnc_graphql.telemetry import Completeness, LatestValue, Overrides, SignalInfo, StateInterval

From = Annotated[Timestamp, strawberry.argument(name="from")]


@strawberry.type(description="A machine on the shop floor.")
class Machine:
    id: strawberry.ID
    name: str
    kind: str
    cell: str
    site: Site
    simulated: bool = strawberry.field(description="True when its data comes from a simulator or a recording.")
    execution: str = strawberry.field(description="MTConnect EXECUTION.")
    tile_state: str = strawberry.field(description="ACTIVE, IDLE, SETUP, ALARM, BLOCKED or OFFLINE.")
    state_since: Timestamp | None
    last_seen: Timestamp | None
    program: str | None
    tool: int | None
    part_count: int | None
    part_target: int | None
    overrides: Overrides
    signals: list[SignalInfo]
    quarantined: int = strawberry.field(description="Messages of its gateway that were put aside as malformed.")

    @strawberry.field(description="Newest value of every signal.")
    def latest(self, info: Asked) -> list[LatestValue]:
        return [LatestValue.of(value) for value in info.context.latest(self.id)]

    @strawberry.field(description="Alarms of this machine, newest first.")
    def alarms(self, info: Asked, active: bool | None = UNSET, first: int | None = 100) -> list[Alarm]:
        found = info.context.reads.alarms(machine=self.id, active=given(active), first=page(first))
        return [Alarm.of(alarm) for alarm in found]

    @strawberry.field(description="Whether every row of the period is stored or declared lost.")
    def completeness(self, info: Asked, from_: From, to: Timestamp) -> Completeness:
        start, end = checked_range(from_, to)
        return Completeness.of(info.context.reads.completeness(self.id, start=start, end=end, now=info.context.now))

    @strawberry.field(description="Execution states of the period, oldest first, without overlap.")
    def state_timeline(self, info: Asked, from_: From, to: Timestamp) -> list[StateInterval]:
        start, end = checked_range(from_, to)
        found = info.context.reads.state_timeline(self.id, start=start, end=end, now=info.context.now)
        return [StateInterval.of(interval) for interval in found]

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
            state_since=None if machine.state_since is None else Timestamp(machine.state_since),
            last_seen=None if machine.last_seen is None else Timestamp(machine.last_seen),
            program=machine.program,
            tool=machine.tool,
            part_count=machine.part_count,
            part_target=machine.part_target,
            overrides=Overrides.of(machine.overrides),
            signals=[SignalInfo.of(signal) for signal in machine.signals],
            quarantined=machine.quarantined,
        )
