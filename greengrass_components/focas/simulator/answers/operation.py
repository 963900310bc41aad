"""Functions that operate the machine. A machine that offers `operate(what) -> bool` may obey; others refuse.

The product's client has no request for any of these.
"""

from collections.abc import Callable

from greengrass_components.focas.protocol.blocks import Request
from greengrass_components.focas.simulator.answers.registry import answers, shows
from greengrass_components.focas.simulator.cnc import Cnc
from greengrass_components.focas.simulator.refusal import REJECTED, Refusal

START, RESET, REWIND, CLEAR_ALARM, MDI_PROGRAM, RESET2 = 0x01, 0x02, 0x1F, 0x87, 0x37, 0x2C5
NAMES = {START: "start", RESET: "reset", REWIND: "rewind", CLEAR_ALARM: "clear_alarm", RESET2: "reset"}


@answers(*NAMES)
def operate(cnc: Cnc, request: Request) -> bytes:
    obey: Callable[[str], bool] | None = getattr(cnc.control, "operate", None)
    if obey is None or not obey(NAMES[request.function]):
        raise Refusal(REJECTED)
    return b""


@shows(MDI_PROGRAM)
def mdi_program(_: Cnc) -> bytes:
    raise Refusal(REJECTED)
