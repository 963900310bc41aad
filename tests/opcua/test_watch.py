"""Servers that allow little: what is not monitored is read."""

from collections.abc import Sequence
from typing import Any

import pytest
from asyncua import ua

from greengrass_components.edge_kit.driver import DriverError
from greengrass_components.opcua.driver.conditions import Conditions
from greengrass_components.opcua.driver.session import RequestRefused
from greengrass_components.opcua.driver.watch import MOST_ITEMS, Watch

NODES = [ua.NodeId(number, 2) for number in range(MOST_ITEMS + 50)]


class Server:
    """A session whose server takes `items` monitored items in all and `per_request` at once; no subscription for 0."""

    def __init__(self, *, items: int, per_request: int = 1_000) -> None:
        self.items, self.per_request = items, per_request
        self.alive = True
        self.namespaces: list[str] = []
        self.client = self
        self.subscription_id = 1

    async def ask(self, request: Any) -> Any:
        return await request

    def get_node(self, node: ua.NodeId) -> ua.NodeId:
        return node

    async def create_subscription(self, parameters: Any, handler: Any) -> "Server":
        if self.items == 0:
            raise RequestRefused("BadTooManySubscriptions", ua.StatusCodes.BadTooManySubscriptions)
        return self

    async def subscribe_data_change(self, nodes: Sequence[Any], **more: Any) -> list[Any]:
        if len(nodes) > self.per_request:
            raise RequestRefused("BadTooManyOperations", ua.StatusCodes.BadTooManyOperations)
        found: list[Any] = []
        for number, _ in enumerate(nodes):
            full = self.items <= 0
            found.append(ua.StatusCode(ua.StatusCodes.BadTooManyMonitoredItems) if full else number)
            self.items -= 1
        return found

    def is_stale(self, margin: float) -> bool:
        return False


def watching(server: Server) -> Watch:
    return Watch(server, publish_ms=500, sampling_ms=500, queue=2)  # type: ignore[arg-type]


async def test_what_is_beyond_the_servers_items_is_read_and_nothing_else() -> None:
    watch = watching(Server(items=120))
    await watch.begin(NODES)
    assert watch.unwatched == NODES[120:]


async def test_a_server_without_subscriptions_is_read() -> None:
    watch = watching(Server(items=0))
    await watch.begin(NODES)
    assert watch.unwatched == NODES
    assert not await watch.begin_events(NODES[0], Conditions())
    watch.check()


async def test_a_request_for_too_many_items_is_made_smaller() -> None:
    watch = watching(Server(items=10_000, per_request=30))
    await watch.begin(NODES)
    assert watch.unwatched == []


async def test_a_subscription_the_server_ends_is_a_lost_connection() -> None:
    watch = watching(Server(items=10))
    await watch.begin(NODES[:5])
    watch.check()
    watch.status_change_notification(ua.StatusChangeNotification(Status=ua.StatusCode(ua.StatusCodes.BadTimeout)))
    with pytest.raises(DriverError, match="ended the subscription"):
        watch.check()


def event(
    kind: int, *, active: bool | None = True, retain: bool = True, node: str = "c1", code: str = "SV0410"
) -> list[Any]:
    condition = ua.NodeId(node, 2) if kind == ua.ObjectIds.AlarmConditionType else None
    head = [ua.NodeId(kind), "Machine", None, ua.LocalizedText("EXCESS ERROR"), 800]
    return [*head, "Servo", ua.NodeId(), retain, True, active, condition, code]


ALARM = ua.ObjectIds.AlarmConditionType


def test_a_refresh_ends_what_it_does_not_tell() -> None:
    conditions = Conditions()
    conditions.heard(event(ALARM))
    conditions.heard(event(ALARM, node="c2", code="1005"))
    assert {(a["type"], a["number"]) for a in conditions.alarms.values()} == {("SV", 410), ("Servo", 1005)}
    conditions.heard(event(ua.ObjectIds.RefreshStartEventType))
    conditions.heard(event(ALARM, node="c2", code="1005"))
    conditions.heard(event(ua.ObjectIds.RefreshEndEventType))
    assert [alarm["number"] for alarm in conditions.alarms.values()] == [1005]
    conditions.heard(event(ua.ObjectIds.RefreshRequiredEventType))
    assert conditions.refresh_wanted


def test_a_condition_without_an_active_state_stands_while_it_is_retained() -> None:
    conditions = Conditions()
    conditions.heard(event(ALARM, active=None))
    assert conditions.fault
    conditions.heard(event(ALARM, active=None, retain=False))
    assert not conditions.alarms


def test_a_plain_event_and_an_event_of_another_shape_are_no_alarms() -> None:
    conditions = Conditions()
    conditions.heard(event(ua.ObjectIds.BaseEventType))
    conditions.heard([])
    assert not conditions.alarms
