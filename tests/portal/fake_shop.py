"""A shop in memory, shaped as graphql-core resolves it: dicts, and functions where arguments count."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from cnc.domain.identity.permissions import permissions_of
from tests.portal.fixtures import ALARMS, MACHINES, SIGNALS, SITE, TIMELINE, machine_id, stamp, value_at

FRAME_EVERY_S = 0.25


class StoreIsBusy(Exception):
    """What the shop raises while a test wants it to fail."""


class FakeShop:
    """Machines of one tenant. `change` reaches whoever subscribed; everything runs on the loop of the server."""

    def __init__(self, *, now: datetime) -> None:
        self.now = now
        self.machines = [self._machine(number, *row) for number, row in enumerate(MACHINES, start=1)]
        self.alarms = [self._alarm(number, *row) for number, row in enumerate(ALARMS, start=1)]
        self.watched: list[str] = []
        self.busy = False
        self.streaming = 0  # live streams that run
        self.lost: dict[str, int] = {"declaredGaps": 12, "missing": 0}
        self.unobserved: list[dict[str, str]] = []
        self._listeners: set[asyncio.Queue[dict[str, Any]]] = set()

    def change(self, machine: str, *, tile: str, execution: str, **more: Any) -> None:
        """One machine changes state, and those who listen hear of it."""
        found = next(one for one in self.machines if one["id"] == machine)
        at = stamp(datetime.now(UTC))
        found.update({"tileState": tile, "execution": execution, "stateSince": at, "lastSeen": at, **more})
        event = {key: found[key] for key in ("execution", "tileState", "program", "partCount", "tool")}
        for queue in self._listeners:
            queue.put_nowait({"machineId": machine, "at": at, **event})

    def root(self) -> dict[str, Any]:
        """Root value of every operation."""
        return {
            "viewer": {
                "tenantId": "t_0000000000000001",
                "tenantName": "Precision Parts GmbH",
                "userId": "u_0000000000000001",
                "name": "Mia Sommer",
                "roles": ["owner"],
                "permissions": sorted(permissions_of(["owner"])),
            },
            "sites": [SITE],
            "machines": self._machines,
            "machine": lambda _info, **asked: next((one for one in self.machines if one["id"] == asked["id"]), None),
            "gateways": [self._gateway(1, timedelta(), 3), self._gateway(2, timedelta(hours=50), 4)],
            "alarms": lambda _info, active=None, **_: [one for one in self.alarms if active in (None, one["active"])],
            "series": self._series,
            "watchMachine": self._watch,
            "machineState": lambda _info, **_: self._states(),
            "liveSignals": lambda _info, **asked: self._live(asked["machineId"]),
        }

    def _machine(
        self,
        number: int,
        name: str,
        kind: str,
        cell: str,
        states: tuple[str, str],
        ages_min: tuple[int, int],
        *parts: int,
    ) -> dict[str, Any]:
        id_ = machine_id(number)
        signals = [{"key": key, "unit": unit, "kind": "number"} for key, unit, _, _ in SIGNALS]
        return {
            "id": id_,
            "name": name,
            "kind": kind,
            "cell": cell,
            "site": SITE,
            "simulated": number != 5,
            "tileState": states[0],
            "execution": states[1],
            "stateSince": stamp(self.now - timedelta(minutes=ages_min[0])),
            "lastSeen": stamp(self.now - timedelta(minutes=ages_min[1])),
            "program": f"O{1000 + 7 * number}",
            "tool": 3 + number,
            "partCount": parts[0],
            "partTarget": parts[1],
            "overrides": {"feed": 100.0, "rapid": 50.0, "spindle": 110.0},
            "signals": [*signals, {"key": "controller.mode", "unit": "", "kind": "text"}],
            "latest": self._latest,
            "quarantined": 0,
            "alarms": lambda _info, **_: [alarm for alarm in self.alarms if alarm["machineId"] == id_],
            "completeness": self._completeness,
            "stateTimeline": self._timeline,
        }

    def _alarm(
        self, number: int, machine: int, code: str, kind: str, text: str, raised_min: int, lasted_min: int | None
    ) -> dict[str, Any]:
        raised = self.now - timedelta(minutes=raised_min)
        return {
            "id": f"a_{number:016d}",
            "machineId": machine_id(machine),
            "number": code,
            "type": kind,
            "text": text,
            "axis": "X" if kind == "SERVO" else None,
            "active": lasted_min is None,
            "raisedAt": stamp(raised),
            "clearedAt": None if lasted_min is None else stamp(raised + timedelta(minutes=lasted_min)),
        }

    def _gateway(self, number: int, silent: timedelta, wanted: int) -> dict[str, Any]:
        return {
            "id": f"g_{number:016d}",
            "name": f"Gateway hall {number}",
            "site": SITE,
            "lastSeen": stamp(self.now - silent),
            "configVersion": wanted,
            "appliedVersion": 3,
        }

    def _latest(self, _info: Any) -> list[dict[str, Any]]:
        at = datetime.now(UTC)
        values: list[dict[str, Any]] = [
            {"signal": key, "value": value_at(index, at.timestamp()), "unit": unit, "at": stamp(at), "quality": "GOOD"}
            for index, (key, unit, _, _) in enumerate(SIGNALS)
        ]
        values[-1] |= {"value": None, "quality": "UNAVAILABLE", "at": stamp(at - timedelta(minutes=9))}
        mode = {"signal": "controller.mode", "value": "AUTOMATIC", "unit": "", "at": stamp(at), "quality": "GOOD"}
        return [*values, mode]

    def _completeness(self, _info: Any, **_period: datetime) -> dict[str, Any]:
        gap = {"source": "d_0000000000000001", "firstSeq": 101, "lastSeq": 112, "reason": "disk_full"}
        gap |= {"from": stamp(self.now - timedelta(minutes=41)), "to": stamp(self.now - timedelta(minutes=40))}
        declared = self.lost["declaredGaps"] > 0
        stored = 3600 - sum(self.lost.values())
        counts = {"produced": 3600, "stored": stored, "duplicates": 60, **self.lost}
        return {**counts, "gaps": [gap] if declared else [], "unobserved": self.unobserved}

    def _timeline(self, _info: Any, **_period: datetime) -> list[dict[str, Any]]:
        start, intervals = self.now - timedelta(hours=23, minutes=10), []
        for execution, minutes in TIMELINE:
            end = start + timedelta(minutes=minutes)
            intervals.append({"execution": execution, "from": stamp(start), "to": stamp(end)})
            start = end + timedelta(minutes=25 if execution == "FEED_HOLD" else 0)
        return intervals

    def _machines(self, _info: Any, **_: Any) -> list[dict[str, Any]]:
        if self.busy:
            raise StoreIsBusy("The store is busy; nothing was lost.")
        return self.machines

    def _series(self, _info: Any, **asked: Any) -> dict[str, Any]:
        start, end = (int(datetime.fromisoformat(asked[name]).timestamp()) for name in ("from", "to"))
        index_of = {key: index for index, (key, _, _, _) in enumerate(SIGNALS)}
        stamps = range(start, end, asked["resolutionS"])
        dark = range(start + (end - start) * 40 // 100, start + (end - start) * 45 // 100)  # nothing was read here
        columns = {
            key: [None if at in dark else value_at(index_of[key], at) for at in stamps] for key in asked["signals"]
        }
        return {"timestamps": [stamp(datetime.fromtimestamp(at, UTC)) for at in stamps], "columns": columns}

    def _watch(self, _info: Any, **asked: Any) -> str:
        self.watched.append(asked["id"])
        return stamp(datetime.now(UTC) + timedelta(seconds=60))

    async def _states(self) -> AsyncIterator[dict[str, Any]]:
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            while True:
                yield {"machineState": await queue.get()}
        finally:
            self._listeners.discard(queue)

    async def _live(self, machine: str) -> AsyncIterator[dict[str, Any]]:
        self.streaming += 1
        try:
            while True:
                at = datetime.now(UTC)
                columns = {key: [value_at(index, at.timestamp())] for index, (key, _, _, _) in enumerate(SIGNALS)}
                yield {"liveSignals": {"machineId": machine, "at": stamp(at), "columns": columns}}
                await asyncio.sleep(FRAME_EVERY_S)
        finally:
            self.streaming -= 1
