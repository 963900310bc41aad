"""However little a server allows, everything it can tell is read."""

from collections.abc import Sequence

import pytest
from asyncua import ua

from greengrass_components.edge_kit.driver import DriverError
from greengrass_components.opcua.driver.reader import ALONE_AGAIN, BatchReader
from greengrass_components.opcua.driver.session import RequestRefused

NODES = [ua.NodeId(number, 2) for number in range(40)]


class Server:
    """Answers with the node's number; refuses requests that are too large or hold a node it stumbles over."""

    def __init__(self, *, most: int = 1000, stumbles: Sequence[int] = ()) -> None:
        self.most, self.stumbles = most, set(stumbles)
        self.requests: list[int] = []

    async def read(self, nodes: Sequence[ua.NodeId]) -> list[ua.DataValue]:
        self.requests.append(len(nodes))
        if len(nodes) > self.most:
            raise RequestRefused("BadTooManyOperations", ua.StatusCodes.BadTooManyOperations)
        if any(node.Identifier in self.stumbles for node in nodes):
            raise RequestRefused("BadInternalError", ua.StatusCodes.BadInternalError)
        return [ua.DataValue(ua.Variant(node.Identifier)) for node in nodes]


async def read(reader: BatchReader) -> list[object]:
    found = await reader.read(NODES)
    return [found[node].Value.Value if found[node].Value is not None else None for node in NODES]


async def test_a_request_that_is_too_large_is_halved_and_the_size_that_worked_is_kept() -> None:
    server = Server(most=12)
    reader = BatchReader(server)  # type: ignore[arg-type]
    assert await read(reader) == list(range(40))
    asked, server.requests = len(server.requests), []
    assert await read(reader) == list(range(40))
    assert max(server.requests) <= 12
    assert len(server.requests) == 4 < asked


async def test_a_node_that_spoils_its_request_is_bad_alone_and_asked_for_again_later() -> None:
    server = Server(stumbles=[7, 30])
    reader = BatchReader(server)  # type: ignore[arg-type]
    expected = [None if number in (7, 30) else number for number in range(40)]
    assert await read(reader) == expected
    assert reader.spoilers == {NODES[7], NODES[30]}
    server.requests = []
    assert await read(reader) == expected
    assert server.requests == [38]
    server.stumbles.clear()
    for _ in range(ALONE_AGAIN):
        await read(reader)
    assert await read(reader) == list(range(40))
    assert not reader.spoilers


async def test_a_server_that_refuses_everything_is_read_as_bad() -> None:
    found = await BatchReader(Server(stumbles=range(40))).read(NODES)  # type: ignore[arg-type]
    assert {value.StatusCode.is_good() for value in found.values()} == {False}


async def test_a_lost_session_is_not_taken_for_a_bad_node() -> None:
    class Gone(Server):
        async def read(self, nodes: Sequence[ua.NodeId]) -> list[ua.DataValue]:
            raise DriverError("BadSessionIdInvalid")

    with pytest.raises(DriverError):
        await BatchReader(Gone()).read(NODES)  # type: ignore[arg-type]
