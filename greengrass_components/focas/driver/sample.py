"""What is known of a control at one tick: the newest result of every ask, None where it could not be read."""

from dataclasses import dataclass, field
from typing import Any

from greengrass_components.focas.driver.execution import State, state
from greengrass_components.focas.driver.overrides import Overrides, decode_overrides
from greengrass_components.focas.errors import FocasError, Refused
from greengrass_components.focas.protocol.functions.alarms import Alarm
from greengrass_components.focas.protocol.functions.modal import Command

NO_OVERRIDES = Overrides(None, None, None)


@dataclass(slots=True)
class Sample:
    """Results by the name of their ask, and what is made of several of them."""

    series: str = ""
    results: dict[str, Any] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)  # names whose last answer made no sense
    refusals: dict[str, Refused] = field(default_factory=dict)  # names whose last answer was no

    def keep(self, name: str, result: Any) -> None:
        """The newest result, or the FocasError in its place."""
        self.refusals.pop(name, None)
        if not isinstance(result, FocasError):
            self.results[name] = result
            return
        self.results[name] = None
        if isinstance(result, Refused):
            self.refusals[name] = result
        else:
            self.damaged.add(name)

    def get(self, name: str) -> Any:
        """The newest result, None when it could not be read."""
        return self.results.get(name)

    @property
    def overrides(self) -> Overrides:
        """In percent."""
        cells = self.get("overrides")
        return NO_OVERRIDES if cells is None else decode_overrides(cells)

    @property
    def tool(self) -> int | None:
        """The T word in force."""
        commands: list[Command] | None = self.get("commands")
        return next((round(word.value) for word in commands or () if word.address == "T"), None)

    @property
    def m_code(self) -> int | None:
        """The first M code of the block."""
        codes: list[int] | None = self.get("m_codes")
        return codes[0] if codes else None

    @property
    def program_name(self) -> str:
        """Name of the running program without its folder, empty when the control does not tell."""
        path: str | None = self.get("program_path")
        if path:
            return path.rsplit("/", 1)[-1]
        named = self.get("program_name")
        return named.name if named is not None else ""

    @property
    def alarms(self) -> list[Alarm]:
        """Active alarms with their text."""
        return self.get("alarms") or []

    def state(self) -> State | None:
        """The tile's inputs; None when the status could not be read."""
        status = self.get("status")
        if status is None:
            return None
        return state(status, series=self.series, feed_override_percent=self.overrides.feed, m_code=self.m_code)
