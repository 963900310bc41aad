"""Frames of Modbus reads, over TCP and as a serial line's (RTU) inside TCP.

    TCP    [ transaction 2b ][ protocol 0 2b ][ length 2b ][ unit 1b ][ PDU ]        length counts unit and PDU
    RTU    [ unit 1b ][ PDU ][ CRC 2b, low byte first ]

    PDU asked      [ function 1b ][ address 2b ][ count 2b ]
    PDU answered   [ function 1b ][ size 1b ][ data ]      or      [ function + 0x80 1b ][ exception code 1b ]

Numbers are big-endian, but for the CRC (Modbus application protocol 1.1b3; Modbus over serial line 1.02, 6.2).
"""

import struct
from dataclasses import dataclass
from typing import Final

from greengrass_components.modbus.registers import RegisterKind

MOST_FRAME: Final = 260
FUNCTIONS: Final = {
    RegisterKind.COIL: 1,
    RegisterKind.DISCRETE: 2,
    RegisterKind.HOLDING: 3,
    RegisterKind.INPUT: 4,
}
EXCEPTION: Final = 0x80
_HEAD: Final = struct.Struct(">HHHBBB")
_REQUEST: Final = struct.Struct(">HHHB")
_PDU: Final = struct.Struct(">BHH")


def _crc_table() -> tuple[int, ...]:
    def step(value: int) -> int:
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
        return value

    return tuple(step(value) for value in range(256))


_CRC: Final = _crc_table()


def crc(data: bytes) -> bytes:
    """CRC-16/MODBUS, as it is sent."""
    value, table = 0xFFFF, _CRC
    for byte in data:
        value = value >> 8 ^ table[(value ^ byte) & 0xFF]
    return bytes((value & 0xFF, value >> 8))


@dataclass(frozen=True, slots=True)
class Ask:
    """One read: what is sent, and how many bytes of data the answer must hold."""

    function: int
    pdu: bytes
    size: int

    @classmethod
    def of(cls, kind: RegisterKind, address: int, count: int) -> "Ask":
        function = FUNCTIONS[kind]
        size = (count + 7) // 8 if kind.is_bit else 2 * count
        return cls(function, _PDU.pack(function, address, count), size)


class Damaged(Exception):
    """No amount of further bytes makes this an answer to what was asked."""


class Exceptional(Exception):
    """The device answered with an exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exception code {code}")
        self.code = code


def tcp_request(transaction: int, unit: int, ask: Ask) -> bytes:
    return _REQUEST.pack(transaction, 0, len(ask.pdu) + 1, unit) + ask.pdu


def tcp_answer(data: bytes, transaction: int, unit: int, ask: Ask) -> tuple[bytes | None, int]:
    """(data of the answer, bytes used); None while more is needed, or when what came is another's and is skipped.

    Raises Damaged and Exceptional.
    """
    if len(data) < _HEAD.size:
        return None, 0
    found, protocol, length, of_unit, function, size = _HEAD.unpack_from(data)
    asked = found == transaction and of_unit == unit and function == ask.function and size == ask.size
    if asked and not protocol and length == size + 3 and len(data) == length + 6:
        return data[9:], length + 6  # nearly always: the whole answer and nothing else
    if protocol or not 3 <= length <= MOST_FRAME:
        raise Damaged(f"frame with protocol {protocol} and length {length}, expected protocol 0")
    end = 6 + length
    if len(data) < end:
        return None, 0
    if found != transaction:
        return None, end  # an answer that came too late, to a question nobody waits for any more
    if of_unit != unit:
        raise Damaged(f"answer of unit {of_unit}, expected {unit}")
    _check(function, size, ask)
    if length != 3 + size or size != ask.size:
        raise Damaged(f"{length - 3} bytes of data in a frame for {size}, expected {ask.size}")
    return data[_HEAD.size : end], end


def rtu_request(unit: int, ask: Ask) -> bytes:
    body = bytes((unit,)) + ask.pdu
    return body + crc(body)


def rtu_answer(data: bytes, unit: int, ask: Ask) -> tuple[bytes | None, int]:
    """The same for a serial line; frames have no number, so an answer of another unit is skipped as a late one."""
    if len(data) < 5:
        return None, 0
    of_unit, function, size = data[0], data[1], data[2]
    end = 5 if function & EXCEPTION else 5 + size
    if function & ~EXCEPTION not in FUNCTIONS.values():
        raise Damaged(f"answer to function {function}, expected {ask.function}")
    if len(data) < end:
        return None, 0
    if crc(data[: end - 2]) != data[end - 2 : end]:
        raise Damaged("checksum does not match the frame")
    if of_unit != unit:
        return None, end
    _check(function, size, ask)
    if size != ask.size:
        raise Damaged(f"{size} bytes of data, expected {ask.size}")
    return data[3 : end - 2], end


def _check(function: int, size: int, ask: Ask) -> None:
    if function == ask.function | EXCEPTION:
        raise Exceptional(size)
    if function != ask.function:
        raise Damaged(f"answer to function {function}, expected {ask.function}")
