"""Tools and the work they meet."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool in the magazine. `width_mm` is its engagement ae, `depth_mm` the most it takes at once (ap).

    `life_s` is the cutting time after which a tool of this sort reaches its wear criterion on average.
    """

    number: int
    name: str
    diameter_mm: float
    width_mm: float
    depth_mm: float
    life_s: float


@dataclass(frozen=True, slots=True)
class Material:
    """Stock. `kc_n_mm2` is the specific cutting force."""

    name: str
    kc_n_mm2: float


STEEL = Material("42CrMo4", 2_100)
ALUMINIUM = Material("EN AW-7075", 800)
TITANIUM = Material("Ti-6Al-4V", 1_700)
WAX = Material("machining wax", 25)
