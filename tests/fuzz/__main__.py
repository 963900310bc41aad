"""`python -m tests.fuzz [NAME…] --minutes N [--seed S]`: N minutes of CPU time on each parser; findings are kept.

An input that breaks something is written to `tests/fuzz/seeds/<name>/`, where `make test` replays it from then on.
Ends with 1 when something was found.
"""

import argparse
import hashlib
import random
import sys

from tests.fuzz.mutate import mutated
from tests.fuzz.target import SEEDS, cpu_s, load, names, run, seeds

#: Every so many inputs one is measured for memory too.
_MEASURED = 50
_CORPUS = 400


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz parsers")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names())}; all when none is given")
    parser.add_argument("--minutes", type=float, default=20.0, help="CPU minutes each (default 20)")
    parser.add_argument("--seed", type=int, default=None, help="repeat a run; otherwise a new one each time")
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(1 << 32) if options.seed is None else options.seed
    unknown = set(options.names) - set(names())
    if unknown:
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(names())}")
    found = 0
    for name in options.names or names():
        print(f"{name}: seed {seed}, {options.minutes:g} CPU minutes", flush=True)
        found += _fuzz(name, seed=seed, until_s=cpu_s() + options.minutes * 60)
    return 1 if found else 0


def _fuzz(name: str, *, seed: int, until_s: float) -> int:
    target, rnd = load(name), random.Random(seed)
    corpus = [path.read_bytes() for path in seeds(name)]
    kept = len(corpus)
    found: set[str] = set()
    count = 0
    while cpu_s() < until_s:
        data = mutated(rnd, corpus, target.words, target.max_size)
        wrong = run(target, data, measure=count % _MEASURED == 0)
        count += 1
        if wrong and wrong[:60] not in found:
            found.add(wrong[:60])
            path = SEEDS / name / f"found-{hashlib.sha256(data).hexdigest()[:12]}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            print(f"{path.name}: {wrong}", flush=True)
        elif not wrong and rnd.random() < 0.02:  # mutations of mutations reach further
            corpus.append(data)
            if len(corpus) > _CORPUS:
                del corpus[kept]
    print(f"{name}: {count:,} inputs, {len(found)} findings", flush=True)
    return len(found)


if __name__ == "__main__":
    sys.exit(main())
