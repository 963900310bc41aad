"""Reading many nodes in few requests, however little the server allows.

A request the server finds too large is halved, and the size that worked is kept. A request that fails for another
reason is halved until the node that spoils it stands alone: that one is bad, all others are read.
"""

from collections.abc import Sequence
from typing import Final

from asyncua import ua

from greengrass_components.opcua.driver.session import RequestRefused, Session

MOST_NODES: Final = 500
ALONE_AGAIN: Final = 60
"""A node that spoiled a request is asked for, alone, every so many reads."""
_TOO_LARGE: Final = {
    "BadTooManyOperations", "BadRequestTooLarge", "BadResponseTooLarge", "BadEncodingLimitsExceeded",
    "BadTcpMessageTooLarge", "BadOutOfMemory", "BadResourceUnavailable", "BadTcpNotEnoughResources",
}  # fmt: skip


class BatchReader:
    """Reads nodes of one session. `most` is what one request may hold."""

    def __init__(self, session: Session, *, most: int = MOST_NODES) -> None:
        self._session = session
        self.most = most
        self._alone: dict[ua.NodeId, int] = {}

    @property
    def spoilers(self) -> frozenset[ua.NodeId]:
        """Nodes that spoil a request they are in."""
        return frozenset(self._alone)

    async def read(self, nodes: Sequence[ua.NodeId]) -> dict[ua.NodeId, ua.DataValue]:
        """A value, or a bad status, for every node. Raises DriverError when the session is lost."""
        found: dict[ua.NodeId, ua.DataValue] = {}
        together = [node for node in nodes if node not in self._alone]
        waiting = [together[at : at + self.most] for at in range(0, len(together), self.most)]
        waiting += [[node] for node in nodes if node in self._alone and self._is_due(node)]
        while waiting:
            batch = waiting.pop(0)
            try:
                values = await self._session.read(batch)
            except RequestRefused as refusal:
                waiting[:0] = self._instead(batch, refusal, found)
            else:
                found.update(zip(batch, values, strict=True))
                if len(batch) == 1:
                    self._alone.pop(batch[0], None)
        for node in nodes:
            found.setdefault(node, bad(ua.StatusCodes.BadWaitingForResponse))
        return found

    def _is_due(self, node: ua.NodeId) -> bool:
        self._alone[node] += 1
        return self._alone[node] % ALONE_AGAIN == 0

    def _instead(
        self, batch: list[ua.NodeId], refusal: RequestRefused, found: dict[ua.NodeId, ua.DataValue]
    ) -> list[list[ua.NodeId]]:
        if len(batch) == 1:
            self._alone.setdefault(batch[0], 0)
            found[batch[0]] = bad(refusal.code or ua.StatusCodes.BadDecodingError)
            return []
        half = len(batch) // 2
        if refusal.name in _TOO_LARGE:
            self.most = min(self.most, max(1, half))
        return [batch[:half], batch[half:]]


def bad(code: int) -> ua.DataValue:
    """A value that could not be had."""
    return ua.DataValue(StatusCode=ua.StatusCode(code))
