"""Overrides from the signals that the machine's panel gives to the control (PMC area G).

G12 feed override, every bit inverted; all bits on or all off is 0 %. G14 rapid override: bits 0 and 1 are a code on
most machines (0 100 %, 1 50 %, 2 25 %, 3 F0, an absolute feed), a percentage on some. G30 spindle override, percent.
"""

from dataclasses import dataclass

from greengrass_components.focas.protocol.blocks import Call
from greengrass_components.focas.protocol.functions.pmc import Area, rdpmcrng

FIRST, LAST = 12, 30
RAPID_CODES: dict[int, float | None] = {0: 100, 1: 50, 2: 25, 3: None}


@dataclass(frozen=True, slots=True)
class Overrides:
    """In percent; None = the machine does not tell a percentage."""

    feed: float | None
    rapid: float | None
    spindle: float | None


def read_overrides() -> Call[list[int]]:
    """Bytes G12 to G30 in one block."""
    return rdpmcrng(Area.G, FIRST, LAST - FIRST + 1)


def decode_overrides(cells: list[int]) -> Overrides:
    """Overrides from bytes G12 to G30."""
    feed, rapid, spindle = cells[0], cells[14 - FIRST], cells[LAST - FIRST]
    return Overrides(
        feed=0.0 if feed in (0, 255) else 255.0 - feed,
        rapid=RAPID_CODES[rapid] if rapid in RAPID_CODES else float(rapid),
        spindle=float(spindle),
    )
