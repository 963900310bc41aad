"""`python -m benchmarks [NAME…] [--all]`: measure, print the table, exit 1 when a figure misses its limit.

Without a name every benchmark that needs neither minutes nor a whole product runs; `--all` runs those as well.
"""

import argparse
import sys
from collections.abc import Sequence

from benchmarks.alone import alone
from benchmarks.figures import Figure, table

QUICK = ("wire", "write_units", "ingest", "edge", "series", "day", "imports", "money", "gcode", "audit_verify")
LONG = ("start", "product", "arrival", "edge_peer", "noisy_neighbour")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure what the product must reach")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(QUICK)}; long: {', '.join(LONG)}")
    parser.add_argument("--all", action="store_true", help="the long ones as well")
    options = parser.parse_args(arguments)
    unknown = set(options.names) - {*QUICK, *LONG}
    if unknown:
        parser.error(f"{', '.join(sorted(unknown))}: expected some of {', '.join((*QUICK, *LONG))}")
    names = options.names or (*QUICK, *(LONG if options.all else ()))
    figures: list[Figure] = []
    for name in names:
        print(f"  measuring {name} …", file=sys.stderr, flush=True)
        figures += alone(name)
    print(table(figures))
    missed = [figure for figure in figures if not figure.reached]
    print(f"\n{len(figures)} figures, {len(missed)} missed their limit")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
