"""`python -m cnc_graphql.print_schema` writes what is printed from code and committed beside it.

graphql/schema.graphql is the contract with programs outside; persisted.json packs graphql/operations/.
"""

import sys
from pathlib import Path

from cnc_graphql.documents import PACKED, packed
from cnc_graphql.schema import sdl

TARGET = Path(__file__).resolve().parent.parent / "schema.graphql"


def main() -> int:
    """Write both files."""
    for target, text in ((TARGET, sdl()), (PACKED, packed())):
        target.write_text(text, encoding="utf-8")
        sys.stdout.write(f"wrote {target}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
