"""The driver of a source whose settings cannot be used."""

from cnc.domain.telemetry.schema import Schema
from greengrass_components.edge_kit.driver import DriverError, Reading


class Unusable:
    """Says why at every connect, so that health shows it."""

    schema: Schema | None = None

    def __init__(self, why: str) -> None:
        self._why = why

    async def connect(self) -> Schema:
        raise DriverError(self._why)

    async def read(self, *, tick_ms: int) -> Reading:
        del tick_ms
        raise DriverError(self._why)

    async def close(self) -> None:
        """Nothing is open."""
