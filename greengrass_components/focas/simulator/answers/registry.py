"""Which function of the control is answered by which Python function."""

from collections.abc import Callable

from greengrass_components.focas.protocol.blocks import CNC, Request
from greengrass_components.focas.simulator.cnc import Cnc

Answer = Callable[[Cnc, Request], bytes]  # raises Refusal
TABLE: dict[tuple[int, int], Answer] = {}


def answers(*codes: int, module: int = CNC) -> Callable[[Answer], Answer]:
    """Register an answer for function codes of one module."""

    def register(answer: Answer) -> Answer:
        for code in codes:
            if (module, code) in TABLE:
                raise ValueError(f"function {code:#x} of module {module} has two answers")
            TABLE[module, code] = answer
        return answer

    return register


def shows(*codes: int, module: int = CNC) -> Callable[[Callable[[Cnc], bytes]], Callable[[Cnc], bytes]]:
    """Register an answer that does not depend on the request's arguments."""

    def register(show: Callable[[Cnc], bytes]) -> Callable[[Cnc], bytes]:
        answers(*codes, module=module)(lambda cnc, _: show(cnc))
        return show

    return register
