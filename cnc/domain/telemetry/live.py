"""Live frames: the newest row of each watched source, once a second, while someone watches. A preview."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cnc.domain.base.errors import MalformedMessage
from cnc.domain.telemetry.wire import dumps, fields, loads

Value = float | str | None


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """All signals of row (boot, seq) in their units; None = no value. `quality` is that of the row."""

    source: str
    boot: str
    seq: int
    at_ms: int
    values: dict[str, Value] = field(default_factory=dict)
    quality: int = 0


def pack_live(frames: Sequence[LiveFrame], *, sent_ms: int) -> bytes:
    """JSON of the live lane."""
    return dumps({"v": 1, "sent_ms": sent_ms, "frames": [_frame_to(frame) for frame in frames]})


def unpack_live(data: bytes) -> tuple[int, list[LiveFrame]]:
    """`sent_ms` and the frames. Raises MalformedMessage."""
    message = fields(loads(data))
    return message.ms("sent_ms"), [_frame_from(row) for row in message.items("frames", limit=1000)]


def _frame_to(frame: LiveFrame) -> dict[str, Any]:
    return {
        "source": frame.source,
        "boot": frame.boot,
        "seq": frame.seq,
        "at_ms": frame.at_ms,
        "values": frame.values,
        "quality": frame.quality,
    }


def _frame_from(value: Any) -> LiveFrame:
    row = fields(value)
    values = row.flat("values", limit=200)
    for key, item in values.items():
        if isinstance(item, bool):
            raise MalformedMessage(seen=f"{key}: {item}", expected="a number, a text or null")
    return LiveFrame(
        source=row.source(),
        boot=row.boot(),
        seq=row.integer("seq", 1),
        at_ms=row.ms("at_ms"),
        values=values,
        quality=row.integer("quality", 0, 3),
    )
