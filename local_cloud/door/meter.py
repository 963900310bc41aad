"""Counts what AWS would bill, read at `/_meter`."""

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any


class Meter:
    def __init__(self) -> None:
        self._counts: dict[str, Any] = defaultdict(lambda: defaultdict(lambda: defaultdict(float)))
        self._flat: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))

    def capacity(self, table: str, *, write: float = 0.0, read: float = 0.0) -> None:
        """Units of one DynamoDB call on one table."""
        counts = self._counts["dynamodb"][table]
        counts["requests"] += 1
        counts["write_units"] += write
        counts["read_units"] += read

    def invoked(self, function: str, *, billed_ms: int, memory_mb: int) -> None:
        counts = self._counts["lambda"][function]
        counts["requests"] += 1
        counts["billed_ms"] += billed_ms
        counts["gb_s"] += billed_ms / 1000 * memory_mb / 1024

    def used(self, role: str, action: str) -> None:
        """One action of a role that its policies allowed: what nobody ever uses need not be granted."""
        self.add("iam", f"{role} {action}")

    def add(self, service: str, name: str, count: float = 1) -> None:
        self._flat[service][name] += count

    def merge(self, counts: Mapping[str, Mapping[str, float]]) -> None:
        """Counts of another process; what is no finite number is refused with ValueError."""
        for service, named in counts.items():
            for name, count in named.items():
                if not isinstance(count, (int, float)) or not math.isfinite(count):
                    raise ValueError(f"{service}.{name}: {count!r} is no number")
                self.add(service, name, count)

    def read(self) -> dict[str, Any]:
        nested = {one: {name: dict(counts) for name, counts in many.items()} for one, many in self._counts.items()}
        return nested | {service: dict(named) for service, named in self._flat.items()}
