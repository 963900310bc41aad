"""What a diagnosis says: findings by layer, facts, ways to count parts, and one JSON form of all of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from cnc.domain.base.clock import rfc3339

VERSION: Final = 1


class Layer(StrEnum):
    """From the name to the single function; a layer is only tried when those before it stand."""

    NAME = "name"
    ROUTE = "route"
    PORT = "port"
    HANDSHAKE = "handshake"
    SESSION = "session"
    FUNCTION = "function"


class Verdict(StrEnum):
    """`absent` is no failure: the device does not have it, and the product does without."""

    OK = "ok"
    FAILED = "failed"
    ABSENT = "absent"


#: Exit code of a command that shows a report, by the layer of its first failure; 2 stays with wrong arguments.
EXIT_CODES: Final[Mapping[Layer, int]] = {
    Layer.NAME: 10, Layer.ROUTE: 11, Layer.PORT: 12, Layer.HANDSHAKE: 13, Layer.SESSION: 14, Layer.FUNCTION: 15,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One step: its milliseconds, what was seen, and, unless it is fine, what to do."""

    layer: Layer
    name: str
    verdict: Verdict
    seen: str
    ms: float
    todo: str = ""

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "layer": str(self.layer),
            "name": self.name,
            "verdict": str(self.verdict),
            "seen": self.seen,
            "ms": round(self.ms, 1),
            "todo": self.todo,
        }


@dataclass(frozen=True, slots=True)
class Counter:
    """One way to count parts. `value` None = it could not be read; `counted` = change while it was watched."""

    method: str
    meaning: str
    value: float | None
    counted: float | None = None
    why: str = ""

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "method": self.method,
            "meaning": self.meaning,
            "value": self.value,
            "counted": self.counted,
            "why": self.why,
        }


@dataclass(slots=True)
class Report:
    """Everything that was found at one address."""

    host: str
    port: int
    protocol: str
    at_ms: int
    findings: list[Finding] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    counters: list[Counter] = field(default_factory=list)

    @property
    def failure(self) -> Finding | None:
        """The first finding that is a failure."""
        return next((finding for finding in self.findings if finding.verdict is Verdict.FAILED), None)

    @property
    def exit_code(self) -> int:
        """0 when nothing failed."""
        return EXIT_CODES[self.failure.layer] if self.failure else 0

    def document(self) -> dict[str, Any]:
        """As JSON; the same on the command line, on the wire and in the portal."""
        return {
            "v": VERSION,
            "host": self.host,
            "port": self.port,
            "protocol": self.protocol,
            "at": rfc3339(self.at_ms),
            "ok": self.failure is None,
            "findings": [finding.document() for finding in self.findings],
            "facts": self.facts,
            "counters": [counter.document() for counter in self.counters],
        }


def refusal(layer: Layer, name: str, seen: str, todo: str, ms: float) -> Finding:
    """A failure, in the order in which a sentence about it is written."""
    return Finding(layer, name, Verdict.FAILED, seen, ms, todo)


def success(layer: Layer, name: str, seen: str, ms: float) -> Finding:
    """What is as it should be."""
    return Finding(layer, name, Verdict.OK, seen, ms)
