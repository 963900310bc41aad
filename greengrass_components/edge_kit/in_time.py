"""Waiting for something, but not for ever.

`wait_for` of asyncio in Python 3.11 loses a cancellation that arrives together with the result: the task that was to
end goes on, and whoever waits for its end waits with it. `asyncio.timeout` does not.
"""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def in_time(timeout_s: float, awaited: Awaitable[T]) -> T:
    """The result of `awaited`. Raises TimeoutError, and cancels it, when that takes longer than `timeout_s`."""
    async with asyncio.timeout(timeout_s):
        return await awaited
