"""What changed from one tick to the next, as events."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from greengrass_components.edge_kit.driver import Alarms, Facts, Reading

#: A source that could not be read for so many ticks has its state event say so.
SILENT_TICKS: Final = 3

UNAVAILABLE_STATE: Final[Mapping[str, Any]] = {
    "availability": "UNAVAILABLE",
    "execution": "UNAVAILABLE",
    "controller_mode": "UNAVAILABLE",
    "functional_mode": "UNAVAILABLE",
    "emergency_stop": "UNAVAILABLE",
    "fault": False,
}

Change = tuple[str, dict[str, Any]]


@dataclass(slots=True)
class Changes:
    """The facts of the last tick of one source. Yields (event type, data)."""

    facts: Facts = field(default_factory=dict)
    alarms: Alarms = field(default_factory=dict)
    silent: int = 0
    _given: Facts | None = None

    def of(self, reading: Reading) -> Iterable[Change]:
        """Events of a tick that was read."""
        if reading.facts == self._given and reading.alarms == self.alarms:
            self.silent = 0
            return ()
        return self._new(reading)

    def _new(self, reading: Reading) -> Iterator[Change]:
        self.silent = 0
        if reading.facts != self._given or self._given is None:
            self._given = reading.facts
            for kind, data in reading.facts.items():
                if self.facts.get(kind) != data:
                    yield kind, dict(data)
            self.facts = {**self.facts, **reading.facts}
        if reading.alarms != self.alarms:
            yield from self._alarms(reading.alarms)
            self.alarms = reading.alarms

    def of_silence(self) -> Iterator[Change]:
        """Events of a tick that was not read. Alarms stay as they were: nobody saw them end."""
        self.silent += 1
        if self.silent == SILENT_TICKS and "state" in self.facts:
            self.facts, self._given = {**self.facts, "state": UNAVAILABLE_STATE}, None
            yield "state", dict(UNAVAILABLE_STATE)

    def _alarms(self, alarms: Alarms) -> Iterator[Change]:
        for key, data in alarms.items():
            if self.alarms.get(key) != data:
                yield "alarm", {**data, "active": True}
        for key, data in self.alarms.items():
            if key not in alarms:
                yield "alarm", {**data, "active": False}
