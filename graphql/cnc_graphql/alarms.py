"""Alarms of controls."""

from typing import Annotated, Self

import strawberry

from cnc_graphql.documented import documented
from cnc_graphql.ports import AlarmFacts
from cnc_graphql.scalars import Timestamp, instant

Active = Annotated[
    bool | None,
    strawberry.argument(description="True: standing ones only; false: cleared ones only; left out: both."),
]
First = Annotated[int | None, strawberry.argument(description="The newest so many, 1 to 100.")]


@documented
class Alarm:
    """An alarm of a control, as the control itself names it; of each kind, the last time it came up."""

    id: strawberry.ID = strawberry.field(description="Stays the same each time this alarm of this machine comes up.")
    machine_id: strawberry.ID = strawberry.field(description="The machine whose control raised it.")
    number: str = strawberry.field(description="The control's own number of the alarm.")
    type: str = strawberry.field(description="The control's own group: on FANUC SV, PS, OT, SP and others.")
    text: str = strawberry.field(description="What the control shows its operator.")
    axis: str | None = strawberry.field(description="The axis it is about; null when it is about none.")
    active: bool = strawberry.field(description="Whether it still stands.")
    raised_at: Timestamp = strawberry.field(description="When it came up.")
    cleared_at: Timestamp | None = strawberry.field(description="When it was gone; null while it stands.")

    @classmethod
    def of(cls, alarm: AlarmFacts) -> Self:
        return cls(
            id=strawberry.ID(alarm.id),
            machine_id=strawberry.ID(alarm.machine_id),
            number=alarm.number,
            type=alarm.type,
            text=alarm.text,
            axis=alarm.axis,
            active=alarm.active,
            raised_at=Timestamp(alarm.raised_at),
            cleared_at=instant(alarm.cleared_at),
        )
