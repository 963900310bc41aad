"""`head.json` of a journal: the boot, the seqs reserved in it, and the newest row of every source.

`{"v":1,"boot","os_boot","clean","at_ms","reserved":{source: seq},"last":{source: [at_ms, period_ms]},
"owed":[[type, content]…],"crc"}`: what is `owed` stood in no segment yet when this was written.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cnc.domain.base.errors import BadId, MalformedMessage
from cnc.domain.base.ids import check_boot
from cnc.domain.telemetry.wire import Fields, fields
from greengrass_components.edge_kit.files import kept, sealed, write_kept

MAX_BYTES: Final = 4 << 20
MAX_OWED: Final = 10_000

#: Type and content of a record.
Owed = tuple[int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class LastRow:
    """Time of the newest row of a source, and the period it was read at."""

    at_ms: int
    period_ms: int


@dataclass(frozen=True, slots=True)
class Head:
    """`clean` = the process ended in order, and `last` is exact."""

    boot: bytes
    os_boot: str
    clean: bool
    at_ms: int
    reserved: dict[str, int] = field(default_factory=dict)
    last: dict[str, LastRow] = field(default_factory=dict)
    owed: tuple[Owed, ...] = ()


def write_head(folder: Path, head: Head) -> None:
    """Durable when this returns. Raises OSError."""
    document = {
        "v": 1,
        "boot": head.boot.hex(),
        "os_boot": head.os_boot,
        "clean": head.clean,
        "at_ms": head.at_ms,
        "reserved": head.reserved,
        "last": {source: [row.at_ms, row.period_ms] for source, row in head.last.items()},
        "owed": [list(each) for each in head.owed],
    }
    write_kept(folder / "head.json", sealed(document))


def read_head(folder: Path) -> Head | None:
    """The newest one that is whole; None when there is none."""
    for document in kept(folder / "head.json", limit=MAX_BYTES):
        try:
            return _head(fields(document))
        except (MalformedMessage, BadId):
            continue
    return None


def _head(row: Fields) -> Head:
    reserved, last = fields(row.of.get("reserved")), fields(row.of.get("last"))
    owed = row.items("owed", limit=MAX_OWED) if "owed" in row.of else []
    return Head(
        boot=bytes.fromhex(check_boot(row.of.get("boot"))),
        os_boot=row.text("os_boot"),
        clean=row.of.get("clean") is True,
        at_ms=row.ms("at_ms"),
        reserved={source: reserved.integer(source) for source in reserved.of},
        last={source: _last_row(last, source) for source in last.of},
        owed=tuple((kind, content) for kind, content in owed),
    )


def _last_row(last: Fields, source: str) -> LastRow:
    at_ms, period_ms, *_ = [*last.items(source, limit=2), None, None]
    row = fields({"at_ms": at_ms, "period_ms": period_ms})
    return LastRow(row.ms("at_ms"), row.integer("period_ms", 1))
