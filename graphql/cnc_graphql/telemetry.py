"""What machines measured: newest values, columns over time, states, and the proof that nothing is missing."""

from typing import Self

import strawberry

from cnc_graphql.documented import documented
from cnc_graphql.ports import (
    CompletenessFacts,
    GapFacts,
    IntervalFacts,
    LatestFacts,
    OverrideFacts,
    SeriesFacts,
    SignalFacts,
    UnobservedFacts,
)
from cnc_graphql.scalars import SignalColumns, SignalValue, Timestamp, TimestampColumn


@documented
class SignalInfo:
    """A signal of a machine: key and unit of the MTConnect vocabulary."""

    key: str = strawberry.field(description="Name of the signal, such as `s1.load` or `controller.execution`.")
    unit: str = strawberry.field(
        description="MTConnect unit, such as PERCENT or REVOLUTION/MINUTE; empty where none applies."
    )
    kind: str = strawberry.field(description="`number` or `text`.")

    @classmethod
    def of(cls, signal: SignalFacts) -> Self:
        return cls(key=signal.key, unit=signal.unit, kind=signal.kind)


@documented
class Overrides:
    """Percent of the programmed value; null when the control does not tell."""

    feed: float | None = strawberry.field(description="Of cutting feeds.")
    rapid: float | None = strawberry.field(description="Of rapid traverse.")
    spindle: float | None = strawberry.field(description="Of the spindle's speed.")

    @classmethod
    def of(cls, overrides: OverrideFacts) -> Self:
        return cls(feed=overrides.feed, rapid=overrides.rapid, spindle=overrides.spindle)


@documented
class LatestValue:
    """Newest value of one signal."""

    signal: str = strawberry.field(description="Key of the signal.")
    value: SignalValue | None = strawberry.field(
        description="A number or a text, as the signal's kind says; null when the control did not answer."
    )
    text: str | None = strawberry.field(description="The value again when the signal is a text.")
    unit: str = strawberry.field(description="MTConnect unit; empty where none applies.")
    at: Timestamp = strawberry.field(description="When this value was read.")
    quality: str = strawberry.field(description="GOOD, UNCERTAIN, BAD or UNAVAILABLE.")

    @classmethod
    def of(cls, latest: LatestFacts) -> Self:
        return cls(
            signal=latest.signal,
            value=None if latest.value is None else SignalValue(latest.value),
            text=latest.value if isinstance(latest.value, str) else None,
            unit=latest.unit,
            at=Timestamp(latest.at),
            quality=latest.quality,
        )


@documented
class Gap:
    """Rows of one source that the gateway declared lost, and why."""

    source: str = strawberry.field(description="The source: `d_` and 16 characters.")
    first_seq: int = strawberry.field(
        description="Number of the first lost row; rows of a source are counted from 1 at each start of its gateway."
    )
    last_seq: int = strawberry.field(description="Number of the last lost row.")
    reason: str = strawberry.field(
        description="Why they are lost, in one word: power_cut, disk_full, quarantined and others."
    )
    from_: Timestamp = strawberry.field(name="from", description="Time of the first lost row, as far as it is known.")
    to: Timestamp = strawberry.field(description="Time of the last lost row, as far as it is known.")

    @classmethod
    def of(cls, gap: GapFacts) -> Self:
        return cls(
            source=gap.source,
            first_seq=gap.first,
            last_seq=gap.last,
            reason=gap.reason,
            from_=Timestamp(gap.start),
            to=Timestamp(gap.end),
        )


@documented
class Unobserved:
    """Time in which a source made no rows, declared by its gateway, and why."""

    source: str = strawberry.field(description="The source: `d_` and 16 characters.")
    why: str = strawberry.field(description="Why, in one word: not_running, clock_step and others.")
    from_: Timestamp = strawberry.field(
        name="from", description="Start of the stretch, or of the period asked for if that is later."
    )
    to: Timestamp = strawberry.field(description="End of the stretch, or of the period asked for if that is earlier.")

    @classmethod
    def of(cls, span: UnobservedFacts) -> Self:
        return cls(source=span.source, why=span.why, from_=Timestamp(span.start), to=Timestamp(span.end))


@documented
class Completeness:
    """Rows of a period: produced = stored + declaredGaps + missing."""

    produced: int = strawberry.field(description="Rows that the gateways made, as they report it.")
    stored: int = strawberry.field(description="Of these, rows that are in the store, each counted once.")
    declared_gaps: int = strawberry.field(description="Of these, rows that a gateway declared lost, with a reason.")
    missing: int = strawberry.field(description="Of these, rows that nobody accounts for: more than 0 is an alarm.")
    duplicates: int = strawberry.field(
        description="Copies of stored rows; harmless, since a row is known by its number."
    )
    gaps: list[Gap] = strawberry.field(description="The declared gaps that touch the period.")
    unobserved: list[Unobserved] = strawberry.field(description="Stretches without rows: restarts, steps of the clock.")

    @classmethod
    def of(cls, facts: CompletenessFacts) -> Self:
        return cls(
            produced=facts.produced,
            stored=facts.stored,
            declared_gaps=facts.declared_gaps,
            missing=facts.missing,
            duplicates=facts.duplicates,
            gaps=[Gap.of(gap) for gap in facts.gaps],
            unobserved=[Unobserved.of(span) for span in facts.unobserved],
        )


@documented
class StateInterval:
    """A stretch of one execution state."""

    execution: str = strawberry.field(description="MTConnect EXECUTION.")
    from_: Timestamp = strawberry.field(name="from", description="Start of the stretch.")
    to: Timestamp = strawberry.field(description="End of the stretch, which is not part of it.")

    @classmethod
    def of(cls, interval: IntervalFacts) -> Self:
        return cls(execution=interval.execution, from_=Timestamp(interval.start), to=Timestamp(interval.end))


@documented
class Series:
    """Columns over shared timestamps; never a list of point objects."""

    timestamps: TimestampColumn = strawberry.field(description="Start of each step.")
    columns: SignalColumns = strawberry.field(
        description="For each signal asked for, one value per step: numbers as the mean of the step, texts as its last."
    )

    @classmethod
    def of(cls, series: SeriesFacts) -> Self:
        return cls(timestamps=TimestampColumn(series.stamps_ms), columns=SignalColumns(series.columns))
