"""A driver that learns something about its device may keep it beside the journal."""

from pathlib import Path
from typing import Protocol, runtime_checkable

from greengrass_components.edge_kit.pace import Pace


@runtime_checkable
class Keeping(Protocol):
    """Told once, before the first `connect`."""

    def keep_in(self, folder: Path, pace: Pace) -> None:
        """`folder` belongs to the component (it may not exist yet); `pace` is the clock of the rows."""
