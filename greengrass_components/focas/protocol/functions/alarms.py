"""cnc_alarm2, cnc_rdalmmsg(2), cnc_rdopmsg, cnc_rdopmsg3.

Alarm (0x23), 16 + n bytes each, n the text length asked for (32 or 64; none when a3 is 0):
    i32 number   i32 type   i32 axis (0 none)   i32 text length   text, zero-padded to n
Operator message (0x34, 0xd0), 268 bytes each: i32 number (-1 none), i32 type, i32 length, char[256].
"""

import struct
from dataclasses import dataclass

from greengrass_components.focas.errors import MalformedReply
from greengrass_components.focas.protocol.blocks import Call, Request, exactly, one, records
from greengrass_components.focas.protocol.text import decode_text, encode_text

ALARM_BITS, ALARM_MESSAGES, MESSAGE, MESSAGES = 0x1A, 0x23, 0x34, 0xD0
HEAD = struct.Struct(">4i")
MESSAGE_HEAD = struct.Struct(">3i")
MESSAGE_TEXT = 256
ALL = -1


@dataclass(frozen=True, slots=True)
class Alarm:
    """One active alarm; type numbers depend on the series, axis 0 means none."""

    number: int
    type: int
    axis: int
    text: str


@dataclass(frozen=True, slots=True)
class OperatorMessage:
    """One message that the machine builder's ladder shows."""

    number: int
    type: int
    text: str


def alarm2() -> Call[int]:
    """Bit n is on while an alarm of type n is."""
    return one(Request(ALARM_BITS), lambda payload: int.from_bytes(exactly(payload, 4, "alarm2"), "big"))


def encode_alarm_bits(bits: int) -> bytes:
    """Payload of 0x1a."""
    return struct.pack(">I", bits)


def rdalmmsg2(kind: int = ALL, count: int = 10, *, text_length: int = 64) -> Call[list[Alarm]]:
    """Active alarms; `text_length` 32 is cnc_rdalmmsg, 64 cnc_rdalmmsg2."""
    return one(
        Request(ALARM_MESSAGES, kind, count, 2, text_length),
        lambda payload: decode_alarms(payload, text_length=text_length),
    )


def decode_alarms(payload: bytes, *, text_length: int) -> list[Alarm]:
    """Payload of 0x23."""
    found = []
    for record in records(payload, HEAD.size + text_length, "alarm messages"):
        number, kind, axis, length = HEAD.unpack_from(record)
        if not 0 <= length <= text_length:
            raise MalformedReply(f"alarm {number} says its text has {length} bytes of {text_length}")
        found.append(Alarm(number, kind, axis, decode_text(record[HEAD.size : HEAD.size + length])))
    return found


def encode_alarms(alarms: list[Alarm], *, text_length: int) -> bytes:
    """Payload of 0x23."""
    return b"".join(
        HEAD.pack(a.number, a.type, a.axis, min(len(a.text), text_length)) + encode_text(a.text, text_length)
        for a in alarms
    )


def rdopmsg(kind: int = 0) -> Call[list[OperatorMessage]]:
    """The operator message of one type (0..3 external, 4 macro); none is an empty list."""
    return one(Request(MESSAGE, kind), decode_messages)


def rdopmsg3(kind: int = ALL, count: int = 5) -> Call[list[OperatorMessage]]:
    """All operator messages."""
    return one(Request(MESSAGES, 0, kind, count), decode_messages)


def decode_messages(payload: bytes) -> list[OperatorMessage]:
    """Payload of 0x34 and 0xd0."""
    found = []
    for record in records(payload, MESSAGE_HEAD.size + MESSAGE_TEXT, "operator messages"):
        number, kind, length = MESSAGE_HEAD.unpack_from(record)
        if not 0 <= length <= MESSAGE_TEXT:
            raise MalformedReply(f"message {number} says its text has {length} bytes of {MESSAGE_TEXT}")
        if number >= 0 and length:
            found.append(OperatorMessage(number, kind, decode_text(record[MESSAGE_HEAD.size :][:length])))
    return found


def encode_message(message: OperatorMessage | None, kind: int = 0) -> bytes:
    """One record of 268 bytes; None is "no message"."""
    if message is None:
        return MESSAGE_HEAD.pack(-1, kind, 0) + bytes(MESSAGE_TEXT)
    length = min(len(message.text), MESSAGE_TEXT)
    return MESSAGE_HEAD.pack(message.number, message.type, length) + encode_text(message.text, MESSAGE_TEXT)
