"""`make guards`: weakens every guard in a scratch copy of the tree, one after the other, and asks its tests."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.guards.harness import copy_tree, guards, noticed


def main() -> int:
    """0 when every guard was noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.guards")
    parser.add_argument("--only", default="", help="guards with this word in name or file")
    chosen = parser.parse_args().only
    wanted = [guard for guard in guards() if chosen in guard.name or chosen in guard.file]
    missed, begun = [], time.monotonic()
    with tempfile.TemporaryDirectory(prefix="guards-") as folder:
        tree = Path(folder)
        copy_tree(tree)
        for number, guard in enumerate(wanted, start=1):
            seen, words = noticed(guard, tree)
            told = "noticed" if seen else f"NOT NOTICED\n{words}"
            print(f"{number:>3}/{len(wanted)} {time.monotonic() - begun:5.0f} s  {guard.name}: {told}", flush=True)
            if not seen:
                missed.append(guard.name)
    print(f"{len(wanted) - len(missed)} of {len(wanted)} guards noticed; not: {', '.join(missed) or 'none'}")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
