"""Parameters and diagnosis."""

from collections.abc import Callable

from greengrass_components.focas.errors import MalformedReply
from greengrass_components.focas.protocol.blocks import Request
from greengrass_components.focas.protocol.frame import body_limit
from greengrass_components.focas.protocol.functions import parameters
from greengrass_components.focas.protocol.functions.parameters import Record
from greengrass_components.focas.simulator.answers.registry import answers
from greengrass_components.focas.simulator.cnc import Cnc
from greengrass_components.focas.simulator.refusal import FUNCTION, LENGTH, NUMBER, Refusal

MOST_INFO = 10


def _ranged(cnc: Cnc, request: Request, *, numbers: list[int], read: Callable[[int, int], Record]) -> bytes:
    """Records of the numbers that exist between a1 and a2, as many as fit one frame."""
    wanted = [number for number in numbers if request.a1 <= number <= request.a2]
    if not wanted:
        raise Refusal(NUMBER)
    payload = b""
    for number in wanted:
        record = parameters.encode_record(read(number, request.a3), dialect=cnc.dialect)
        if len(payload) + len(record) + 18 > body_limit(cnc.persona.version):
            break
        payload += record
    return payload


def _generation(cnc: Cnc, request: Request) -> None:
    """Old controls answer the old codes only, new ones the new."""
    old_code = request.function in (parameters.OLD_PARAMETER, parameters.OLD_DIAGNOSIS)
    if old_code != cnc.dialect.old:
        raise Refusal(FUNCTION)


@answers(parameters.PARAMETER, parameters.OLD_PARAMETER)
def read_parameters(cnc: Cnc, request: Request) -> bytes:
    _generation(cnc, request)
    return _ranged(cnc, request, numbers=cnc.parameters.numbers(), read=cnc.parameters.read)


@answers(parameters.DIAGNOSIS, parameters.OLD_DIAGNOSIS)
def read_diagnoses(cnc: Cnc, request: Request) -> bytes:
    _generation(cnc, request)
    return _ranged(cnc, request, numbers=cnc.diagnoses.numbers(), read=cnc.diagnoses.read)


@answers(parameters.INFO)
def information(cnc: Cnc, request: Request) -> bytes:
    numbers = cnc.parameters.numbers()
    if request.a1 not in numbers:
        raise Refusal(NUMBER)
    if not 1 <= request.a2 <= MOST_INFO:
        raise Refusal(LENGTH)
    at = numbers.index(request.a1)
    beside = [0, *numbers, 0]
    found = []
    for place in range(at, min(at + request.a2, len(numbers))):
        parameter = cnc.parameters.get(numbers[place])
        previous, following = beside[place], beside[place + 2]
        found.append(parameters.ParameterInfo(numbers[place], parameter.type, parameter.per_axis, previous, following))
    return parameters.encode_info(found)


@answers(parameters.WRITE)
def write_parameter(cnc: Cnc, request: Request) -> bytes:
    size = parameters.HEAD.size + 8 * cnc.dialect.max_axes
    if len(request.data) != size:
        raise Refusal(LENGTH)
    try:
        record = parameters.decode_write(request.data, axes=len(cnc.control.axes))
    except MalformedReply as wrong:
        raise Refusal(LENGTH) from wrong
    cnc.parameters.write(record)
    return b""
