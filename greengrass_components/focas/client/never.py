"""What this client never sends, whoever asks: what moves a machine, or changes what it will do when it moves.

No function of the product makes such a request; this holds for those that somebody builds by hand, too.
"""

from collections.abc import Iterable
from typing import Final

from greengrass_components.focas.protocol.blocks import CNC, PMC, Request

NEVER: Final = {
    (CNC, 0x01): "start a cycle",
    (CNC, 0x02): "reset the control",
    (CNC, 0x2C5): "reset the control",
    (CNC, 0x1F): "rewind a program",
    (CNC, 0x87): "clear an alarm",
    (CNC, 0x37): "write an MDI program",
    (CNC, 0x03): "search a program, which selects it",
    (CNC, 0xBA): "select the main program",
    (CNC, 0xB1): "change the current folder",
    (CNC, 0x46): "set the control's clock",
    (PMC, 0x8002): "write to the ladder",
}


class NeverSent(Exception):
    """A request that this product does not make. A mistake of the caller, no answer of a control."""


def check(requests: Iterable[Request]) -> None:
    """Raises NeverSent."""
    for request in requests:
        what = NEVER.get((request.module, request.function))
        if what is not None:
            raise NeverSent(
                f"function {request.function:#x} of module {request.module} would {what}: this client never does that"
            )
