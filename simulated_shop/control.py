"""A machine as its control shows it now: plain attributes that protocol simulators read.

All attributes read within one step of an event loop come from one snapshot, so an answer never mixes two instants.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from simulated_shop.clock import Clock
from simulated_shop.machine import Machine
from simulated_shop.recipe import recipe_of
from simulated_shop.snapshot import Snapshot

T = TypeVar("T")


class Shown(Generic[T]):
    """An attribute whose value is taken from the present snapshot."""

    def __init__(self, read: Callable[[Snapshot], T]) -> None:
        self._read = read

    def __get__(self, live: "LiveControl", _: type[Any] | None = None) -> T:
        return self._read(live.snapshot())


class LiveControl:
    """Satisfies the FOCAS simulator's `Control`."""

    kind = Shown(lambda s: s.kind)
    axes = Shown(lambda s: s.axes)
    spindles = Shown(lambda s: s.spindles)
    mode = Shown(lambda s: s.mode)
    run = Shown(lambda s: s.run)
    motion = Shown(lambda s: s.motion)
    mstb = Shown(lambda s: s.mstb)
    emergency = Shown(lambda s: s.emergency)
    edit = Shown(lambda s: s.edit)
    alarms = Shown(lambda s: s.alarms)
    messages = Shown(lambda s: s.messages)
    program_number = Shown(lambda s: s.program_number)
    main_program_number = Shown(lambda s: s.main_program_number)
    sequence_number = Shown(lambda s: s.sequence_number)
    block_count = Shown(lambda s: s.block_count)
    block_text = Shown(lambda s: s.block_text)
    feed_mm_min = Shown(lambda s: s.feed_mm_min)
    feed_override_percent = Shown(lambda s: s.feed_override_percent)
    rapid_override_percent = Shown(lambda s: s.rapid_override_percent)
    spindle_override_percent = Shown(lambda s: s.spindle_override_percent)
    modal_g = Shown(lambda s: s.modal_g)
    commands = Shown(lambda s: s.commands)
    part_count = Shown(lambda s: s.part_count)
    part_total = Shown(lambda s: s.part_total)
    part_required = Shown(lambda s: s.part_required)
    power_on_ms = Shown(lambda s: s.power_on_ms)
    operating_ms = Shown(lambda s: s.operating_ms)
    cutting_ms = Shown(lambda s: s.cutting_ms)
    cycle_ms = Shown(lambda s: s.cycle_ms)
    now = Shown(lambda s: s.now)

    def __init__(self, machine: Machine, clock: Clock) -> None:
        self._machine, self._clock = machine, clock
        self._held: Snapshot | None = None
        numbers = machine.spec.programs
        self.programs: Mapping[int, str] = {number: recipe_of(number).text for number in numbers}
        self.macros: Mapping[int, float | None] = dict.fromkeys(range(100, 200))

    def snapshot(self) -> Snapshot:
        """The machine now; inside an event loop the same one until the present step ends."""
        if self._held is not None:
            return self._held
        snapshot = self._machine.at(self._clock())
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return snapshot
        self._held = snapshot
        loop.call_soon(self._release)
        return snapshot

    def _release(self) -> None:
        self._held = None
