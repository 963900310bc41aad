"""From a sample to a row: scaled values, their quality, facts and alarms."""

from collections.abc import Sequence
from typing import Any

from cnc.domain.telemetry.facts import GOOD, Quality
from cnc.domain.telemetry.schema import Schema
from greengrass_components.edge_kit.driver import Reading
from greengrass_components.focas.driver.events import alarms, facts
from greengrass_components.focas.driver.execution import State
from greengrass_components.focas.driver.sample import Sample
from greengrass_components.focas.driver.signals import STATE, Description


class Rows:
    """What one control's rows look like, and what the last one reported."""

    def __init__(
        self, described: Sequence[Description], axes: Sequence[str], *, reported: "Rows | None" = None
    ) -> None:
        self.described = described
        self._axes = dict(enumerate(axes, start=1))
        self._reported: tuple[Any, Any] = reported._reported if reported else ({}, {})
        self.schema = Schema(tuple(description.signal for description in described))

    def reading(self, sample: Sample, *, certain: bool, keep_alarms: bool) -> Reading:
        """The row; `keep_alarms` when nobody saw whether they ended."""
        state = sample.state()
        inputs = _inputs(sample, state)
        values: list[int | None] = []
        doubtful = bool(sample.damaged) or state is None or not certain
        for description in self.described:
            value, plausible = _checked(description, inputs.get(description.needs))
            values.append(value)
            doubtful = doubtful or not plausible
        found, active = self._news(sample, state, keep_alarms=keep_alarms)
        quality = Quality.UNCERTAIN if doubtful else GOOD
        if all(value is None for value in values):
            quality = Quality.UNAVAILABLE
        return Reading(values, int(quality), found, active)

    def _news(self, sample: Sample, state: State | None, *, keep_alarms: bool) -> tuple[Any, Any]:
        """Facts and alarms; the objects of the tick before when nothing changed."""
        found, active = facts(sample, state), alarms(sample, axes=self._axes)
        old_found, old_active = self._reported
        if keep_alarms:
            active = old_active
        self._reported = (old_found if found == old_found else found, old_active if active == old_active else active)
        return self._reported


def _inputs(sample: Sample, state: State | None) -> dict[str, Any]:
    """Results by the names that signals need."""
    status = sample.get("status")
    inputs = dict(sample.results)
    inputs[STATE] = state
    inputs["tool"] = sample.tool
    inputs["motion"] = None if status is None else status.motion
    inputs["mstb"] = None if status is None else status.mstb
    inputs["overrides"] = None if sample.get("overrides") is None else sample.overrides
    return inputs


def _checked(description: Description, source: Any) -> tuple[int | None, bool]:
    """The scaled value, and whether what was read is possible at all."""
    if source is None:
        return None, True
    value = description.value(source)
    if value is None:
        return None, description.signal.kind != "text"
    if isinstance(value, str):
        return description.signal.scaled(str(value)), True
    if not description.low <= value <= description.high:
        return None, False
    return description.signal.scaled(value), True
