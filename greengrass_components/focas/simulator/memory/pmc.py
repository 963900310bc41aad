"""PMC cells. The override signals of area G follow the machine, as a ladder would write them in every scan."""

from greengrass_components.focas.protocol.functions.pmc import Area
from greengrass_components.focas.simulator.control import Control
from greengrass_components.focas.simulator.refusal import ATTRIBUTE, NUMBER, Refusal

SIZES = {
    Area.G: 768,
    Area.F: 768,
    Area.Y: 128,
    Area.X: 128,
    Area.A: 125,
    Area.R: 8000,
    Area.T: 500,
    Area.K: 100,
    Area.C: 400,
    Area.D: 10000,
    Area.E: 10000,
}
FEED_OVERRIDE, RAPID_OVERRIDE, SPINDLE_OVERRIDE = 12, 14, 30  # bytes of area G


class Pmc:
    """Byte-addressed areas."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._areas = {area: bytearray(size) for area, size in SIZES.items()}
        for area in (Area.R, Area.D):
            self.fill(area)

    def fill(self, area: Area) -> None:
        """A pattern in which every address reads differently from its neighbours."""
        cells = self._areas[area]
        period = bytes((7 * address + area) % 256 for address in range(256))
        cells[:] = (period * (len(cells) // 256 + 1))[: len(cells)]

    def _place(self, area: int, first: int, last: int) -> bytearray:
        cells = self._areas.get(Area(area)) if area in Area.__members__.values() else None
        if cells is None:
            raise Refusal(ATTRIBUTE)
        if not 0 <= first <= last < len(cells):
            raise Refusal(NUMBER)
        return cells

    def _scan(self) -> None:
        """What the ladder writes again and again."""
        signals = self._areas[Area.G]
        signals[FEED_OVERRIDE] = 255 - _byte(self._control.feed_override_percent)
        signals[RAPID_OVERRIDE] = _byte(self._control.rapid_override_percent)
        signals[SPINDLE_OVERRIDE] = _byte(self._control.spindle_override_percent)

    def read(self, area: int, first: int, last: int) -> bytes:
        """Raises Refusal: 3 out of range, 4 no such area."""
        cells = self._place(area, first, last)
        self._scan()
        return bytes(cells[first : last + 1])

    def write(self, area: int, first: int, data: bytes) -> None:
        """Raises Refusal like `read`."""
        cells = self._place(area, first, first + len(data) - 1)
        cells[first : first + len(data)] = data


def _byte(percent: float) -> int:
    return max(0, min(254, round(percent)))
