"""Alarms of controls."""

from typing import Self

import strawberry

from cnc_graphql.ports import AlarmFacts
from cnc_graphql.scalars import Timestamp


@strawberry.type(description="An alarm of a control, as the control itself names it.")
class Alarm:
    id: strawberry.ID
    machine_id: strawberry.ID
    number: str
    type: str
    text: str
    axis: str | None
    active: bool
    raised_at: Timestamp
    cleared_at: Timestamp | None

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
            cleared_at=None if alarm.cleared_at is None else Timestamp(alarm.cleared_at),
        )
