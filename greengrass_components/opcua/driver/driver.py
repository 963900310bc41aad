"""The OPC UA driver: a machine tool by its companion specification, anything else by a node map; it never writes.

- Subscribed values are what the server reported last, while it shows that it is alive; what it will not monitor is
  read in batches each tick, and so is everything where the source asks for reading.
- A bad status makes an item None, an uncertain one leaves its value: the row is UNCERTAIN, and BAD without any value.
- A lost session, or a subscription that ended or fell silent, is an unread tick and a new connection.
"""

import logging
from datetime import UTC, datetime
from typing import Any, Final

from asyncua import ua

from cnc.domain.base.clock import to_ms
from cnc.domain.base.errors import BadValue
from cnc.domain.telemetry.facts import Quality
from cnc.domain.telemetry.schema import Schema
from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.edge_kit.driver import Driver, DriverError, Reading
from greengrass_components.edge_kit.unusable import Unusable
from greengrass_components.opcua.driver import facts
from greengrass_components.opcua.driver.browse import find_machine
from greengrass_components.opcua.driver.companion import model_of
from greengrass_components.opcua.driver.conditions import Conditions
from greengrass_components.opcua.driver.model import PROGRAM_NAME, Model
from greengrass_components.opcua.driver.node_map import MapItem, load_map, parse_map, resolve
from greengrass_components.opcua.driver.reader import BatchReader
from greengrass_components.opcua.driver.session import Session
from greengrass_components.opcua.driver.watch import Watch
from greengrass_components.opcua.errors import BadSettings
from greengrass_components.opcua.settings import Settings, settings_of

log = logging.getLogger(__name__)

MOST_SKEW_MS: Final = 2_000
LEAST_PUBLISH_MS: Final = 50.0
_UNCERTAIN: Final = 0x40000000
_SEVERITY_BITS: Final = 0xC0000000


class OpcUaDriver:
    """One source. Made by `open_driver`."""

    def __init__(self, settings: Settings, items: tuple[MapItem, ...]) -> None:
        self._settings, self._items = settings, items
        self._session = Session(settings)
        self._model = Model()
        self._schema: Schema | None = None
        self._reader = BatchReader(self._session)
        self._watch: Watch | None = None
        self._conditions = Conditions()
        self._started: Any = None
        self._facts: tuple[Any, dict[str, dict[str, Any]]] = (None, {})
        self._bad: frozenset[str] = frozenset()
        self.skew_ms = 0
        """How far the newest time stamp of the server is ahead of the gateway's clock."""

    @property
    def schema(self) -> Schema | None:
        return self._schema

    async def connect(self) -> Schema:
        await self._session.open()
        self._model = await self._find()
        try:
            self._schema = self._model.schema
        except BadValue as error:
            raise DriverError(f"{self._settings.url}: {error}: give it a node map") from error
        self._reader = BatchReader(self._session)
        await self._subscribe()
        self._facts = (None, {})
        return self._schema

    async def read(self, *, tick_ms: int) -> Reading:
        values = await self._values()
        raw, sound = {}, True
        bad: list[str] = []
        for role, node in self._model.nodes.items():
            value = values.get(node)
            quality = _quality(value)
            raw[role] = value.Value.Value if quality is not Quality.BAD and value and value.Value is not None else None
            sound = sound and quality is Quality.GOOD
            if quality is Quality.BAD:
                bad.append(role)
        self._tell(bad)
        self._measure_skew(values.values(), tick_ms)
        row = [column.scaled(raw) for column in self._model.columns]
        if all(value is None for value in row):
            quality = Quality.BAD
        else:
            quality = Quality.GOOD if sound and None not in row else Quality.UNCERTAIN
        if self._conditions.refresh_wanted and self._watch is not None:
            self._conditions.refresh_wanted = False
            await self._watch.refresh()
        return Reading(row, int(quality), self._facts_of(row, raw.get(PROGRAM_NAME)), self._conditions.alarms)

    async def close(self) -> None:
        self._watch = None
        await self._session.close()

    async def _find(self) -> Model:
        """What the companion specifications tell, and the node map on top of it."""
        model = Model()
        if self._settings.companion:
            tree = await find_machine(self._session, name=self._settings.name)
            if tree is not None:
                model = model_of(tree)
        try:
            return model.with_more(resolve(self._items, self._session.namespaces)) if self._items else model
        except BadSettings as error:
            raise DriverError(str(error)) from error

    async def _subscribe(self) -> None:
        watch = Watch(
            self._session,
            publish_ms=max(LEAST_PUBLISH_MS, self._settings.period_ms / 2),
            sampling_ms=self._settings.sampling_ms,
            queue=self._settings.queue,
        )
        nodes = list(dict.fromkeys(self._model.nodes.values())) if self._settings.subscribe else []
        await watch.begin(nodes)
        if not self._settings.subscribe:
            watch.unwatched = list(dict.fromkeys(self._model.nodes.values()))
        elif watch.unwatched:
            log.info("source %s: %d of %d nodes are read", self._settings.source, len(watch.unwatched), len(nodes))
        self._watch = watch
        # The first row must not wait for the first notification of every node.
        for node, value in (await self._reader.read(nodes)).items():
            watch.latest.setdefault(node, value)
        await self._hear_alarms(watch)

    async def _hear_alarms(self, watch: Watch) -> None:
        start = (await self._reader.read([_STARTED]))[_STARTED]
        if not await watch.begin_events(self._model.events, self._conditions):
            return
        refreshed = await watch.refresh()
        started = start.Value.Value if start.Value is not None else None
        if not refreshed and started != self._started:
            self._conditions.forget()
        self._started = started

    async def _values(self) -> dict[ua.NodeId, ua.DataValue]:
        watch = self._watch
        if watch is None:
            raise DriverError(f"not connected to {self._settings.url}")
        watch.check()
        if not watch.unwatched:
            return watch.latest
        return {**watch.latest, **await self._reader.read(watch.unwatched)}

    def _facts_of(self, row: list[int | None], program: Any) -> dict[str, dict[str, Any]]:
        """The same object while nothing of it changed."""
        assert self._schema is not None
        index = self._schema.index
        name = program if isinstance(program, str) else None
        key = (tuple(row[index[k]] if k in index else None for k in facts.KEYS), name, self._conditions.fault)
        if key != self._facts[0]:
            shown = {k: self._schema.signals[index[k]].value(row[index[k]]) for k in facts.KEYS if k in index}
            self._facts = (key, facts.facts_of(shown, program=name, fault=self._conditions.fault))
        return self._facts[1]

    def _tell(self, bad: list[str]) -> None:
        """Say once which items cannot be read, and once that they can again."""
        now = frozenset(bad)
        if now != self._bad:
            if now - self._bad:
                log.warning("source %s: unreadable: %s", self._settings.source, ", ".join(sorted(now - self._bad)))
            self._bad = now

    def _measure_skew(self, values: Any, tick_ms: int) -> None:
        """Rows carry the gateway's time; a server whose clock is far off is only said to be."""
        stamps = [value.ServerTimestamp or value.SourceTimestamp for value in values]
        newest = max((stamp for stamp in stamps if isinstance(stamp, datetime)), default=None)
        if newest is None:
            return
        was, self.skew_ms = self.skew_ms, max(0, _ms(newest) - tick_ms)
        if self.skew_ms > MOST_SKEW_MS >= was:
            log.warning("source %s: the server's clock is %d ms ahead", self._settings.source, self.skew_ms)


_STARTED: Final = ua.NodeId(ua.ObjectIds.Server_ServerStatus_StartTime)


def _ms(stamp: datetime) -> int:
    return to_ms(stamp if stamp.tzinfo is not None else stamp.replace(tzinfo=UTC))


def _quality(value: ua.DataValue | None) -> Quality:
    """Of one item, by its status code."""
    if value is None:
        return Quality.BAD
    status = value.StatusCode
    if status is None or status.is_good():
        return Quality.GOOD
    return Quality.UNCERTAIN if status.value & _SEVERITY_BITS == _UNCERTAIN else Quality.BAD


def open_driver(config: SourceConfig) -> Driver:
    """The driver of a source; its settings are those of `opcua.settings`."""
    try:
        settings = settings_of(config)
        items: tuple[MapItem, ...] = ()
        if settings.map:
            items = load_map(settings.map)
        elif settings.nodes:
            items = parse_map(settings.nodes, name="nodes")
    except BadSettings as error:
        return Unusable(str(error))
    return OpcUaDriver(settings, items)
