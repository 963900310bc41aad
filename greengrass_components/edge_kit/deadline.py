"""Time limits that cost next to nothing when they are kept, for hundreds of sources that are read every second.

`asyncio.timeout` makes, sorts and cancels a timer for each use. Here limits of one length expire in the order they
began, so one timer serves all of them.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from types import TracebackType
from typing import Any, Final, Self

MOST_LENGTHS: Final = 64
"""Different lengths one process may use before the oldest are forgotten; a time-lapse changes them once."""


class Limit(ABC):
    """One use of a length. `kept` once what it limits has ended; else `expire` is called when its time has come."""

    __slots__ = ("at", "kept")

    at: float
    kept: bool

    @abstractmethod
    def expire(self) -> None:
        """Its time has come, and it was not kept."""


class Limits:
    """All time limits of one length, in seconds."""

    def __init__(self, length_s: float) -> None:
        self.length_s = length_s
        self._open: deque[Limit] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self, limit: Limit) -> None:
        """A limit from now on."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:  # another event loop: its limits went with it
            self._open.clear()
            self._loop = loop
        limit.at, limit.kept = loop.time() + self.length_s, False
        self._open.append(limit)
        if len(self._open) == 1:
            loop.call_at(limit.at, self._look)

    def _look(self) -> None:
        """Expire what is due, forget what ended in time, look again when the next one is due."""
        loop, waiting = self._loop, self._open
        assert loop is not None
        now = loop.time()
        while waiting and (waiting[0].kept or waiting[0].at <= now):
            limit = waiting.popleft()
            if not limit.kept:
                limit.expire()
        if waiting:
            loop.call_at(waiting[0].at, self._look)


_LIMITS: Final[dict[float, Limits]] = {}


def limits_of(length_s: float) -> Limits:
    """The limits of this length in this process."""
    found = _LIMITS.get(length_s)
    if found is None:
        if len(_LIMITS) >= MOST_LENGTHS:
            _LIMITS.pop(next(iter(_LIMITS)))
        found = _LIMITS[length_s] = Limits(length_s)
    return found


class within(Limit):  # noqa: N801  read as a word: `with within(0.9):`
    """`with within(seconds):` around awaits of the present task, as `asyncio.timeout`; raises TimeoutError.

    Whoever is in that task anyway may name it: looking for it is a fifth of the price.
    """

    __slots__ = ("_cancelling", "_expired", "_length_s", "_present", "_task")

    def __init__(self, length_s: float, task: "asyncio.Task[Any] | None" = None) -> None:
        self._length_s, self._present = length_s, task
        self._expired = False

    def __enter__(self) -> Self:
        task = self._present or asyncio.current_task()
        if task is None:
            raise RuntimeError("a time limit belongs to a task")
        self._task, self._cancelling = task, task.cancelling()
        limits_of(self._length_s).begin(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kept = True
        if self._expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        self._expired = True
        self._task.cancel()
