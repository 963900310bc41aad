"""The machines of a gateway as its outputs show them: their sources with schema, newest row and standing events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cnc.domain.telemetry.schema import Schema
from greengrass_components.edge_kit.config import GatewayConfig
from greengrass_components.edge_kit.follow import Declared, EventSeen, RowSeen, Seen


@dataclass(slots=True)
class SourceView:
    """One source. `events` holds the newest of each subject: alarms that ended are not in it."""

    id: str
    machine: str
    schema: Schema | None = None
    row: RowSeen | None = None
    events: dict[tuple[Any, ...], EventSeen] = field(default_factory=dict)

    def take(self, seen: Seen) -> None:
        if isinstance(seen, Declared):
            if self.schema is None or self.schema.hash != seen.schema.hash:
                self.schema, self.row = seen.schema, None
        elif isinstance(seen, RowSeen):
            self.row = seen
        elif seen.type != "alarm":
            self.events[(seen.type,)] = seen
        else:
            subject = ("alarm", seen.data.get("type"), seen.data.get("number"), seen.data.get("axis"))
            if seen.data.get("active"):
                self.events[subject] = seen
            else:
                self.events.pop(subject, None)


@dataclass(frozen=True, slots=True)
class MachineView:
    """One machine under the name it is shown by; only sources whose schema is known."""

    id: str
    name: str
    sources: tuple[SourceView, ...]

    @property
    def schemas(self) -> dict[str, Schema]:
        return {source.id: source.schema for source in self.sources if source.schema is not None}


@dataclass(slots=True)
class Floor:
    """All sources of a configuration document. `model` changes with what machines have, not with how they stand."""

    sources: dict[str, SourceView] = field(default_factory=dict)

    @classmethod
    def of(cls, config: GatewayConfig) -> "Floor":
        return cls({source.id: SourceView(source.id, source.machine) for source in config.sources})

    def take(self, seen: Seen) -> bool:
        """Whether it is of a source that is configured."""
        view = self.sources.get(seen.source)
        if view is not None:
            view.take(seen)
        return view is not None

    @property
    def model(self) -> tuple[tuple[str, bytes], ...]:
        """Which sources are known, and their schemas by hash."""
        return tuple((view.id, view.schema.hash) for view in self.sources.values() if view.schema is not None)

    def machines(self, names: Mapping[str, Any]) -> Sequence[MachineView]:
        """In the order of the document; `names` are by machine id, without one a machine is shown by its id."""
        found: dict[str, list[SourceView]] = {}
        for view in self.sources.values():
            if view.schema is not None:
                found.setdefault(view.machine, []).append(view)
        views: list[MachineView] = []
        for machine, sources in found.items():
            told = names.get(machine)
            name = told.strip()[:80] if isinstance(told, str) and told.strip() else machine
            if any(view.name == name for view in views):
                name = machine
            views.append(MachineView(machine, name, tuple(sources)))
        return views
