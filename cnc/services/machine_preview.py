"""What the events of a machine say about it right now: a preview, newest event of each kind wins.

The document kept per machine: `{"v":1,"sources":{<source>:{<type>:[boot, seq, at_ms, since_ms, data]}}}`.
Events may come twice, late and out of order: (boot, seq) decides per source and type, time never does.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from cnc.domain.base.mtconnect import Availability, Execution, tile_state
from cnc.domain.telemetry.events import Event

#: Types the preview keeps; alarms have a store of their own, and types of a newer gateway are not shown here.
KEPT_TYPES = frozenset({"state", "program", "part", "tool", "override"})
#: Longer texts are cut: one document must stay one write unit.
TEXT_CHARACTERS = 120

Document = dict[str, Any]


def empty() -> Document:
    return {"v": 1, "sources": {}}


def merged(document: Document, events: Iterable[Event]) -> tuple[Document, bool]:
    """The document with newer events in it, and whether any was newer."""
    sources = {source: dict(types) for source, types in document["sources"].items()}
    changed = False
    for event in events:
        if event.type not in KEPT_TYPES:
            continue
        types = sources.setdefault(event.source, {})
        held = types.get(event.type)
        if held is None or (held[0], held[1]) < event.order:
            types[event.type] = [event.boot, event.seq, event.at_ms, _since_ms(event, held), _short(event.data)]
            changed = True
    return {"v": 1, "sources": sources}, changed


class Preview(NamedTuple):
    """The machine as its newest events tell; `at_ms` is the newest of them, None before the first."""

    execution: str = Execution.UNAVAILABLE
    available: bool = False
    controller_mode: str = "UNAVAILABLE"
    functional_mode: str = "UNAVAILABLE"
    emergency_stop: str = "UNAVAILABLE"
    fault: bool = False
    state_since_ms: int | None = None
    at_ms: int | None = None
    program: str | None = None
    tool: int | None = None
    part_count: int | None = None
    feed_override: float | None = None
    rapid_override: float | None = None
    spindle_override: float | None = None

    def tile(self, *, online: bool) -> str:
        """Tile state; a control that cannot be reached is as dark as a silent gateway."""
        return tile_state(
            online=online and self.available,
            execution=self.execution,
            controller_mode=self.controller_mode,
            functional_mode=self.functional_mode,
            emergency_stop=self.emergency_stop,
            fault=self.fault,
        )


def preview(document: Document) -> Preview:
    """Newest of each type over all sources of the machine."""
    newest: dict[str, list[Any]] = {}
    for types in document["sources"].values():
        for name, entry in types.items():
            if name not in newest or newest[name][2] < entry[2]:
                newest[name] = entry
    state = _data(newest, "state")
    override = _data(newest, "override")
    return Preview(
        execution=_text(state, "execution") or Execution.UNAVAILABLE,
        available=state.get("availability") == Availability.AVAILABLE,
        controller_mode=_text(state, "controller_mode") or "UNAVAILABLE",
        functional_mode=_text(state, "functional_mode") or "UNAVAILABLE",
        emergency_stop=_text(state, "emergency_stop") or "UNAVAILABLE",
        fault=state.get("fault") is True,
        state_since_ms=newest["state"][3] if "state" in newest else None,
        at_ms=max((entry[2] for entry in newest.values()), default=None),
        program=_text(_data(newest, "program"), "name") or _text(_data(newest, "program"), "number"),
        tool=_whole(_data(newest, "tool"), "number"),
        part_count=_whole(_data(newest, "part"), "count"),
        feed_override=_number(override, "feed"),
        rapid_override=_number(override, "rapid"),
        spindle_override=_number(override, "spindle"),
    )


def state_payload(machine: str, document: Document) -> dict[str, object]:
    """What subscribers of the machine's state get (contracts 6)."""
    seen = preview(document)
    return {
        "machine": machine,
        "execution": seen.execution,
        "tile_state": seen.tile(online=True),
        "at_ms": seen.at_ms,
        "program": seen.program,
        "part_count": seen.part_count,
        "tool": seen.tool,
    }


def _since_ms(event: Event, held: list[Any] | None) -> int:
    """Since when the state lasts: a repeated execution does not start anew."""
    if held is not None and held[4].get("execution") == event.data.get("execution"):
        return int(held[3])
    return event.at_ms


def _short(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value[:TEXT_CHARACTERS] if isinstance(value, str) else value for name, value in data.items()}


def _data(newest: Mapping[str, list[Any]], name: str) -> dict[str, Any]:
    return newest[name][4] if name in newest else {}


def _text(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else None


def _whole(data: Mapping[str, Any], name: str) -> int | None:
    value = data.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(data: Mapping[str, Any], name: str) -> float | None:
    value = data.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
