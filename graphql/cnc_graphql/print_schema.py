"""`python -m cnc_graphql.print_schema` writes graphql/schema.graphql, the contract with programs outside."""

import sys
from pathlib import Path

from cnc_graphql.schema import sdl

TARGET = Path(__file__).resolve().parent.parent / "schema.graphql"


def main() -> int:
    TARGET.write_text(sdl(), encoding="utf-8")
    sys.stdout.write(f"wrote {TARGET}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
