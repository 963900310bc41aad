"""The three roots of the schema."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated

import strawberry
from strawberry import UNSET

from cnc.domain.base.errors import CncError
from cnc_graphql.alarms import Active, Alarm, First
from cnc_graphql.arguments import given, page
from cnc_graphql.context import Asked
from cnc_graphql.documented import documented
from cnc_graphql.live import LiveFrame, MachineState
from cnc_graphql.machines import Machine, Machines, Site
from cnc_graphql.people import Gateway, Viewer
from cnc_graphql.ranges import checked_series
from cnc_graphql.scalars import Timestamp
from cnc_graphql.telemetry import Series

MachineId = Annotated[strawberry.ID, strawberry.argument(description="Id of a machine of your shop.")]
OfMachine = Annotated[
    strawberry.ID | None, strawberry.argument(description="Those of one machine; left out: those of all.")
]
OfMachines = Annotated[
    list[strawberry.ID] | None, strawberry.argument(description="Ids of machines; left out: every machine.")
]
Signals = Annotated[list[str], strawberry.argument(description="Keys of signals, 1 to 60: those of `Machine.signals`.")]
SeriesFrom = Annotated[Timestamp, strawberry.argument(name="from", description="The first step begins then or later.")]
SeriesTo = Annotated[Timestamp, strawberry.argument(description="Every step begins before.")]
ResolutionS = Annotated[
    int, strawberry.argument(description="Seconds per step, 1 to 86,400; over more than two hours in whole minutes.")
]


@documented
class Query:
    """What can be read. Everything belongs to the shop of the credential; ids of others are as if unknown."""

    @strawberry.field(description="Who you are, as your credential says.")
    def viewer(self, info: Asked) -> Viewer:
        return Viewer.of(info.context.reads.viewer(now=info.context.now))

    @strawberry.field(description="Every site of the shop.")
    def sites(self, info: Asked) -> list[Site]:
        return [Site.of(site) for site in info.context.counted(info.context.reads.sites())]

    @strawberry.field(description="Machines of the shop by cell and name.")
    def machines(self, info: Asked, first: Machines = 100) -> list[Machine]:
        return [Machine.of(machine) for machine in info.context.machines(first=page(first))]

    @strawberry.field(description="One machine; null when there is none with this id in your shop.")
    def machine(self, info: Asked, id: MachineId) -> Machine | None:  # noqa: A002 - the contract's name
        found = info.context.reads.machine(id, now=info.context.now)
        return None if found is None else Machine.of(found)

    @strawberry.field(description="Every gateway of the shop.")
    def gateways(self, info: Asked) -> list[Gateway]:
        found = info.context.reads.gateways(now=info.context.now)
        return [Gateway.of(gateway) for gateway in info.context.counted(found)]

    @strawberry.field(description="Alarms of the shop, newest first.")
    def alarms(
        self, info: Asked, machine_id: OfMachine = UNSET, active: Active = UNSET, first: First = 100
    ) -> list[Alarm]:
        found = info.context.reads.alarms(machine=given(machine_id), active=given(active), first=page(first))
        return [Alarm.of(alarm) for alarm in info.context.counted(found)]

    @strawberry.field(
        description="Signals of one machine as columns: at most 10,000 steps and 100,000 values. Steps are multiples "
        "of the resolution since 1970 in UTC; those that begin within [from, to) are answered, each made of all its "
        "rows. Where none begins there, the columns are empty. A name that is no signal of the machine has a column "
        "of nulls and an entry in `extensions.warnings` with the code `signal.not_found`."
    )
    def series(
        self,
        info: Asked,
        machine_id: MachineId,
        signals: Signals,
        from_: SeriesFrom,
        to: SeriesTo,
        resolution_s: ResolutionS = 60,
    ) -> Series:
        checked_series(from_, to, resolution_s=resolution_s, signals=signals)
        context = info.context
        found = context.reads.series(
            machine_id, signals=signals, start=from_, end=to, resolution_s=resolution_s, now=context.now
        )
        for signal, near in found.unknown.items():
            context.note(_no_signal(signal, near), path=info.path.as_list())
        return Series.of(found)


def _no_signal(signal: str, near: Sequence[str]) -> CncError:
    todo = f"Near it: {', '.join(near)}." if near else "Take one of `machine { signals { key } }`."
    return CncError("signal.not_found", seen=signal, expected="a signal of the machine", todo=todo)


@documented
class Mutation:
    """What can be changed."""

    @strawberry.mutation(
        description="Renews the live lease of a machine for 60 s and answers its end. While a lease runs, the gateway "
        "sends every signal each second to `liveSignals`."
    )
    def watch_machine(self, info: Asked, id: MachineId) -> Timestamp:  # noqa: A002 - the contract's name
        return Timestamp(info.context.watches.watch(id, caller=info.context.caller, now=info.context.now))


@documented
class Subscription:
    """What is told as it happens, over a WebSocket with the protocol graphql-transport-ws."""

    # Each run delivers one event, the one in the context: the socket lives in API Gateway, not in a process.

    @strawberry.subscription(
        description="State changes; the present state of every machine comes first. A machine that falls silent is "
        "told as OFFLINE, and again when it is heard."
    )
    async def machine_state(self, info: Asked, machine_ids: OfMachines = UNSET) -> AsyncIterator[MachineState]:
        event = info.context.event
        wanted = given(machine_ids)
        if event is None:
            for machine in info.context.machines(first=page(None)):
                if wanted is None or machine.id in wanted:
                    at = machine.state_since or machine.last_seen or info.context.now
                    yield MachineState.of_machine(machine, Timestamp(at))
        elif event["kind"] != "machine_state" or (wanted is not None and event["machine"] not in wanted):
            return
        elif info.context.reads.tells_of(event["machine"]):
            yield MachineState.of_event(event["machine"], event["payload"])

    @strawberry.subscription(description="All signals each second while a live lease runs.")
    async def live_signals(self, info: Asked, machine_id: MachineId) -> AsyncIterator[LiveFrame]:
        event = info.context.event
        if event is None:
            if info.context.reads.machine(machine_id, now=info.context.now) is None:
                raise CncError(
                    "machine.not_found", seen=machine_id, expected="a machine of your shop", todo="Check the id."
                )
        elif (event["kind"], event["machine"]) != ("live_signals", machine_id):
            return
        elif info.context.reads.tells_of(machine_id):
            yield LiveFrame.of_event(event["machine"], event["payload"])
