"""Kinds of machine: their axes, spindle and appetite for power."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AxisSpec:
    """One axis. `home` and `work_offset` in mm, or degrees when rotary; `rapid_per_min` in the same unit a minute."""

    name: str
    rapid_per_min: float
    home: float
    work_offset: float
    hold_load_percent: float = 3.0
    rotary: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """What all machines of one kind share. A tool change takes `tool_change_s`; idling takes `base_w`."""

    name: str
    axes: tuple[AxisSpec, ...]
    spindle_max_rpm: float
    spindle_rated_w: float
    base_w: float
    tool_change_s: float
    unattended: bool
    """Goes on through breaks of its people (bar feeder, pallet pool)."""

    @property
    def axis_names(self) -> tuple[str, ...]:
        return tuple(axis.name for axis in self.axes)


_X = AxisSpec("X", 30_000, 0.0, -402.5)
_Y = AxisSpec("Y", 30_000, 0.0, -210.0)
_Z = AxisSpec("Z", 24_000, 0.0, -356.2, hold_load_percent=19.0)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("mill", (_X, _Y, _Z), 12_000, 7_500, 1_450, 4.2, unattended=False),
        Kind(
            "lathe",
            (AxisSpec("X", 20_000, 0.0, -310.0), AxisSpec("Z", 24_000, 0.0, -488.0)),
            5_000,
            11_000,
            1_250,
            0.9,
            unattended=True,
        ),
        Kind(
            "5-axis",
            (
                _X,
                _Y,
                _Z,
                AxisSpec("A", 9_000, 0.0, 0.0, hold_load_percent=11.0, rotary=True),
                AxisSpec("C", 14_400, 0.0, 0.0, rotary=True),
            ),
            18_000,
            12_000,
            2_350,
            3.4,
            unattended=True,
        ),
        # The test-bed mill of the recordings is small: three axes, wax, 0.2 kW at the spindle.
        Kind(
            "replay",
            (
                AxisSpec("X", 3_000, 198.0, 0.0),
                AxisSpec("Y", 3_000, 158.0, 0.0),
                AxisSpec("Z", 3_000, 119.0, 0.0, hold_load_percent=12.0),
            ),
            6_000,
            1_100,
            420,
            8.0,
            unattended=True,
        ),
    )
}
