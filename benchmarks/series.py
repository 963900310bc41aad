"""GraphQL `series` of 10,000 points against orjson of the very same answer.

The API's own share: from the event of API Gateway to the response, with the points in memory. Formatting of the
10,000 stamps is printed apart (orjson gets them as finished texts), and so is the read of two hours from the store.
"""

import time
from datetime import UTC, datetime
from typing import Any, cast

import orjson
from cnc_graphql.context import Context
from cnc_graphql.documents import load
from cnc_graphql.http import respond
from cnc_graphql.ports import Reads, SeriesFacts, Watches
from cnc_graphql.stamps import stamp_column

from benchmarks.api_call import series_event
from benchmarks.engine import engine
from benchmarks.figures import Figure
from benchmarks.gateway import machine_id
from benchmarks.history import HOUR_MS, History
from benchmarks.readings import minutes
from benchmarks.timing import interleaved
from cnc.cloud.tenancy import acting_for
from cnc.services.caller import Caller

POINTS = 10_000
SIGNAL = "x.position.actual"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FROM_MS = 1_764_000_000_000


class InMemory:
    """The points of one signal, as the store's reader would hand them over."""

    def __init__(self) -> None:
        read = [value for minute in minutes(6, 60, together=True) for value in _positions(minute)]
        stamps = range(FROM_MS, FROM_MS + POINTS * 1000, 1000)
        self.facts = SeriesFacts(stamps, {SIGNAL: read[:POINTS]})

    def series(self, machine: str, **_: Any) -> SeriesFacts:
        assert machine == machine_id(0)
        return self.facts


def run() -> list[Figure]:
    memory = InMemory()
    documents = load()
    event = series_event(
        machine_id(0), signals=[SIGNAL], from_ms=FROM_MS, to_ms=FROM_MS + POINTS * 1000, resolution_s=1
    )

    def context_of(caller: Caller, request_id: str) -> Context:
        ports = cast(Reads, memory)
        return Context(caller, NOW, ports, cast(Watches, None), time.monotonic, request_id=request_id)

    def graphql() -> Any:
        return respond(event, acting_for=acting_for, context_of=context_of, documents=documents)

    answer = orjson.loads(graphql()["body"])
    assert len(answer["data"]["series"]["timestamps"]) == POINTS, answer
    assert answer["data"]["series"]["columns"][SIGNAL] == memory.facts.columns[SIGNAL]
    took = interleaved(
        {
            "graphql": graphql,
            "orjson": lambda: orjson.dumps(answer),
            "stamps": lambda: orjson.dumps(stamp_column(memory.facts.stamps_ms)),
        },
        rounds=9,
        calls={"graphql": 60, "orjson": 60, "stamps": 60},
    )
    plain = took["orjson"]
    best = (took["graphql"].best_s - took["stamps"].best_s) / plain.best_s
    with_stamps = took["graphql"].median_s / plain.median_s
    return [
        Figure(
            "series",
            "10,000 points, times orjson of the same answer",
            (took["graphql"].median_s - took["stamps"].median_s) / plain.median_s,
            "x",
            2,
            note=f"formatting of stamps apart; with it {with_stamps:.2f}x; best rounds {best:.2f}x",
        ),
        Figure("series", "CPU of the whole answer", took["graphql"].median_s * 1e6, "us"),
        Figure("series", "of it, formatting of 10,000 stamps", took["stamps"].median_s * 1e6, "us"),
        Figure("series", "CPU of orjson", plain.median_s * 1e6, "us"),
        Figure("series", "store read of 2 h at 1 s (7,200 points)", _store_read_s() * 1000, "ms"),
    ]


def _positions(minute: Any) -> list[Any]:
    at = minute.schema.index[SIGNAL]
    found: list[Any] = minute.schema.signals[at].values(minute.rows.columns[at])
    return found


def _store_read_s() -> float:
    with engine() as running:
        history = History(running, minutes(6, 60, together=True)[:60])
        history.store_chunks(hours=2)
        reads = history.reads()

        def read() -> Any:
            start, end = history.instant(0), history.instant(2 * HOUR_MS)
            with acting_for(history.tenant):
                found = reads.series(history.machine, signals=[SIGNAL], start=start, end=end, resolution_s=1, now=end)
            assert len(found.stamps_ms) == 2 * HOUR_MS // 1000
            return found

        return interleaved({"read": read}, rounds=5)["read"].median_s
