"""An event loop for hundreds of devices: answers that come within ten milliseconds are handled in one pass.

Hundreds of devices asked in the same instant answer one after the other, and a loop that wakes for each answer spends
more on waking than on the answer. With many connections open, this one waits a moment before it looks.
"""

import asyncio
import selectors
import time
from typing import Final

GATHER_S: Final = 0.01
"""What an answer may wait; far below any period of polling."""
MANY: Final = 50
"""Open connections from which on it pays."""


class GatheringSelector(selectors.DefaultSelector):
    """Looks for events a moment later while many files are watched."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if len(self.get_map()) <= MANY or (timeout is not None and timeout <= GATHER_S):
            return super().select(timeout)
        ready = super().select(timeout)
        if len(ready) > MANY or not ready:
            return ready
        time.sleep(GATHER_S)
        # What was ready still is: nobody has read it.
        return super().select(0)


def gathering_loop() -> asyncio.AbstractEventLoop:
    """For `asyncio.Runner(loop_factory=…)`."""
    return asyncio.SelectorEventLoop(GatheringSelector())
