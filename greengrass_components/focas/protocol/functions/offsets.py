"""Tool offsets (cnc_rdtofs, cnc_rdtofsr, cnc_wrtofs, cnc_rdtofsinfo) and work offsets (cnc_rdzofs, cnc_wrzofs).

0x08 (a1 first, a2 last, a3 1000 + type for one, type for a range): values with three decimals.
The two forms number their types differently (milling, memory C):
    single  0 wear radius      1 geometry radius  2 wear length      3 geometry length
    range   0 geometry length  1 wear length      2 geometry radius  3 wear radius
0x0b (a1 a2 number, a3 axis or -1): 0 external, 1..6 G54..G59, 7.. G54.1 P1...
Writes (0x09, 0x0c) carry one value without decimals (`0000 ffff`).
"""

import struct
from dataclasses import dataclass

from greengrass_components.focas.errors import MalformedReply
from greengrass_components.focas.protocol.blocks import Call, Request, exactly, nothing, one
from greengrass_components.focas.protocol.values import Value, decode_values

TOOL, WRITE_TOOL, TOOL_INFO, WORK, WRITE_WORK = 0x08, 0x09, 0x0A, 0x0B, 0x0C
SINGLE = 1000
ALL = -1


@dataclass(frozen=True, slots=True)
class ToolOffsetInfo:
    """How many tool offsets and of which memory: 0 A, 1 B, 2 C."""

    count: int
    memory: int
    enabled: int


def _expect(payload: bytes, count: int, what: str) -> list[Value]:
    values = decode_values(payload)
    if len(values) != count:
        raise MalformedReply(f"{what}: asked {count} values, got {len(values)}")
    return values


def rdtofs(number: int, kind: int) -> Call[Value]:
    """One tool offset; `kind` in the numbering of the single form."""
    return one(Request(TOOL, number, number, SINGLE + kind), lambda payload: _expect(payload, 1, "tool offset")[0])


def rdtofsr(first: int, last: int, kind: int) -> Call[list[Value]]:
    """Tool offsets of a range; `kind` in the numbering of the range form."""
    return one(Request(TOOL, first, last, kind), lambda payload: _expect(payload, last - first + 1, "tool offsets"))


def wrtofs(number: int, kind: int, data: int) -> Call[None]:
    """Write one tool offset in the control's least increment."""
    return one(Request(WRITE_TOOL, number, number, SINGLE + kind, data=Value(data, -1, 0).encode()), nothing)


def rdtofsinfo() -> Call[ToolOffsetInfo]:
    """Number and kind of the tool offsets."""
    return one(Request(TOOL_INFO), _read_info)


def _read_info(payload: bytes) -> ToolOffsetInfo:
    return ToolOffsetInfo(*struct.unpack(">ihh", exactly(payload, 8, "tool offset information")))


def encode_tool_info(info: ToolOffsetInfo) -> bytes:
    """Payload of 0x0a."""
    return struct.pack(">ihh", info.count, info.memory, info.enabled)


def rdzofs(number: int, axis: int = ALL) -> Call[list[Value]]:
    """One work offset of one axis (one value) or of all axis slots."""
    return one(Request(WORK, number, number, axis), decode_values)


def wrzofs(number: int, axis: int, data: int) -> Call[None]:
    """Write one work offset of one axis in the control's least increment."""
    return one(Request(WRITE_WORK, number, number, axis, data=Value(data, -1, 0).encode()), nothing)
