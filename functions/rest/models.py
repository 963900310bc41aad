"""What REST answers and takes: the same facts as GraphQL, named alike."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel

from cnc.domain.base.clock import rfc3339
from cnc.services.read.facts import LatestFacts, MachineFacts, SeriesFacts, SiteFacts


class Answer(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, serialize_by_alias=True)


class Asked(BaseModel):
    """A body that is taken: a field nobody knows is refused with 422, and so is 0 for false or "5" for 5."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, strict=True)


def _written(value: Any) -> datetime:
    """Raises ValueError: a number, or a day alone, is no time."""
    if not isinstance(value, str) or _WRITTEN.fullmatch(value) is None:
        raise ValueError("expected RFC 3339 with a zone, such as 2026-11-24T08:00:00Z")
    return datetime.fromisoformat(value.upper())


_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)?", re.ASCII)


def _day(value: Any) -> date:
    """Raises ValueError: a number is no day."""
    if not isinstance(value, str) or _DAY.fullmatch(value) is None:
        raise ValueError("expected a day such as 2026-11-24")
    day = date.fromisoformat(value)
    if not 1970 <= day.year <= 9998:  # there is room for reckoning on both sides
        raise ValueError("expected a day from 1970 to 9998")
    return day


_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
Day = Annotated[date, BeforeValidator(_day)]
#: Whether it has a zone is looked at where it is used, so that the answer can say so.
Moment = Annotated[datetime, BeforeValidator(_written)]


class TicketRequest(Asked):
    """Nothing to say: the credential says it all."""


class SocketTicket(Answer):
    """Opens one WebSocket within 30 seconds: `/socket?ticket=…`."""

    ticket: str
    expires_at: str


class Status(Answer):
    """Whether the API answers, and what time it is here."""

    status: str
    time: str


class Site(Answer):
    id: str
    name: str
    time_zone: str

    @classmethod
    def of(cls, site: SiteFacts) -> Self:
        return cls(id=site.id, name=site.name, time_zone=site.time_zone)


class LatestValue(Answer):
    """Newest value of one signal: a number, a text, or null."""

    signal: str
    value: float | str | None
    unit: str
    at: str
    quality: str

    @classmethod
    def of(cls, latest: LatestFacts) -> Self:
        return cls(
            signal=latest.signal,
            value=latest.value,
            unit=latest.unit,
            at=rfc3339(latest.at),
            quality=latest.quality,
        )


class Machine(Answer):
    """A machine as the shop floor sees it now."""

    id: str
    name: str
    kind: str
    cell: str
    site: Site
    simulated: bool
    execution: str
    tile_state: str
    state_since: str | None
    last_seen: str | None
    program: str | None
    tool: int | None
    part_count: int | None
    part_target: int | None

    @classmethod
    def of(cls, machine: MachineFacts, **more: Any) -> Self:
        return cls(
            id=machine.id,
            name=machine.name,
            kind=machine.kind,
            cell=machine.cell,
            site=Site.of(machine.site),
            simulated=machine.simulated,
            execution=machine.execution,
            tile_state=machine.tile_state,
            state_since=_stamp(machine.state_since),
            last_seen=_stamp(machine.last_seen),
            program=machine.program,
            tool=machine.tool,
            part_count=machine.part_count,
            part_target=machine.part_target,
            **more,
        )


class MachineDetail(Machine):
    """One machine with the newest value of every signal."""

    latest: list[LatestValue]


class Machines(Answer):
    machines: list[Machine]


class Series(Answer):
    """Columns over shared timestamps; missing is null."""

    timestamps: list[str]
    columns: dict[str, list[float | str | None]]

    @classmethod
    def of(cls, series: SeriesFacts) -> Self:
        columns = {signal: list(values) for signal, values in series.columns.items()}
        return cls(timestamps=[rfc3339(stamp) for stamp in series.stamps_ms], columns=columns)


def _stamp(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)
