"""Macro variables: cnc_rdmacro, cnc_rdmacror, cnc_wrmacro, cnc_rdmacror2, cnc_wrmacror2, cnc_rdmacroinfo.

0x15 (a1 first, a2 last): one value per variable, dec -1 when vacant. 0x16: the same numbers, one value as extra.
0xa7 (a1 first, a2 count): IEEE doubles. 0xa8: doubles as extra, answers how many were written.
Some controls answer at most 33 variables per call; ask CHUNK at a time.
"""

import struct

from greengrass_components.focas.errors import MalformedReply
from greengrass_components.focas.protocol.blocks import Call, Request, exactly, nothing, one
from greengrass_components.focas.protocol.values import Value, decode_values

READ, WRITE, READ_DOUBLE, WRITE_DOUBLE, INFO = 0x15, 0x16, 0xA7, 0xA8, 0x17
CHUNK = 16


def rdmacror(first: int, last: int) -> Call[list[Value]]:
    """Variables of a range."""
    expected = last - first + 1

    def read(payload: bytes) -> list[Value]:
        values = decode_values(payload)
        if len(values) != expected:
            raise MalformedReply(f"asked {expected} macro variables, got {len(values)}")
        return values

    return one(Request(READ, first, last), read)


def rdmacro(number: int) -> Call[Value]:
    """One variable."""
    ranged = rdmacror(number, number)
    return one(ranged.requests[0], lambda payload: ranged.read([payload])[0])


def wrmacro(number: int, value: Value) -> Call[None]:
    """Write one variable."""
    return one(Request(WRITE, number, number, data=value.encode()), nothing)


def rdmacror2(first: int, count: int) -> Call[list[float]]:
    """Variables as doubles."""
    return one(
        Request(READ_DOUBLE, first, count),
        lambda payload: decode_doubles(exactly(payload, 8 * count, "macro doubles")),
    )


def wrmacror2(first: int, numbers: list[float]) -> Call[int]:
    """Write consecutive variables as doubles; answers how many the control took (0 when it does not say)."""
    data = encode_doubles(numbers)
    return one(Request(WRITE_DOUBLE, first, data=data), lambda payload: int.from_bytes(payload[:4], "big"))


def encode_doubles(numbers: list[float]) -> bytes:
    """Big-endian IEEE doubles."""
    return struct.pack(f">{len(numbers)}d", *numbers)


def decode_doubles(raw: bytes) -> list[float]:
    """Big-endian IEEE doubles. Raises MalformedReply on a remainder."""
    if len(raw) % 8:
        raise MalformedReply(f"doubles come in 8 bytes each, got {len(raw)} bytes")
    return [number for (number,) in struct.iter_unpack(">d", raw)]


def rdmacroinfo() -> Call[tuple[int, int]]:
    """Two counts of variables."""
    return one(Request(INFO), _read_info)


def _read_info(payload: bytes) -> tuple[int, int]:
    first, second = struct.unpack(">2i", exactly(payload, 8, "macro information"))
    return first, second
