"""How a control may count parts, by the names that people choose from: `parameter 6711`, `macro #500`, `PMC D100:4`.

Parameters 6711 to 6713 and their macro twins #3901 and #3902 need the option "run hour and parts count"; many machine
builders count in a variable or in cells of the ladder instead.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from greengrass_components.focas.protocol.blocks import Call
from greengrass_components.focas.protocol.functions import macros, parameters, pmc
from greengrass_components.focas.protocol.session import Dialect

USUAL: Final = "parameter 6711"
_METHOD: Final = re.compile(
    r"parameter (?P<parameter>\d{1,5})|macro #(?P<macro>\d{1,5})"
    r"|PMC (?P<area>[GFYXARTKCDE])(?P<at>\d{1,5})(?::(?P<width>[124]))?",
    re.IGNORECASE | re.ASCII,
)
_WIDTHS: Final = {"1": pmc.Width.BYTE, "2": pmc.Width.WORD, "4": pmc.Width.LONG}
EXPECTED: Final = "'parameter <number>', 'macro #<number>' or a PMC cell with its width in bytes such as 'PMC D100:2'"


class BadMethod(ValueError):
    """Text that names no way to count."""


def counter(method: str, *, dialect: Dialect, path: int = 1) -> Call[float | None]:
    """The question for a count and its answer as a number, None while a macro variable is vacant.

    A PMC cell without a width has two bytes. Raises BadMethod.
    """
    found = _METHOD.fullmatch(method)
    if found is None:
        raise BadMethod(f"parts cannot be counted by {method!r}, expected {EXPECTED}")
    if found["parameter"]:
        record = parameters.rdparam(int(found["parameter"]), dialect=dialect).on_path(path)
        return _as_number(record, lambda answer: answer.value.number)
    if found["macro"]:
        return _as_number(macros.rdmacro(int(found["macro"])).on_path(path), lambda answer: answer.number)
    width = _WIDTHS[found["width"] or "2"]
    cells = pmc.rdpmcrng(pmc.Area[found["area"].upper()], int(found["at"]), 1, width)
    return _as_number(cells, lambda answer: float(answer[0]))


def _as_number(call: Call[Any], number: Callable[[Any], float | None]) -> Call[float | None]:
    return Call(call.requests, lambda payloads: number(call.read(payloads)))
