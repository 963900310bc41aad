"""The program under execution."""

from greengrass_components.focas.protocol.blocks import Request
from greengrass_components.focas.protocol.functions import program
from greengrass_components.focas.simulator.answers.registry import answers, shows
from greengrass_components.focas.simulator.cnc import Cnc
from greengrass_components.focas.simulator.memory.programs import o_name
from greengrass_components.focas.simulator.refusal import LENGTH, Refusal


@shows(program.NUMBERS)
def numbers(cnc: Cnc) -> bytes:
    return program.encode_numbers(cnc.control.program_number, cnc.main_number)


@shows(program.SEQUENCE)
def sequence(cnc: Cnc) -> bytes:
    return program.encode_long(cnc.control.sequence_number)


@shows(program.BLOCK_COUNT)
def block_count(cnc: Cnc) -> bytes:
    return program.encode_long(cnc.control.block_count)


@shows(program.NAME)
def name(cnc: Cnc) -> bytes:
    number = cnc.control.program_number
    return program.encode_name(number, o_name(number))


@shows(program.PATH_NAME)
def path_name(cnc: Cnc) -> bytes:
    return program.encode_path(cnc.running_path)


@shows(program.MAIN_PATH)
def main_path(cnc: Cnc) -> bytes:
    return program.encode_path(cnc.main_path)


@answers(program.TEXT)
def text(cnc: Cnc, request: Request) -> bytes:
    if request.a1 < 1:
        raise Refusal(LENGTH)
    most = min(request.a1, 1200)
    return program.encode_executing(cnc.executing_block, cnc.control.block_text, length=most)
