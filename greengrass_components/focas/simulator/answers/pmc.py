"""PMC cells."""

from greengrass_components.focas.protocol.blocks import PMC, Request
from greengrass_components.focas.protocol.functions import pmc
from greengrass_components.focas.simulator.answers.registry import answers
from greengrass_components.focas.simulator.cnc import Cnc
from greengrass_components.focas.simulator.refusal import ATTRIBUTE, LENGTH, Refusal

MOST_BYTES = 1432
SELECT_UNIT = 0x800C


def _check(request: Request) -> int:
    """Bytes asked. Raises Refusal: 4 no such width, 2 a range that the width does not divide."""
    if request.a4 not in (0, 1, 2):
        raise Refusal(ATTRIBUTE)
    size = request.a2 - request.a1 + 1
    if size > MOST_BYTES or size % pmc.Width(request.a4).size:
        raise Refusal(LENGTH)
    return size


@answers(pmc.READ, module=PMC)
def read(cnc: Cnc, request: Request) -> bytes:
    _check(request)
    return cnc.pmc.read(request.a3, request.a1, request.a2)


@answers(pmc.WRITE, module=PMC)
def write(cnc: Cnc, request: Request) -> bytes:
    if _check(request) != len(request.data):
        raise Refusal(LENGTH)
    cnc.pmc.write(request.a3, request.a1, request.data)
    return b""


@answers(SELECT_UNIT, module=PMC)
def select_unit(_: Cnc, request: Request) -> bytes:
    if request.a1 != 1:
        raise Refusal(ATTRIBUTE)
    return b""
