"""A segment of a journal as any bytes, read by the relay: whatever is no record is passed over.

Inputs that begin with `r` get checksums that fit, so that records of wrong content are reached.
"""

import logging
import tempfile
from pathlib import Path

from cnc.domain.telemetry.events import Event
from greengrass_components.edge_kit import records
from greengrass_components.edge_kit.follow import Follower
from greengrass_components.relay.marks import Marks
from greengrass_components.relay.reader import Reader
from greengrass_components.relay.rebuild import minutes_of
from greengrass_components.relay.spans import Cut
from tests.fuzz.target import Target

_MEMORY = Path("/dev/shm")
_FOLDER = tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None)
_SEGMENT = Path(_FOLDER.name) / "journal" / "test" / f"{'01' * 8}-00000001.seg"
_EVER_MS = 1 << 47


def fitting(data: bytes) -> bytes:
    """The same records, each with the length and checksum that belong to what stands until the next one."""
    return b"".join(records.frame(body) for body in data.split(b"\xfe\xfe") if body)


def _event(event: Event) -> None:
    assert event.seq >= 1


def _cut(cut: Cut) -> None:
    minutes_of(cut)


def parse(data: bytes) -> None:
    _SEGMENT.parent.mkdir(parents=True, exist_ok=True)
    _SEGMENT.write_bytes(fitting(data[1:]) if data[:1] == b"r" else data[1:])
    logging.disable(logging.CRITICAL)  # every input has something to say
    reader = Reader(_SEGMENT.parents[1], Marks(), _cut, _event)
    follower = Follower(_SEGMENT.parents[1])
    try:
        while reader.poll():
            pass
        reader.force(reader.silent(_EVER_MS))
        for _ in follower.poll():
            pass
    finally:
        logging.disable(logging.NOTSET)
        follower.close()
        reader.close()


TARGET = Target(
    parse,
    words=(
        b"\xfe\xfe",
        b"\x01",
        b"\x02",
        b"\x03",
        b"\x04",
        b"\x05",
        b"\x06",
        b"\x07",
        b"\x83",
        b"d_0000000000000000",
        b"{}",
        b"[",
        b"\xff" * 8,
    ),
    max_size=20_000,
)
