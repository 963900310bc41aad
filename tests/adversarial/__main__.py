"""`make adversarial`: asks thousands of hostile requests and holds every answer to its limits.

Prints a row per family and the ten that cost most; ends with 1 when one passed a limit.
"""

import argparse
import gc
import logging
import sys
from collections import defaultdict

from tests.adversarial.asking import KIOSK, OUR_KEY, Cost, Lines, ask
from tests.adversarial.judging import complaints
from tests.adversarial.requests import attacks


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=4)
    asked = options.parse_args()
    lines = Lines()
    logging.root.addHandler(lines)
    logging.root.setLevel(logging.INFO)
    gc.collect()
    gc.freeze()  # as `Observer.observed` does at the end of a cold start
    costs: list[Cost] = []
    wrong: list[str] = []
    for number, attack in enumerate(attacks(seed=asked.seed, count=asked.count)):
        cost, answer = ask(attack, lines=lines, caller=KIOSK if number % 5 == 4 else OUR_KEY)
        costs.append(cost)
        wrong += [f"{cost.family}: {one}: {cost.body[:300]!r}" for one in complaints(cost, answer)]
        lines.seen.clear()
        if sys.stderr.isatty() and number % 500 == 0:
            print(f"\r{number} of {asked.count}", end="", file=sys.stderr)
    report(costs)
    print(f"\n{len(costs)} requests, {len(wrong)} beyond a limit")
    print("\n".join(wrong[:20]))
    return 1 if wrong else 0


def report(costs: list[Cost]) -> None:
    by_family: dict[str, list[Cost]] = defaultdict(list)
    for cost in costs:
        by_family[cost.family].append(cost)
    print(f"{'family':32}{'asked':>7}{'refused':>9}{'median ms':>11}{'worst ms':>10}{'lines':>7}{'bytes':>8}")
    for family, found in sorted(by_family.items(), key=lambda item: -max(cost.cpu_ms for cost in item[1])):
        times = sorted(cost.cpu_ms for cost in found)
        print(
            f"{family:32}{len(found):7}{sum(cost.refused for cost in found):9}{times[len(times) // 2]:11.2f}"
            f"{times[-1]:10.2f}{max(cost.lines for cost in found):7}{max(cost.size for cost in found):8}"
        )
    print("\nthe ten that cost most")
    for cost in sorted(costs, key=lambda cost: -cost.cpu_ms)[:10]:
        told = "refused" if cost.refused else "answered"
        print(f"{cost.cpu_ms:8.2f} ms  {told:9}{cost.status:4}  {cost.family:28}{cost.body[:70]!r}")


if __name__ == "__main__":
    sys.exit(main())
