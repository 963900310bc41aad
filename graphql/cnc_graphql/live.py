"""What subscriptions deliver."""

from collections.abc import Mapping
from typing import Any, Self

import strawberry

from cnc.domain.base.clock import from_ms
from cnc_graphql.ports import MachineFacts
from cnc_graphql.scalars import SignalColumns, Timestamp


@strawberry.type(description="The state of one machine, complete in itself.")
class MachineState:
    machine_id: strawberry.ID
    execution: str
    tile_state: str
    at: Timestamp
    program: str | None
    part_count: int | None
    tool: int | None

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


@strawberry.type(description="All signals of one machine at one instant; every column holds one value.")
class LiveFrame:
    machine_id: strawberry.ID
    at: Timestamp
    columns: SignalColumns

    @classmethod
    def of_event(cls, machine: str, payload: Mapping[str, Any]) -> Self:
        columns = {signal: [value] for signal, value in payload["columns"].items()}
        return cls(
            machine_id=strawberry.ID(machine),
            at=Timestamp(from_ms(payload["at_ms"])),
            columns=SignalColumns(columns),
        )
