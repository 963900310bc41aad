"""Tool and work offsets."""

from greengrass_components.focas.errors import MalformedReply
from greengrass_components.focas.protocol.blocks import Request
from greengrass_components.focas.protocol.functions import offsets
from greengrass_components.focas.protocol.values import decode_value, encode_values, padded, scaled
from greengrass_components.focas.simulator.answers.registry import answers, shows
from greengrass_components.focas.simulator.cnc import Cnc
from greengrass_components.focas.simulator.memory.offsets import DECIMALS, RANGE_TYPES
from greengrass_components.focas.simulator.refusal import DATA, LENGTH, NUMBER, Refusal

MOST = 179
MEMORY_C = 2


def _single_type(cnc: Cnc, kind: int) -> int:
    """The type in the numbering of the single form."""
    if kind >= offsets.SINGLE:
        return kind - offsets.SINGLE
    return kind if cnc.control.kind == "lathe" else RANGE_TYPES.get(kind, -1)


@answers(offsets.TOOL)
def read_tools(cnc: Cnc, request: Request) -> bytes:
    if request.a2 < request.a1:
        raise Refusal(NUMBER)
    if request.a2 - request.a1 >= MOST:
        raise Refusal(LENGTH)
    kind = _single_type(cnc, request.a3)
    return encode_values([cnc.tools.read(number, kind) for number in range(request.a1, request.a2 + 1)])


def _data(request: Request) -> int:
    """The value written, in the least increment."""
    try:
        value = decode_value(request.data)
    except MalformedReply as wrong:
        raise Refusal(LENGTH) from wrong
    if value.base == 0 or value.dec == DECIMALS:
        return value.data
    try:
        return scaled(value.number or 0.0, DECIMALS).data
    except OverflowError as wrong:
        raise Refusal(DATA) from wrong


@answers(offsets.WRITE_TOOL)
def write_tool(cnc: Cnc, request: Request) -> bytes:
    if request.a1 != request.a2:
        raise Refusal(NUMBER)
    cnc.tools.write(request.a1, _single_type(cnc, request.a3), _data(request))
    return b""


@shows(offsets.TOOL_INFO)
def tool_information(cnc: Cnc) -> bytes:
    return offsets.encode_tool_info(offsets.ToolOffsetInfo(cnc.tools.count, MEMORY_C, 0))


@answers(offsets.WORK)
def read_work(cnc: Cnc, request: Request) -> bytes:
    if request.a1 != request.a2:
        raise Refusal(NUMBER)
    if request.a3 == offsets.ALL:
        return padded(cnc.works.read_all(request.a1), cnc.dialect.max_axes)
    return cnc.works.read(request.a1, request.a3).encode()


@answers(offsets.WRITE_WORK)
def write_work(cnc: Cnc, request: Request) -> bytes:
    if request.a1 != request.a2:
        raise Refusal(NUMBER)
    cnc.works.write(request.a1, request.a3, _data(request))
    return b""
