"""`python -m tests.edge_kit.writer FOLDER`: writes rows as fast as it can and says each, until it is killed."""

import json
import secrets
import sys
from pathlib import Path

from greengrass_components.edge_kit.journal import Journal, JournalLimits
from greengrass_components.edge_kit.pace import wall_ms
from greengrass_components.synthetic.driver import schema_of, values_at
from tests.edge_kit.fakes import SOURCE


def main() -> None:
    journal = Journal.open(
        Path(sys.argv[1]),
        component="test",
        clock_ms=wall_ms,
        random=secrets.token_bytes,
        limits=JournalLimits(segment_bytes=8000),
    )
    source = journal.source(SOURCE, schema=schema_of(9), period_ms=100)
    at_ms = wall_ms() // 100 * 100
    for row in range(1_000_000):
        seq = source.append(at_ms + row * 100, values_at(SOURCE, at_ms + row * 100, 9), 0)
        print(json.dumps([journal.boot.hex(), seq]), flush=True)
        if row % 50 == 0:
            journal.sync()


if __name__ == "__main__":
    main()
