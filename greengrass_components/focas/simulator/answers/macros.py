"""Macro variables."""

import struct

from greengrass_components.focas.errors import MalformedReply
from greengrass_components.focas.protocol.blocks import Request
from greengrass_components.focas.protocol.functions import macros
from greengrass_components.focas.protocol.values import VACANT, decode_value, encode_values, nearest
from greengrass_components.focas.simulator.answers.registry import answers, shows
from greengrass_components.focas.simulator.cnc import Cnc
from greengrass_components.focas.simulator.refusal import DATA, LENGTH, NUMBER, Refusal

MOST = 179  # one frame of a version 2 control


@answers(macros.READ)
def read(cnc: Cnc, request: Request) -> bytes:
    if request.a2 < request.a1:
        raise Refusal(NUMBER)
    if request.a2 - request.a1 >= MOST:
        raise Refusal(LENGTH)
    return encode_values([cnc.macros.read(number) for number in range(request.a1, request.a2 + 1)])


@answers(macros.WRITE)
def write(cnc: Cnc, request: Request) -> bytes:
    try:
        value = decode_value(request.data)
    except MalformedReply as wrong:
        raise Refusal(LENGTH) from wrong
    if request.a1 != request.a2:
        raise Refusal(NUMBER)
    cnc.macros.write(request.a1, value)
    return b""


@answers(macros.READ_DOUBLE)
def read_doubles(cnc: Cnc, request: Request) -> bytes:
    if not 1 <= request.a2 <= MOST:
        raise Refusal(LENGTH)
    values = [cnc.macros.read(number) for number in range(request.a1, request.a1 + request.a2)]
    return macros.encode_doubles([value.number or 0.0 for value in values])


@answers(macros.WRITE_DOUBLE)
def write_doubles(cnc: Cnc, request: Request) -> bytes:
    try:
        numbers = macros.decode_doubles(request.data)
        values = [nearest(number) for number in numbers]
    except MalformedReply as wrong:
        raise Refusal(LENGTH) from wrong
    except OverflowError as wrong:
        raise Refusal(DATA) from wrong
    for number in range(request.a1, request.a1 + len(values)):
        cnc.macros.read(number)  # the whole range must exist before any of it changes
    for offset, value in enumerate(values):
        cnc.macros.write(request.a1 + offset, value)
    return len(values).to_bytes(4, "big")


@shows(macros.INFO)
def information(cnc: Cnc) -> bytes:
    vacant = sum(cnc.macros.read(number) == VACANT for number in range(500, 1000))
    return struct.pack(">2i", 600, 600 - vacant)
