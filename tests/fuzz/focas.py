"""FOCAS from both sides: what a control sends to the client, and what a client sends to the simulated control.

The first byte chooses: 0 a frame for the client, 1 a frame for the control, 2 a program on its way; 3 payloads for
one reader and 4 one request for the control, both without the frames around, which few mutations leave whole.
"""

import struct
from typing import Any

from greengrass_components.focas.diagnosis.preview import preview
from greengrass_components.focas.driver.machine import AxisFacts, Machine
from greengrass_components.focas.errors import Incomplete, MalformedFrame, Refused
from greengrass_components.focas.protocol.blocks import (
    Call,
    Request,
    decode_replies,
    decode_requests,
    encode_body,
    match,
)
from greengrass_components.focas.protocol.frame import body_limit, decode
from greengrass_components.focas.protocol.session import MODERN, decode_error, decode_opening
from greengrass_components.focas.protocol.transfer import decode_start, program_text
from greengrass_components.focas.simulator import StandaloneControl
from greengrass_components.focas.simulator.answers import TABLE, answer
from greengrass_components.focas.simulator.cnc import Cnc
from greengrass_components.focas.simulator.refusal import Refusal
from greengrass_components.focas.simulator.transfers import _accepted
from tests.focas.calls import CALLS
from tests.fuzz.target import Target

_MACHINE = Machine(MODERN, "31", (AxisFacts("X", "x"),), ("s1",), ())
_READERS: dict[tuple[int, ...], list[Call[Any]]] = {}
_FUNCTIONS = sorted(TABLE)
_ALL = [call for calls, _ in CALLS.values() for call in calls]
for _calls, _ in CALLS.values():
    for _call in _calls:
        _READERS.setdefault(tuple(request.function for request in _call.requests), []).append(_call)


def parse(data: bytes) -> None:
    """Raises what the layers above expect, and nothing else."""
    (_for_client, _for_control, _program, _payloads, _request)[data[0] % 5 if data else 0](data[1:])


def _for_client(raw: bytes) -> None:
    frame = decode(raw)
    if frame.kind == "0102":
        decode_opening(frame.version, frame.body)
    if frame.direction == 3:
        decode_error(frame.body)
    replies = decode_replies(frame.body)
    for call in _READERS.get(tuple(reply.function for reply in replies), ()):
        match(call.requests, replies)
        preview("", call.result(replies), _MACHINE)


def _payloads(raw: bytes) -> None:
    """Which reader (2 bytes), then a length (2 bytes) and a payload for each of its blocks."""
    call = _ALL[int.from_bytes(raw[:2], "big") % len(_ALL)]
    found, at = [], 2
    for _ in call.requests:
        size = int.from_bytes(raw[at : at + 2], "big")
        found.append(raw[at + 2 : at + 2 + size])
        at += 2 + size
    preview("", call.read(found), _MACHINE)


def _request(raw: bytes) -> None:
    """Which function (1 byte), four arguments (4 bytes each), the rest is what it carries."""
    raw = raw.ljust(17, b"\0")
    module, function = _FUNCTIONS[raw[0] % len(_FUNCTIONS)]
    _answered([Request(function, *struct.unpack_from(">4i", raw, 1), raw[17:], module)])


def _for_control(raw: bytes) -> None:
    _answered(decode_requests(decode(raw).body))


def _answered(requests: list[Request]) -> None:
    cnc = Cnc(StandaloneControl())
    replies = answer(cnc, requests)
    assert len(replies) == len(requests)
    body = encode_body(replies)
    assert len(body) <= max(body_limit(cnc.persona.version), 2 + 16 * len(replies))
    assert decode_replies(body) == replies


def _program(raw: bytes) -> None:
    if len(raw) == 516:
        decode_start(raw)
    program_text(raw)
    _accepted(raw)


TARGET = Target(
    parse,
    allowed=(MalformedFrame, Incomplete, Refused, Refusal),
    words=(
        b"\xa0\xa0\xa0\xa0", b"\x21\x01", b"\x21\x02", b"\x00\x01\x00\x01", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff",
        b"\x80\x00\x00\x00", b"\x00\x0a\xff\xff", b"\x00\x02\x00\x1f", b"//CNC_MEM/USER/PATH1/", b"O0001", b"%\n",
        b"\x80\x01", b"\x80\x02", b"\x00\x8d", b"\x00\x8e", b"\x00\xb3", b"\x00\x06", b"\x00\x16", b"\x00\xa8",
    ),
)  # fmt: skip
