"""G codes by number (times ten): which modal state they set, and the lathe systems brought to one numbering."""

from typing import Any, Final


def name(code: int) -> str:
    """`G54.1` of 541."""
    return f"G{code // 10}.{code % 10}" if code % 10 else f"G{code // 10}"


#: code -> (group, field of `Modal`, value). Two codes of one group in a block: the later one counts.
MODAL: Final[dict[int, tuple[str, str, Any]]] = {
    **{
        code: ("motion", "motion", name(code))
        for code in (0, 10, 20, 30, 22, 32, 23, 33, 24, 34, 62, 330, 340, 350, 360)
    },
    **{code: ("plane", "plane", name(code)) for code in (170, 180, 190)},
    **{code: ("units", "units", name(code)) for code in (200, 210)},
    **{code: ("feed_mode", "feed_mode", name(code)) for code in (930, 940, 950)},
    **{code: ("cutter", "cutter", name(code)) for code in (400, 410, 420)},
    **{code: ("level", "level", name(code)) for code in (980, 990)},
    900: ("distance", "absolute", True),
    910: ("distance", "absolute", False),
    960: ("surface", "constant_surface", True),
    970: ("surface", "constant_surface", False),
}
MILL_CYCLES: Final = (730, 740, 760, 810, 820, 830, 840, 842, 843, 850, 860, 870, 880, 890)
LATHE_CYCLES: Final = (830, 840, 850, 870, 880, 890)
WORK: Final = {540: "G54", 550: "G55", 560: "G56", 570: "G57", 580: "G58", 590: "G59"}
LENGTH: Final = {430: "G43", 440: "G44", 434: "G43.4", 435: "G43.5", 490: "G49"}

#: Lathe systems A and C in the numbers of system B.
LATHE_A: Final = {900: 770, 920: 780, 940: 790, 980: 940, 990: 950, 500: 920, 503: 921, 320: 330}
LATHE_C: Final = {
    200: 770, 210: 780, 240: 790, 700: 200, 710: 210, 720: 700, 730: 710, 740: 720, 750: 730, 760: 740, 770: 750,
    780: 760, 320: 330,
}  # fmt: skip
#: Simple turning, threading and facing cycles of a lathe in system B.
TURNING: Final = (770, 780, 790)
#: Multiple cycles of a lathe: finish, rough along Z, rough along X, pattern, face peck, groove peck, thread.
MULTIPLE: Final = (700, 710, 720, 730, 740, 750, 760)

#: Codes that neither move an axis nor change what this reader tracks.
SILENT: Final = frozenset(
    {
        50, 51, 54, 80, 81, 90, 110, 220, 230, 250, 260, 390, 401, 411, 421, 500, 531, 542, 544, 600, 610, 611, 620,
        630, 640, 690, 800, 1870,
    }
)  # fmt: skip
