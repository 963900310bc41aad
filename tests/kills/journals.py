"""What the gateways wrote: every row of every journal under a data folder, read without the relay."""

from dataclasses import dataclass, field
from pathlib import Path

from cnc.domain.telemetry.schema import Schema
from greengrass_components.edge_kit import records
from tests.kills.rows import Boot, Lives, Row


@dataclass
class Written:
    """`gaps` counts rows that journals declared as lost; `components` names each source's component."""

    lives: Lives = field(default_factory=dict)
    gaps: int = 0
    components: dict[str, str] = field(default_factory=dict)


def read_journals(data: Path) -> Written:
    """Every whole record of every segment; the tail of a record that is being written is left out."""
    found = Written()
    for path in sorted(data.glob("edge/*/journal/*/*.seg")):
        _read_segment(path, found)
    return found


def _read_segment(path: Path, found: Written) -> None:
    sources: dict[int, tuple[Boot, int]] = {}
    for _, body in records.scan(path.read_bytes(), 0, records.Scan(0)):
        if body[0] == records.SOURCE:
            source = records.unpack_source(body)
            boot = Boot(source.source, path.name[:16])
            sources[source.number] = boot, len(Schema.parse(source.schema).signals)
            found.components[source.source] = path.parent.name
        elif body[0] == records.ROW:
            boot, width = sources[records.row_head(body)[0]]
            row = records.unpack_row(body, width)
            life = found.lives.setdefault(boot, {})
            assert row.seq not in life, f"{boot} wrote row {row.seq} twice"
            life[row.seq] = Row(row.at_ms, row.quality, row.values)
        elif body[0] == records.GAP:
            gap = records.unpack_json(body)
            found.gaps += gap["last"] - gap["first"] + 1
