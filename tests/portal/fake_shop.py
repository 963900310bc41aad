"""A shop in memory, shaped as the resolvers of graphql/schema.graphql: dicts, and functions where arguments count."""

import asyncio
import math
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

SITE = {"id": "s_0000000000000001", "name": "Plant Stuttgart", "timeZone": "Europe/Berlin"}
SIGNALS = [
    ("s1.load", "PERCENT", 52.0, 30.0),
    ("s1.rotary_velocity.actual", "REVOLUTION/MINUTE", 7200.0, 900.0),
    ("path1.path_feedrate.actual", "MILLIMETER/SECOND", 24.0, 12.0),
    ("x.position.actual", "MILLIMETER", 0.0, 180.0),
    ("z.load", "PERCENT", 31.0, 14.0),
    ("s1.temperature", "CELSIUS", 41.0, 3.0),
    ("energy.wattage", "WATT", 5400.0, 2600.0),
]
# name, kind, cell, tile state, execution, minutes in it, minutes since the last row, parts made, parts wanted
MACHINES = [
    ("Mill 01", "mill", "Cell A · Milling", "ACTIVE", "ACTIVE", 18, 0, 148, 240),
    ("Mill 02", "mill", "Cell A · Milling", "ALARM", "STOPPED", 6, 0, 61, 180),
    ("Mill 03", "mill", "Cell A · Milling", "SETUP", "OPTIONAL_STOP", 4, 0, 12, 90),
    ("5-axis 01", "five_axis", "Cell A · Milling", "ACTIVE", "ACTIVE", 141, 0, 9, 24),
    ("Lathe 01", "lathe", "Cell B · Turning", "ACTIVE", "ACTIVE", 3, 0, 402, 400),
    ("Lathe 02", "lathe", "Cell B · Turning", "IDLE", "READY", 34, 0, 233, 400),
    ("Lathe 03", "lathe", "Cell B · Turning", "BLOCKED", "WAIT", 2, 0, 310, 400),
    ("Lathe 04", "lathe", "Cell B · Turning", "OFFLINE", "UNAVAILABLE", 3000, 3000, 77, 400),
]
TIMELINE = [
    ("READY", 50),
    ("ACTIVE", 260),
    ("FEED_HOLD", 20),
    ("ACTIVE", 330),
    ("READY", 90),
    ("ACTIVE", 400),
    ("WAIT", 40),
]


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def machine_id(number: int) -> str:
    return f"m_{number:016d}"


def value_at(signal: int, at_s: float) -> float:
    """A curve that looks like cutting; reproducible from its time."""
    _, _, middle, swing = SIGNALS[signal]
    slow = math.sin(at_s / 17 + signal)
    fast = math.sin(at_s / 1.9 + 2 * signal) * 0.3
    return round(middle + swing * (0.7 * slow + fast), 2)


class FakeShop:
    """Machines of one tenant. `emit` reaches whoever subscribed; everything runs on the loop of the server."""

    def __init__(self, *, now: datetime) -> None:
        self.now = now
        self.machines = [self._machine(number, *row) for number, row in enumerate(MACHINES, start=1)]
        self.alarms = self._alarms()
        self.watched: list[str] = []
        self.fail_with: str | None = None
        self._listeners: set[asyncio.Queue[dict[str, Any]]] = set()

    def _machine(self, number: int, name: str, kind: str, cell: str, tile: str, execution: str, minutes: int, silent: int, made: int, wanted: int) -> dict[str, Any]:  # fmt: skip
        return {
            "id": machine_id(number), "name": name, "kind": kind, "cell": cell, "site": SITE,
            "simulated": number != 5, "execution": execution, "tileState": tile,
            "stateSince": stamp(self.now - timedelta(minutes=minutes)),
            "lastSeen": stamp(self.now - timedelta(minutes=silent)),
            "program": f"O{1000 + 7 * number}", "tool": 3 + number, "partCount": made, "partTarget": wanted,
            "overrides": {"feed": 100.0, "rapid": 50.0, "spindle": 110.0},
            "signals": [{"key": key, "unit": unit, "kind": "number"} for key, unit, _, _ in SIGNALS]
            + [{"key": "controller.mode", "unit": "", "kind": "text"}],
            "latest": self._latest, "quarantined": 0,
            "alarms": lambda _info, **_: [alarm for alarm in self.alarms if alarm["machineId"] == machine_id(number)],
            "completeness": self._completeness, "stateTimeline": self._timeline,
        }  # fmt: skip

    def _alarms(self) -> list[dict[str, Any]]:
        def alarm(
            number: int, machine: int, code: str, kind: str, text: str, minutes: int, lasted: int | None
        ) -> dict[str, Any]:
            raised = self.now - timedelta(minutes=minutes)
            return {
                "id": f"a_{number:016d}", "machineId": machine_id(machine), "number": code, "type": kind, "text": text,
                "axis": "X" if kind == "SERVO" else None, "active": lasted is None, "raisedAt": stamp(raised),
                "clearedAt": None if lasted is None else stamp(raised + timedelta(minutes=lasted)),
            }  # fmt: skip

        return [
            alarm(1, 2, "411", "SERVO", "SERVO ALARM: X AXIS EXCESS ERROR", 6, None),
            alarm(2, 1, "1006", "EXTERNAL", "COOLANT LEVEL LOW", 210, 4),
            alarm(3, 6, "2010", "OPERATOR", "CHUCK NOT CLAMPED", 300, 11),
        ]

    def _latest(self, _info: Any) -> list[dict[str, Any]]:
        at = datetime.now(UTC)
        values: list[dict[str, Any]] = [
            {"signal": key, "value": value_at(index, at.timestamp()), "unit": unit, "at": stamp(at), "quality": "GOOD"}
            for index, (key, unit, _, _) in enumerate(SIGNALS)
        ]
        values[-1] |= {"value": None, "quality": "UNAVAILABLE", "at": stamp(at - timedelta(minutes=9))}
        mode = {"signal": "controller.mode", "value": "AUTOMATIC", "unit": "", "at": stamp(at), "quality": "GOOD"}
        return [*values, mode]

    def _completeness(self, _info: Any, **period: datetime) -> dict[str, Any]:
        gap = {"source": "d_0000000000000001", "firstSeq": 101, "lastSeq": 112, "reason": "disk_full"}
        gap |= {"from": stamp(self.now - timedelta(minutes=41)), "to": stamp(self.now - timedelta(minutes=40))}
        return {"produced": 3600, "stored": 3588, "declaredGaps": 12, "missing": 0, "duplicates": 60, "gaps": [gap]}

    def _timeline(self, _info: Any, **period: datetime) -> list[dict[str, Any]]:
        start, intervals = self.now - timedelta(hours=23, minutes=10), []
        for execution, minutes in TIMELINE:
            end = start + timedelta(minutes=minutes)
            intervals.append({"execution": execution, "from": stamp(start), "to": stamp(end)})
            start = end + timedelta(minutes=25 if execution == "FEED_HOLD" else 0)
        return intervals

    def root(self) -> dict[str, Any]:
        """What graphql-core resolves from."""
        return {
            "viewer": {"tenantId": "t_0000000000000001", "tenantName": "Precision Parts GmbH", "userId": "u_0000000000000001",
                       "name": "Mia Sommer", "roles": ["owner"]},
            "sites": [SITE],
            "machines": self._machines,
            "machine": lambda _info, id: next((m for m in self.machines if m["id"] == id), None),
            "gateways": [
                {"id": "g_0000000000000001", "name": "Gateway hall 1", "site": SITE, "lastSeen": stamp(datetime.now(UTC)), "configVersion": 3, "appliedVersion": 3},
                {"id": "g_0000000000000002", "name": "Gateway hall 2", "site": SITE, "lastSeen": stamp(self.now - timedelta(hours=50)), "configVersion": 4, "appliedVersion": 3},
            ],
            "alarms": lambda _info, active=None, **_: [a for a in self.alarms if active in (None, a["active"])],
            "series": self._series,
            "watchMachine": self._watch,
            "machineState": lambda _info, **_: self._states(),
            "liveSignals": lambda _info, machineId: self._live(machineId),
        }  # fmt: skip

    def _machines(self, _info: Any, **_: Any) -> list[dict[str, Any]]:
        if self.fail_with is not None:
            raise RuntimeError(self.fail_with)
        return self.machines

    def _series(
        self, _info: Any, machineId: str, signals: list[str], resolutionS: int, **period: Any
    ) -> dict[str, Any]:  # noqa: N803
        start, end = (datetime.fromisoformat(period[name]).timestamp() for name in ("from", "to"))
        index_of = {key: index for index, (key, _, _, _) in enumerate(SIGNALS)}
        stamps = range(int(start), int(end), resolutionS)
        gap = (start + (end - start) * 0.4, start + (end - start) * 0.45)  # nothing was read here
        columns = {
            key: [None if gap[0] < at < gap[1] else value_at(index_of[key], at) for at in stamps] for key in signals
        }
        return {"timestamps": [stamp(datetime.fromtimestamp(at, UTC)) for at in stamps], "columns": columns}

    def _watch(self, _info: Any, id: str) -> str:
        self.watched.append(id)
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
        while True:
            at = datetime.now(UTC)
            columns = {key: [value_at(index, at.timestamp())] for index, (key, _, _, _) in enumerate(SIGNALS)}
            yield {"liveSignals": {"machineId": machine, "at": stamp(at), "columns": columns}}
            await asyncio.sleep(1)

    def change(self, machine: str, *, tile: str, execution: str, **more: Any) -> None:
        """One machine changes state; call on the server's loop."""
        found = next(m for m in self.machines if m["id"] == machine)
        at = stamp(datetime.now(UTC))
        found |= {"tileState": tile, "execution": execution, "stateSince": at, "lastSeen": at, **more}
        event = {key: found[key] for key in ("execution", "tileState", "program", "partCount", "tool")}
        for queue in self._listeners:
            queue.put_nowait({"machineId": machine, "at": at, **event})
