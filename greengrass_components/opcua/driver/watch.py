"""Monitored items: the newest value of every node as the server reports it, and whether it still reports at all."""

from collections.abc import Sequence
from typing import Any, Final

from asyncua import ua
from asyncua.common.subscription import Subscription

from greengrass_components.edge_kit.driver import DriverError
from greengrass_components.opcua.driver.conditions import Conditions, event_filter
from greengrass_components.opcua.driver.session import RequestRefused, Session

MOST_ITEMS: Final = 200
"""Monitored items created in one request."""
KEEP_ALIVE_S: Final = 5.0
STALE_MARGIN: Final = 2.5


class Watch:
    """One subscription. What the server will not monitor is in `unwatched` and must be read."""

    def __init__(self, session: Session, *, publish_ms: float, sampling_ms: float, queue: int) -> None:
        self._session = session
        self._publish_ms, self._sampling_ms, self._queue = publish_ms, sampling_ms, queue
        self._subscription: Subscription | None = None
        self.latest: dict[ua.NodeId, ua.DataValue] = {}
        self.unwatched: list[ua.NodeId] = []
        self.conditions: Conditions | None = None
        self._ended = ""

    # What asyncua calls for each notification.
    def datachange_notification(self, node: Any, value: Any, data: Any) -> None:
        del value
        self.latest[node.nodeid] = data.monitored_item.Value

    def event_notification(self, event: Any) -> None:
        if self.conditions is not None:
            self.conditions.heard([field.Value for field in event.event_fields or ()])

    def status_change_notification(self, status: Any) -> None:
        self._ended = str(getattr(status, "Status", status))

    async def begin(self, nodes: Sequence[ua.NodeId]) -> None:
        """Subscribe to `nodes`. Raises DriverError when the session is lost."""
        self.unwatched = list(nodes)
        try:
            self._subscription = await self._session.ask(
                self._session.client.create_subscription(self._parameters(), self)
            )
        except RequestRefused:
            return  # no subscription to be had (BadTooManySubscriptions, or none at all): everything is read
        unwatched: list[ua.NodeId] = []
        most, waiting = MOST_ITEMS, list(nodes)
        while waiting:
            batch, waiting = waiting[:most], waiting[most:]
            try:
                results = await self._monitor(batch)
            except RequestRefused:
                if len(batch) == 1:
                    unwatched += batch
                else:
                    most, waiting = len(batch) // 2, [*batch, *waiting]
                continue
            unwatched += [
                node for node, result in zip(batch, results, strict=True) if isinstance(result, ua.StatusCode)
            ]
        self.unwatched = unwatched

    async def begin_events(self, node: ua.NodeId, conditions: Conditions) -> bool:
        """Hear alarms of `node`, else of the server; False where there are none to hear."""
        if self._subscription is None:
            return False
        wanted = event_filter(self._session.namespaces)
        self.conditions = conditions
        for notifier in dict.fromkeys((node, ua.NodeId(ua.ObjectIds.Server))):
            try:
                await self._session.ask(self._subscription.subscribe_events(notifier, evfilter=wanted, queuesize=100))
            except RequestRefused:
                continue
            return True
        return False

    async def refresh(self) -> bool:
        """Have the server tell every alarm that stands: the one method this component calls. False if it has none."""
        if self._subscription is None:
            return False
        call = ua.CallMethodRequest()
        call.ObjectId = ua.NodeId(ua.ObjectIds.ConditionType)
        call.MethodId = ua.NodeId(ua.ObjectIds.ConditionType_ConditionRefresh)
        call.InputArguments = [ua.Variant(self._subscription.subscription_id, ua.VariantType.UInt32)]
        try:
            results = await self._session.ask(self._session.client.uaclient.call([call]))
        except RequestRefused:
            return False
        return bool(results[0].StatusCode.is_good())

    def check(self) -> None:
        """Raises DriverError when the server has stopped reporting."""
        if not self._session.alive:
            raise DriverError("the connection to the server was lost")
        if self._ended:
            raise DriverError(f"the server ended the subscription: {self._ended}")
        if self._subscription is not None and self._subscription.is_stale(STALE_MARGIN):
            raise DriverError(
                f"the server sent neither values nor a sign of life for {KEEP_ALIVE_S * STALE_MARGIN:g} s"
            )

    async def _monitor(self, nodes: Sequence[ua.NodeId]) -> list[Any]:
        assert self._subscription is not None
        found: list[Any] = await self._session.ask(
            self._subscription.subscribe_data_change(
                [self._session.client.get_node(node) for node in nodes],
                queuesize=self._queue,
                sampling_interval=self._sampling_ms,
            )
        )
        return found

    def _parameters(self) -> ua.CreateSubscriptionParameters:
        wanted = ua.CreateSubscriptionParameters()
        wanted.RequestedPublishingInterval = self._publish_ms
        alive = max(1, round(KEEP_ALIVE_S * 1000 / self._publish_ms))
        wanted.RequestedMaxKeepAliveCount, wanted.RequestedLifetimeCount = alive, 10 * alive
        wanted.MaxNotificationsPerPublish, wanted.PublishingEnabled = 0, True
        return wanted
