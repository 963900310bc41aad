"""Frames that others captured from real controls."""

from greengrass_components.focas.driver.machine import _keys
from greengrass_components.focas.protocol.blocks import Reply, decode_replies, decode_requests
from greengrass_components.focas.protocol.frame import Direction, Frame, decode
from greengrass_components.focas.protocol.functions.axes import rdsvmeter
from greengrass_components.focas.protocol.functions.identity import sysinfo
from greengrass_components.focas.protocol.session import decode_error
from greengrass_components.focas.protocol.values import Value, encode_values, padded
from tests.focas import operator_client
from tests.focas.recorded import FILE

REAL = {frame["what"]: frame["bytes"] for frame in FILE["real_cnc_frames"]}


def frames(what: str) -> list[Frame]:
    return [decode(bytes.fromhex(text)) for text in REAL[what].split(" / ")]


def test_the_type_plate_of_a_0i() -> None:
    [reply] = frames("sysinfo reply")
    system = sysinfo().result(decode_replies(reply.body))
    assert (system.cnc_type, system.mt_type, system.axes) == ("0", "M", 2)
    assert (system.series, system.version) == ("D5F3", "11.0")
    assert reply.version == 4


def test_a_search_answered_with_a_detail_and_no_code() -> None:
    request, reply = frames("cnc_search request and reply (rc 2)")
    assert decode_requests(request.body) == list(operator_client.search(1).requests)
    assert [(block.code, block.detail1) for block in decode_replies(reply.body)] == [(0, 2)]


def test_a_deletion_its_reply_and_its_refusal() -> None:
    request, done, refused = frames("cnc_delete request and reply (ok), and a refusal (rc 5 detail 2)")
    assert [block.function for block in decode_requests(request.body)] == [5]
    assert [(b.code, b.detail1) for f in (done, refused) for b in decode_replies(f.body)] == [(0, 0), (5, 2)]


def test_a_whole_command_refused() -> None:
    frame = decode(bytes.fromhex(REAL["whole-PDU refusal to a command"]))
    assert (frame.direction, decode_error(frame.body)) == (Direction.ERROR, (-17, 1, 0))


def test_servo_loads_of_a_31i_with_a_rotary_axis_lose_their_sign() -> None:
    """The payloads of the published capture: X Y Z B with 0, -3, 33 and 1 percent."""
    names = bytes.fromhex("58000000 59000000 5a000000 42000000").ljust(128, b"\0")
    loads = padded([Value(0), Value(-3), Value(33), Value(1)], 32)
    payloads = [b"\0\4", names, loads, b"\0\4"]
    replies = [Reply(code, payload) for code, payload in zip((0xA4, 0x89, 0x56, 0xA4), payloads, strict=True)]
    found = rdsvmeter().result(replies)
    assert [(load.name, load.load.data) for load in found] == [("X", 0), ("Y", 3), ("Z", 33), ("B", 1)]
    assert loads.startswith(encode_values([Value(0), Value(-3)]))
    assert _keys([load.name for load in found]) == ["x", "y", "z", "b"]
