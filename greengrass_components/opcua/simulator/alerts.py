"""Alarms of the machine as AlertType conditions (40501-1), with ConditionRefresh.

An event reaches whoever listens at the machine's Messages or at the server itself, as events propagate upwards.
"""

import uuid
from datetime import UTC, datetime
from typing import Any, Final

from asyncua import Server, ua, uamethod
from asyncua.common import event_objects

from greengrass_components.opcua.simulator.control import Control

#: Letters of the alarm types of 30i, 31i, 32i, 0i-D and 0i-F, as their screens show them.
LETTERS: Final = {
    0: "SW", 1: "PW", 2: "IO", 3: "PS", 4: "OT", 5: "OH", 6: "SV", 7: "SR", 8: "MC", 9: "SP", 10: "DS", 11: "IE",
    12: "BG", 13: "SN", 15: "EX", 19: "PC",
}  # fmt: skip
STOPPING: Final = 800
"""Severity: an alarm that stops production is in the upper third of 1 to 1000."""
Key = tuple[int, int, int]


class Alerts:
    """`refresh` sends an event for every alarm that came or went since the last one."""

    def __init__(self, server: Server, control: Control, *, alert_type: ua.NodeId, messages: ua.NodeId) -> None:
        self._server, self._control, self._type = server, control, alert_type
        self._notifiers = (messages, ua.NodeId(ua.ObjectIds.Server))
        self._standing: dict[Key, Any] = {}

    def link(self) -> None:
        """Answer ConditionRefresh."""
        method = self._server.get_node(ua.ObjectIds.ConditionType_ConditionRefresh)
        self._server.link_method(method, self._refresh_asked)

    async def refresh(self, now: datetime) -> None:
        alarms: dict[Key, Any] = {(alarm.type, alarm.number, alarm.axis): alarm for alarm in self._control.alarms}
        for key, event in [row for row in self._standing.items() if row[0] not in alarms]:
            del self._standing[key]
            await self._send(self._changed(event, active=False, now=now))
        for key, alarm in alarms.items():
            if key not in self._standing:
                self._standing[key] = self._made(key, alarm.text)
                await self._send(self._changed(self._standing[key], active=True, now=now))

    def _made(self, key: Key, text: str) -> Any:
        kind, number, axis = key
        code = f"{LETTERS.get(kind, str(kind))}{number:04d}"
        event = event_objects.AlarmCondition(message=text, severity=STOPPING)
        event.EventType = self._type
        event.add_property("NodeId", None, ua.VariantType.NodeId)
        event.add_property("ErrorCode", code, ua.VariantType.String)
        messages = self._notifiers[0]
        event.NodeId = ua.NodeId(f"{messages.Identifier}/{code}.{axis}", messages.NamespaceIndex)
        event.SourceNode, event.SourceName = messages, "Messages"
        event.ConditionName, event.BranchId = code, ua.NodeId()
        event.ConditionClassId = ua.NodeId(ua.ObjectIds.ProcessConditionClassType)
        event.ConditionClassName = ua.LocalizedText("ProcessConditionClassType")
        event.EnabledState = ua.LocalizedText("Enabled")
        setattr(event, "EnabledState/Id", True)
        event.Quality, event.LastSeverity = ua.StatusCode(ua.StatusCodes.Good), STOPPING
        return event

    @staticmethod
    def _changed(event: Any, *, active: bool, now: datetime) -> Any:
        event.Retain = active
        event.ActiveState = ua.LocalizedText("Active" if active else "Inactive")
        event.AckedState = ua.LocalizedText("Acknowledged")
        setattr(event, "ActiveState/Id", active)
        setattr(event, "AckedState/Id", True)
        event.Time, event.ReceiveTime = now, datetime.now(UTC)
        event.EventId = uuid.uuid4().bytes
        return event

    async def _send(self, event: Any, subscription: int | None = None) -> None:
        subscriptions = self._server.iserver.subscription_service.subscriptions
        for number, held in list(subscriptions.items()):
            if subscription is not None and number != subscription:
                continue
            for notifier in self._notifiers:
                event.emitting_node = notifier
                await held.monitored_item_srv.trigger_event(event)

    @uamethod  # type: ignore[untyped-decorator]
    async def _refresh_asked(self, parent: Any, subscription: int) -> ua.StatusCode | None:
        del parent
        if subscription not in self._server.iserver.subscription_service.subscriptions:
            return ua.StatusCode(ua.StatusCodes.BadSubscriptionIdInvalid)
        now = datetime.now(UTC)
        start, end = event_objects.RefreshStartEvent(), event_objects.RefreshEndEvent()
        for event in (start, *self._standing.values(), end):
            if event in (start, end):
                event.SourceNode, event.SourceName = self._notifiers[1], "Server"
                event.Time = event.ReceiveTime = now
                event.EventId = uuid.uuid4().bytes
            await self._send(event, subscription)
        return None
