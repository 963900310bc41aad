"""What subscriptions deliver."""

from collections.abc import Mapping
from typing import Any, Self

import strawberry

from cnc.domain.base.clock import from_ms
from cnc_graphql.documented import documented
from cnc_graphql.ports import MachineFacts
from cnc_graphql.scalars import SignalColumns, Timestamp


@documented
class MachineState:
    """The state of one machine, complete in itself."""

    machine_id: strawberry.ID = strawberry.field(description="The machine: `m_` and 16 characters.")
    execution: str = strawberry.field(description="MTConnect EXECUTION, as in `Machine`.")
    tile_state: str = strawberry.field(description="ACTIVE, IDLE, SETUP, ALARM, BLOCKED or OFFLINE.")
    at: Timestamp = strawberry.field(
        description="When the machine told so; of a machine that went OFFLINE, when it was last heard."
    )
    program: str | None = strawberry.field(description="Name or number of the program that runs.")
    part_count: int | None = strawberry.field(description="Parts made, as the control counts them.")
    tool: int | None = strawberry.field(description="Number of the tool in the spindle.")

    @classmethod
    def of_event(cls, machine: str, payload: Mapping[str, Any]) -> Self:
        return cls(
            machine_id=strawberry.ID(machine),
            execution=payload["execution"],
            tile_state=payload["tile_state"],
            at=Timestamp(from_ms(payload["at_ms"])),
            program=payload.get("program"),
            part_count=payload.get("part_count"),
            tool=payload.get("tool"),
        )

    @classmethod
    def of_machine(cls, machine: MachineFacts, at: Timestamp) -> Self:
        return cls(
            machine_id=strawberry.ID(machine.id),
            execution=machine.execution,
            tile_state=machine.tile_state,
            at=at,
            program=machine.program,
            part_count=machine.part_count,
            tool=machine.tool,
        )


@documented
class LiveFrame:
    """All signals of one machine at one instant."""

    machine_id: strawberry.ID = strawberry.field(description="The machine: `m_` and 16 characters.")
    at: Timestamp = strawberry.field(description="When the values were read.")
    columns: SignalColumns = strawberry.field(description="For each signal a list of one value.")

    @classmethod
    def of_event(cls, machine: str, payload: Mapping[str, Any]) -> Self:
        columns = {signal: [value] for signal, value in payload["columns"].items()}
        return cls(
            machine_id=strawberry.ID(machine),
            at=Timestamp(from_ms(payload["at_ms"])),
            columns=SignalColumns(columns),
        )
