"""Frames, blocks and values: what is whole, what is incomplete and what is garbage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greengrass_components.focas.errors import FocasError, Incomplete, MalformedFrame, MalformedReply, Refused
from greengrass_components.focas.protocol.blocks import (
    Reply,
    Request,
    decode_replies,
    decode_requests,
    encode_body,
    match,
)
from greengrass_components.focas.protocol.frame import Direction, Frame, Type, body_limit, decode, decode_header
from greengrass_components.focas.protocol.functions.status import statinfo
from greengrass_components.focas.protocol.session import decode_opening
from tests.focas.recorded import FILE, OLD_REQUESTS, VECTORS

STATINFO = VECTORS[1].frames("server")[0]
i32 = st.integers(-(2**31), 2**31 - 1)
requests = st.builds(
    Request, st.integers(0, 0xFFFF), i32, i32, i32, i32, st.binary(max_size=300), st.integers(1, 2), st.integers(1, 10)
)


@pytest.mark.parametrize("cut", range(len(STATINFO)))
def test_a_frame_cut_anywhere_asks_for_the_rest(cut: int) -> None:
    with pytest.raises(Incomplete) as wanting:
        decode(STATINFO[:cut])
    assert 0 < wanting.value.missing <= len(STATINFO) - cut


@pytest.mark.parametrize("cut", range(2, len(STATINFO) - 10))
def test_a_body_cut_anywhere_is_garbage_and_not_a_short_answer(cut: int) -> None:
    with pytest.raises(MalformedFrame):
        decode_replies(STATINFO[10 : 10 + cut])


@pytest.mark.parametrize("wrong", [b"\0", b"\xa0\xa0\xa0\xa1", b"HTTP/1.1 4", b"\x16\x03\x01\x02\0\1\0\1\xfc\3"])
def test_a_wrong_magic_is_garbage(wrong: bytes) -> None:
    with pytest.raises(MalformedFrame, match="a0a0a0a0"):
        decode_header(wrong.ljust(10, b"\0"))


@given(st.lists(requests, min_size=1, max_size=10))
def test_requests_come_back_as_they_were(blocks: list[Request]) -> None:
    assert decode_requests(encode_body(blocks)) == blocks


@given(st.binary(max_size=400))
def test_any_bytes_are_either_blocks_or_malformed(body: bytes) -> None:
    try:
        replies = decode_replies(body)
    except MalformedFrame:
        return
    assert encode_body(replies) == body


@given(st.binary(max_size=60), st.binary(max_size=60), st.binary(max_size=60))
def test_a_call_fed_with_any_payloads_answers_or_raises_its_own_error(a: bytes, b: bytes, c: bytes) -> None:
    replies = [Reply(code, payload) for code, payload in zip((0x19, 0xE1, 0x98), (a, b, c), strict=True)]
    try:
        statinfo().result(replies)
    except FocasError:
        return


def test_refused_extra_blocks_of_statinfo_read_as_zero() -> None:
    replies = decode_replies(decode(STATINFO).body)
    replies[1:] = [Reply(0xE1, code=1), Reply(0x98, code=6)]
    status = statinfo().result(replies)
    assert (status.run, status.tmmode, status.hdck) == (3, 0, 0)


def test_a_refused_main_block_is_told_with_function_and_code() -> None:
    replies = [Reply(0x19, code=6, detail1=2), Reply(0xE1), Reply(0x98)]
    with pytest.raises(Refused, match=r"0x19 refused: 6 \(NOOPT.*details 2, 0"):
        statinfo().result(replies)


def test_answers_to_other_questions_are_noticed() -> None:
    asked = [Request(0x19), Request(0x26, 4, -1)]
    match(asked, [Reply(0x19), Reply(0x26)])
    for wrong in ([Reply(0x19)], [Reply(0x26), Reply(0x19)], [Reply(0x19), Reply(0x26, path=2)]):
        with pytest.raises(MalformedReply):
            match(asked, wrong)


@pytest.mark.parametrize(("version", "limit"), [(1, 1450), (2, 1450), (3, 2910), (4, 3470), (9, 3470)])
def test_the_body_limit_follows_the_version(version: int, limit: int) -> None:
    assert body_limit(version) == limit


def test_a_body_beyond_sixteen_bits_is_never_sent() -> None:
    with pytest.raises(ValueError, match="65535"):
        Frame(Type.COMMAND, Direction.REQUEST, bytes(0x10000)).encode()


def test_a_real_version_4_opening_is_read() -> None:
    words = next(frame for frame in FILE["real_cnc_frames"] if frame["what"] == "initiate reply")["bytes"]
    frame = decode(bytes.fromhex(words.split()[0]).ljust(370, b"\0"))
    opening = decode_opening(frame.version, frame.body)
    assert (opening.version, opening.max_axes, opening.axes, opening.paths) == (4, 32, 2, 1)
    assert (opening.slots[0].system, [slot.exists for slot in opening.slots]) == (" M", [True] + [False] * 9)


@pytest.mark.parametrize("body", [b"", bytes(40), bytes(39), bytes(360), bytes(71)])
def test_an_opening_without_axes_or_of_a_wrong_size_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedReply):
        decode_opening(3, body)


@pytest.mark.parametrize(("function", "raw"), OLD_REQUESTS, ids=[name for name, _ in OLD_REQUESTS])
def test_requests_to_old_controls_survive_being_read_and_written_again(function: str, raw: bytes) -> None:
    assert encode_body(decode_requests(decode(raw).body)) == decode(raw).body
