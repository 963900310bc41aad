"""Hypothesis strategies for values of the telemetry slice."""

from hypothesis import strategies as st

from cnc.domain.telemetry.events import Event
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.schema import Schema, Signal

VALUES = st.one_of(
    st.integers(-200, 200),
    st.integers(-(1 << 31), (1 << 31) - 1),
    st.integers(-(1 << 62) + 1, (1 << 62) - 1),
)
MS = st.integers(0, 4_000_000_000_000)
SEQ = st.integers(1, 1 << 50)
BOOT = st.binary(min_size=8, max_size=8).map(bytes.hex)
ID = st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=16, max_size=16)
SOURCE = ID.map(lambda text: f"d_{text}")
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)


def columns(rows: int) -> st.SearchStrategy[list[int | None]]:
    whole = st.lists(VALUES, min_size=rows, max_size=rows)
    holed = st.lists(st.one_of(st.none(), VALUES), min_size=rows, max_size=rows)
    constant = VALUES.map(lambda value: [value] * rows)
    rising = st.tuples(VALUES, st.integers(-3000, 3000)).map(
        lambda pair: [max(-(1 << 61), min(1 << 61, pair[0])) + pair[1] * row for row in range(rows)]
    )
    return st.one_of(whole, holed, constant, rising, st.just([None] * rows))


@st.composite
def rows(draw: st.DrawFn) -> Rows:
    count = draw(st.integers(1, 70))
    return Rows(
        schema_hash=draw(st.binary(min_size=8, max_size=8)),
        boot=draw(st.binary(min_size=8, max_size=8)),
        first_seq=draw(SEQ),
        t0_ms=draw(MS),
        period_ms=draw(st.integers(1, 65_535)),
        columns=draw(st.lists(columns(count), min_size=1, max_size=8)),
        quality=draw(st.one_of(st.just([0] * count), st.lists(st.integers(0, 3), min_size=count, max_size=count))),
    )


EVENTS = st.builds(
    Event,
    source=SOURCE,
    boot=BOOT,
    seq=SEQ,
    at_ms=MS,
    type=st.sampled_from(("state", "alarm", "program", "part", "tool", "override", "x_later")),
    data=st.dictionaries(TEXT, st.one_of(st.none(), st.booleans(), st.integers(-(1 << 60), 1 << 60), TEXT), max_size=5),
)

MACHINE = Schema(
    (
        Signal("controller.execution", "", "text", texts=("READY", "ACTIVE", "STOPPED")),
        Signal("x.position.actual", "MILLIMETER", resolution=0.001, native_name="abs X"),
        Signal("s1.load", "PERCENT", resolution=0.1),
        Signal("s1.rotary_velocity.actual", "REVOLUTION/MINUTE"),
    )
)
