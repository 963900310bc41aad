"""Inbound rate of one connection: a token bucket of one second, for publishes and for bytes."""

from dataclasses import dataclass, field

from local_cloud.broker.limits import BYTES_PER_S, PUBLISH_PER_S


@dataclass(slots=True)
class Pace:
    """`wait_s` says how long not to read on; times are monotonic seconds."""

    publishes: float = PUBLISH_PER_S
    size: float = BYTES_PER_S
    at: float = field(default=0.0)

    def wait_s(self, size: int, *, now: float) -> float:
        passed = max(0.0, now - self.at) if self.at else 1.0
        self.at = now
        self.publishes = min(PUBLISH_PER_S, self.publishes + passed * PUBLISH_PER_S) - 1
        self.size = min(BYTES_PER_S, self.size + passed * BYTES_PER_S) - size
        return max(0.0, -self.publishes / PUBLISH_PER_S, -self.size / BYTES_PER_S)
