"""What machines measured: newest values, columns over time, states, and the proof that nothing is missing."""

from typing import Self

import strawberry

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


@strawberry.type(description="A signal of a machine: key and unit of the MTConnect vocabulary.")
class SignalInfo:
    key: str
    unit: str
    kind: str = strawberry.field(description="`number` or `text`.")

    @classmethod
    def of(cls, signal: SignalFacts) -> Self:
        return cls(key=signal.key, unit=signal.unit, kind=signal.kind)


@strawberry.type(description="Percent of the programmed value; null when the control does not tell.")
class Overrides:
    feed: float | None
    rapid: float | None
    spindle: float | None

    @classmethod
    def of(cls, overrides: OverrideFacts) -> Self:
        return cls(feed=overrides.feed, rapid=overrides.rapid, spindle=overrides.spindle)


@strawberry.type(description="Newest value of one signal.")
class LatestValue:
    signal: str
    value: SignalValue | None
    text: str | None = strawberry.field(description="The value again when the signal is a text.")
    unit: str
    at: Timestamp
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


@strawberry.type(description="Rows of one source that the gateway declared lost, and why.")
class Gap:
    source: str
    first_seq: int
    last_seq: int
    reason: str
    from_: Timestamp = strawberry.field(name="from")
    to: Timestamp

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


@strawberry.type(description="Time in which a source made no rows, declared by its gateway, and why.")
class Unobserved:
    source: str
    why: str
    from_: Timestamp = strawberry.field(name="from")
    to: Timestamp

    @classmethod
    def of(cls, span: UnobservedFacts) -> Self:
        return cls(source=span.source, why=span.why, from_=Timestamp(span.start), to=Timestamp(span.end))


@strawberry.type(description="Rows of a period: produced = stored + declaredGaps + missing.")
class Completeness:
    produced: int
    stored: int
    declared_gaps: int
    missing: int
    duplicates: int
    gaps: list[Gap]
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


@strawberry.type(description="A stretch of one execution state; the end is not part of it.")
class StateInterval:
    execution: str
    from_: Timestamp = strawberry.field(name="from")
    to: Timestamp

    @classmethod
    def of(cls, interval: IntervalFacts) -> Self:
        return cls(execution=interval.execution, from_=Timestamp(interval.start), to=Timestamp(interval.end))


@strawberry.type(description="Columns over shared timestamps; never a list of point objects.")
class Series:
    timestamps: TimestampColumn
    columns: SignalColumns

    @classmethod
    def of(cls, series: SeriesFacts) -> Self:
        return cls(timestamps=TimestampColumn(series.stamps_ms), columns=SignalColumns(series.columns))
