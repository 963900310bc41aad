"""A source without a device. Every value follows from the source's id and the time of the row, so that a stored row
can be checked against what it must be.

Settings of a source: `rate_hz` rows a second (the period when absent), `signals` numbers beside the execution
(default 9). A cycle of 90 s is READY for 15 s, ACTIVE for 70 s and STOPPED for 5 s, and each ends with a part.
"""

import zlib
from typing import Any, Final

from cnc.domain.telemetry.schema import Schema, Signal
from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.edge_kit.driver import Reading

EXECUTIONS: Final = ("READY", "ACTIVE", "STOPPED")
CYCLE_MS: Final = 90_000
MAX_SIGNALS: Final = 199

_MODE: Final[dict[str, Any]] = {
    "availability": "AVAILABLE",
    "controller_mode": "AUTOMATIC",
    "functional_mode": "PRODUCTION",
    "emergency_stop": "ARMED",
    "fault": False,
}


def schema_of(signals: int) -> Schema:
    """Execution, then `signals` numbers."""
    numbers = (Signal(f"synthetic.x_value.n{number}", "COUNT", resolution=0.1) for number in range(signals))
    return Schema((Signal("controller.execution", "", "text", texts=EXECUTIONS), *numbers))


def values_at(source: str, tick_ms: int, signals: int) -> list[int]:
    """What a row must hold."""
    start = zlib.crc32(source.encode())
    phase = (tick_ms + start) % CYCLE_MS
    execution = 0 if phase < 15_000 else 1 if phase < 85_000 else 2
    step = tick_ms // 100 + start
    return [execution, *((step * (number + 1)) % (1000 + number) for number in range(signals))]


def parts_at(source: str, tick_ms: int) -> int:
    """Cycles ended until `tick_ms`, within a day's count."""
    return (tick_ms + zlib.crc32(source.encode())) // CYCLE_MS % 960


class SyntheticDriver:
    """Always connected, never late."""

    def __init__(self, config: SourceConfig) -> None:
        self.source = config.id
        self.signals = min(MAX_SIGNALS, max(1, int(config.settings.get("signals", 9))))
        self.schema: Schema = schema_of(self.signals)
        self._facts: dict[str, dict[str, Any]] = {}
        self._key: tuple[int, int] = (-1, -1)

    async def connect(self) -> Schema:
        return self.schema

    async def read(self, *, tick_ms: int) -> Reading:
        values = values_at(self.source, tick_ms, self.signals)
        parts = parts_at(self.source, tick_ms)
        if (values[0], parts) != self._key:
            self._key = (values[0], parts)
            self._facts = {"state": {**_MODE, "execution": EXECUTIONS[values[0]]}, "part": {"count": parts}}
        return Reading(values, facts=self._facts)

    async def close(self) -> None:
        return


def open_driver(config: SourceConfig) -> SyntheticDriver:
    """Raises nothing: a setting out of range is brought into it."""
    return SyntheticDriver(config)
