"""The client's side of every recorded exchange: the bytes it asks, and what it reads out of the answers."""

from typing import Any

import pytest

from greengrass_components.focas.errors import Refused
from greengrass_components.focas.protocol.blocks import Call, decode_replies, decode_requests, encode_body
from greengrass_components.focas.protocol.frame import Direction, Frame, Type, decode
from tests.focas.calls import CALLS, NO_TRAFFIC
from tests.focas.recorded import VECTORS, Vector

COMMANDS = [vector for vector in VECTORS if vector.connection == "command"]
CALLED = [vector for vector in COMMANDS if vector.index in CALLS]


def _asked(call: Call[Any]) -> bytes:
    return Frame(Type.COMMAND, Direction.REQUEST, encode_body(call.requests)).encode()


def _read(call: Call[Any], frame: bytes) -> Any:
    try:
        return call.result(decode_replies(decode(frame).body))
    except Refused as refusal:
        return refusal.code


def test_every_recorded_command_is_covered() -> None:
    assert {vector.index for vector in COMMANDS} == set(CALLS) | NO_TRAFFIC


@pytest.mark.parametrize("vector", CALLED, ids=lambda vector: vector.id)
def test_the_client_asks_the_recorded_bytes(vector: Vector) -> None:
    calls, _ = CALLS[vector.index]
    assert [_asked(call).hex() for call in calls] == [frame.hex() for frame in vector.frames("client")]


@pytest.mark.parametrize("vector", CALLED, ids=lambda vector: vector.id)
def test_the_client_reads_what_was_returned(vector: Vector) -> None:
    calls, shape = CALLS[vector.index]
    results = [_read(call, frame) for call, frame in zip(calls, vector.frames("server"), strict=True)]
    if vector.rc:
        assert results == [vector.rc]
    else:
        assert shape(*results) == _comparable(vector)


def _comparable(vector: Vector) -> Any:
    """Fields the library takes from elsewhere than this exchange are left out."""
    if vector.index == 48:
        return {name: values[:3] for name, values in vector.returned.items()}
    return vector.returned


@pytest.mark.parametrize("vector", COMMANDS, ids=lambda vector: vector.id)
def test_blocks_survive_being_read_and_written_again(vector: Vector) -> None:
    for frame in vector.frames("client"):
        assert encode_body(decode_requests(decode(frame).body)) == decode(frame).body
    for frame in vector.frames("server"):
        assert encode_body(decode_replies(decode(frame).body)) == decode(frame).body
