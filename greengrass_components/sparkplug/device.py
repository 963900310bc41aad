"""A machine as a Sparkplug device: its metrics, what they are now, and which of them changed.

Signal `x.position.actual` is the metric `x/position/actual`; texts and numbers of events come beside them. The set of
metrics is fixed with the birth, so that every metric ever sent is in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cnc.domain.telemetry.schema import Signal
from greengrass_components.edge_kit.floor import MachineView
from greengrass_components.edge_kit.follow import EventSeen, RowSeen
from greengrass_components.sparkplug.payload import DataType, Metric, Value

#: Rows of nulls after which a device is dead.
SILENT_ROWS: Final = 3
_EVENTS: Final = {
    "state/availability": DataType.STRING,
    "state/fault": DataType.BOOLEAN,
    "program/name": DataType.STRING,
    "alarm/count": DataType.INT64,
    "alarm/text": DataType.STRING,
}


@dataclass(slots=True)
class Tag:
    """One metric and its present value."""

    name: str
    alias: int
    datatype: DataType
    unit: str = ""
    value: Value = None
    at_ms: int = 0

    def born(self, now_ms: int) -> Metric:
        return Metric(self.datatype, self.value, self.at_ms or now_ms, self.name, self.alias, unit=self.unit)


class SparkplugDevice:
    """One machine. Aliases are given from `first_alias` on, unique within the node."""

    def __init__(self, view: MachineView, name: str, *, first_alias: int) -> None:
        self.name = name
        self.online = False
        self.seen_s = 0.0
        self._tags: dict[str, Tag] = {}
        self._columns: dict[str, list[tuple[int, Signal, Tag]]] = {}
        self._silent: dict[str, int] = {}
        self._alarms: dict[tuple[Any, ...], str] = {}
        self._next_alias = first_alias
        for source in view.sources:
            if source.schema is not None:
                self._columns[source.id] = self._take_schema(source.schema.signals)
        for event_name, datatype in _EVENTS.items():
            self._tag(event_name, datatype, "")
        for source in view.sources:
            for event in source.events.values():
                list(self.event(event))
            if source.row is not None:
                list(self.row(source.row))

    @property
    def next_alias(self) -> int:
        return self._next_alias

    def _take_schema(self, signals: tuple[Signal, ...]) -> list[tuple[int, Signal, Tag]]:
        found = []
        for at, signal in enumerate(signals):
            name = signal.key.replace(".", "/")
            if name not in self._tags:
                datatype = DataType.STRING if signal.kind == "text" else DataType.DOUBLE
                found.append((at, signal, self._tag(name, datatype, signal.unit)))
        return found

    def _tag(self, name: str, datatype: DataType, unit: str) -> Tag:
        tag = Tag(name, self._next_alias, datatype, unit)
        self._next_alias += 1
        self._tags[name] = tag
        return tag

    def birth(self, now_ms: int) -> list[Metric]:
        """Every metric with name, alias and present value."""
        return [tag.born(now_ms) for tag in self._tags.values()]

    def row(self, seen: RowSeen) -> Iterator[Metric]:
        """What a row changes."""
        if any(value is not None for value in seen.values):
            self._silent[seen.source] = 0
        else:
            self._silent[seen.source] = self._silent.get(seen.source, 0) + 1
        self.online = any(count < SILENT_ROWS for count in self._silent.values())
        for at, signal, tag in self._columns.get(seen.source, ()):
            yield from self._changed(tag, signal.value(seen.values[at]), seen.at_ms)

    def event(self, seen: EventSeen) -> Iterator[Metric]:
        """What an event changes."""
        data: Mapping[str, Any] = seen.data
        if seen.type == "state":
            yield from self._changed(self._tags["state/availability"], str(data.get("availability", "")), seen.at_ms)
            yield from self._changed(self._tags["state/fault"], bool(data.get("fault")), seen.at_ms)
        elif seen.type == "program":
            name = str(data.get("name") or data.get("number") or "")
            yield from self._changed(self._tags["program/name"], name, seen.at_ms)
        elif seen.type == "alarm":
            key = (seen.source, data.get("type"), data.get("number"), data.get("axis"))
            if data.get("active"):
                self._alarms[key] = f"{data.get('type', '')}{data.get('number', '')} {data.get('text', '')}".strip()
            else:
                self._alarms.pop(key, None)
            yield from self._changed(self._tags["alarm/count"], len(self._alarms), seen.at_ms)
            yield from self._changed(self._tags["alarm/text"], "; ".join(self._alarms.values())[:2000], seen.at_ms)

    def _changed(self, tag: Tag, value: Value, at_ms: int) -> Iterator[Metric]:
        if tag.value == value and tag.at_ms:
            return
        if at_ms < tag.at_ms:  # a row that was recovered later: history, which changes no live tag
            yield Metric(tag.datatype, value, at_ms, alias=tag.alias, historical=True)
            return
        tag.value, tag.at_ms = value, at_ms
        yield Metric(tag.datatype, value, at_ms, alias=tag.alias)
