"""The three roots of the schema."""

from collections.abc import AsyncIterator
from typing import Annotated

import strawberry
from strawberry import UNSET

from cnc.domain.base.errors import CncError
from cnc_graphql.alarms import Alarm
from cnc_graphql.arguments import given, page
from cnc_graphql.context import Asked
from cnc_graphql.live import LiveFrame, MachineState
from cnc_graphql.machines import From, Machine
from cnc_graphql.people import Gateway, Site, Viewer
from cnc_graphql.ranges import checked_series
from cnc_graphql.scalars import Timestamp
from cnc_graphql.telemetry import Series

ResolutionS = Annotated[int, strawberry.argument(description="Seconds per point; 1 or more.")]


@strawberry.type
class Query:
    @strawberry.field
    def viewer(self, info: Asked) -> Viewer:
        return Viewer.of(info.context.reads.viewer(now=info.context.now))

    @strawberry.field
    def sites(self, info: Asked) -> list[Site]:
        return [Site.of(site) for site in info.context.reads.sites()]

    @strawberry.field(description="Machines of the shop by cell and name; `first` is at most 100.")
    def machines(self, info: Asked, first: int | None = 100) -> list[Machine]:
        found = info.context.reads.machines(first=page(first), now=info.context.now)
        for machine in found:
            info.context.listed(machine.id)
        return [Machine.of(machine) for machine in found]

    @strawberry.field(description="One machine; null when there is none with this id in your shop.")
    def machine(self, info: Asked, id: strawberry.ID) -> Machine | None:  # noqa: A002 - the contract's name
        found = info.context.reads.machine(id, now=info.context.now)
        return None if found is None else Machine.of(found)

    @strawberry.field
    def gateways(self, info: Asked) -> list[Gateway]:
        return [Gateway.of(gateway) for gateway in info.context.reads.gateways(now=info.context.now)]

    @strawberry.field(description="Alarms of the shop, newest first.")
    def alarms(
        self,
        info: Asked,
        machine_id: strawberry.ID | None = UNSET,
        active: bool | None = UNSET,
        first: int | None = 100,
    ) -> list[Alarm]:
        found = info.context.reads.alarms(machine=given(machine_id), active=given(active), first=page(first))
        return [Alarm.of(alarm) for alarm in found]

    @strawberry.field(
        description="Signals of one machine as columns: at most 10,000 points and 100,000 values. "
        "Points are steps of the clock in UTC; the first is the step that holds `from`."
    )
    def series(
        self,
        info: Asked,
        machine_id: strawberry.ID,
        signals: list[str],
        from_: From,
        to: Timestamp,
        resolution_s: ResolutionS = 60,
    ) -> Series:
        checked_series(from_, to, resolution_s=resolution_s, signals=signals)
        context = info.context
        return Series.of(
            context.reads.series(
                machine_id, signals=signals, start=from_, end=to, resolution_s=resolution_s, now=context.now
            )
        )


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Renews the live lease of a machine for 60 s and answers its end.")
    def watch_machine(self, info: Asked, id: strawberry.ID) -> Timestamp:  # noqa: A002 - the contract's name
        return Timestamp(info.context.watches.watch(id, now=info.context.now))


@strawberry.type
class Subscription:
    """Each run delivers one event, the one in the context: the socket lives in API Gateway, not in a process."""

    @strawberry.subscription(description="State changes; the present state of every machine comes first.")
    async def machine_state(
        self, info: Asked, machine_ids: list[strawberry.ID] | None = UNSET
    ) -> AsyncIterator[MachineState]:
        event = info.context.event
        wanted = given(machine_ids)
        if event is None:
            for machine in info.context.reads.machines(first=page(None), now=info.context.now):
                if wanted is None or machine.id in wanted:
                    at = machine.state_since or machine.last_seen or info.context.now
                    yield MachineState.of_machine(machine, Timestamp(at))
        elif event["kind"] == "machine_state" and (wanted is None or event["machine"] in wanted):
            yield MachineState.of_event(event["machine"], event["payload"])

    @strawberry.subscription(description="All signals each second while a live lease runs.")
    async def live_signals(self, info: Asked, machine_id: strawberry.ID) -> AsyncIterator[LiveFrame]:
        event = info.context.event
        if event is None:
            if info.context.reads.machine(machine_id, now=info.context.now) is None:
                raise CncError(
                    "machine.not_found", seen=machine_id, expected="a machine of your shop", todo="Check the id."
                )
        elif event["kind"] == "live_signals" and event["machine"] == machine_id:
            yield LiveFrame.of_event(event["machine"], event["payload"])
