"""Bytes on the wire per value: 60 s chunks of 30 signals, alone and with what carries them."""

from collections.abc import Sequence
from statistics import mean

from benchmarks.figures import Figure
from benchmarks.gateway import source_id
from benchmarks.readings import ROWS, SIGNALS, Minute, minutes
from cnc.domain.telemetry.chunk import HEADER, decode, encode
from cnc.domain.telemetry.minute import MinuteMessage, SourceMinute, pack

VALUES = ROWS * SIGNALS


def run() -> list[Figure]:
    read = minutes(20, 8)
    for minute in read:
        assert decode(encode(minute.rows), minute.schema) == minute.rows, "a chunk must give back its rows"
    body, whole, packed = sizes(read)
    every_signal = mean(len(encode(m.whole)) / (ROWS * len(m.whole_schema.signals)) for m in read)
    return [
        Figure(
            "wire", "body of a chunk", body, "B/value", 0.45, note=f"{len(read)} minutes of 20 machines, working day"
        ),
        Figure("wire", "header, chunk and envelope of a message of one source", whole, "B/value", 0.50),
        Figure("wire", "the same, 20 sources to a message", packed, "B/value"),
        Figure("wire", "chunk of every signal the control shows (35 to 53)", every_signal, "B/value"),
    ]


def sizes(read: Sequence[Minute]) -> tuple[float, float, float]:
    """Mean bytes per value: body; chunk in a message of its own; chunk in a message of 20."""
    chunks = [encode(minute.rows) for minute in read]
    values = VALUES * len(chunks)
    body = sum(len(chunk) - HEADER.size for chunk in chunks)
    alone = sum(len(_packed([chunk])) for chunk in chunks)
    together = sum(len(_packed(chunks[at : at + 20])) for at in range(0, len(chunks), 20))
    return body / values, alone / values, together / values


def _packed(chunks: Sequence[bytes]) -> bytes:
    return pack(MinuteMessage(0, tuple(SourceMinute(source_id(n), chunk) for n, chunk in enumerate(chunks))))
