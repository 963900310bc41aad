"""kill -9 in a seeded random order: every class of process but the supervisor, each as often as asked."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.product.running import Product, until

BACK_WITHIN_S = 60
#: Class -> how its process names begin. Workers fork from `lambda:zygote:0`, a class of its own.
CLASSES = {
    "dynamodb": "dynamodb",
    "aws": "aws",
    "http": "http",
    "broker": "broker",
    "rules": "rules",
    "zygote": "lambda:zygote:",
    "ingest": "lambda:telemetry_",
    "receipt": "lambda:receipt:",
    "lambda": "lambda:",
    "focas": ":focas",
    "modbus": ":modbus",
    "relay": ":relay",
    "synthetic": ":synthetic",
    "sim": "sim:",
}


@dataclass
class Killer:
    """`pause_s` is the longest wait between two kills; nothing waits for a process to be whole again."""

    product: Product
    seed: int
    times: int
    pause_s: float
    killed: Counter[str] = field(default_factory=Counter)
    draw: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)

    def order(self) -> list[str]:
        chosen = [name for name in CLASSES for _ in range(self.times)]
        self.draw.shuffle(chosen)
        return chosen

    def run(self) -> Iterator[str]:
        """Kill one after the other, and yield each name."""
        for chosen in self.order():
            yield self._kill(chosen)
            self.killed[chosen] += 1
            time.sleep(self.draw.uniform(0, self.pause_s))

    def _kill(self, chosen: str) -> str:
        def one() -> str:
            alive = sorted(
                (name, pid) for name, pid in self.product.endpoints["processes"].items() if _is(name, chosen)
            )
            while alive:
                name, pid = alive.pop(self.draw.randrange(len(alive)))
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue  # it ended a moment ago
                return name
            return ""

        return until(one, within_s=BACK_WITHIN_S, what=f"a living process of {chosen}", every_s=0.1)


def _is(name: str, chosen: str) -> bool:
    part = CLASSES[chosen]
    if chosen == "lambda":
        return name.startswith(part) and not name.startswith("lambda:zygote:")
    if part.startswith(":"):
        return name.startswith("edge:") and name.endswith(part)
    return name == part if part == chosen else name.startswith(part)
