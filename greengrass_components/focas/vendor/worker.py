"""One thread per handle: the library refuses a handle in any other thread than the one that got it.

A call that does not come back within its time leaves its thread behind: the library offers no way to end it. The
worker is of no more use then, and the thread ends with the call or with the process.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from greengrass_components.focas.errors import ConnectionLost, NoAnswer

T = TypeVar("T")
_Job = tuple[Callable[[], Any], "asyncio.Future[Any]", asyncio.AbstractEventLoop]


class Worker:
    """Runs functions one after the other in a thread of its own."""

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self.alive = True
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def run(self, function: Callable[[], T], *, timeout_s: float) -> T:
        """Its result. Raises NoAnswer when it takes longer, ConnectionLost when the worker was given up before."""
        if not self.alive:
            raise ConnectionLost(f"{self._thread.name}: the handle was given up before")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put((function, future, loop))
        try:
            async with asyncio.timeout(timeout_s):
                return await future
        except TimeoutError as late:
            self.stop()
            raise NoAnswer(f"{self._thread.name}: the library did not come back within {timeout_s:g} s") from late
        except asyncio.CancelledError:
            self.stop()
            raise

    def stop(self, last: Callable[[], Any] | None = None) -> None:
        """No more jobs; `last` is carried out after what is under way."""
        if self.alive:
            self.alive = False
            if last is not None:
                loop = asyncio.get_running_loop()
                self._jobs.put((last, loop.create_future(), loop))
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            function, future, loop = job
            try:
                result, error = function(), None
            except BaseException as raised:  # noqa: BLE001  belongs to who waits for it
                result, error = None, raised
            try:
                loop.call_soon_threadsafe(_settle, future, result, error)
            except RuntimeError:
                return  # the loop has ended: nobody waits any more


def _settle(future: "asyncio.Future[Any]", result: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
        future.exception()  # whoever waits sees it again; nobody waiting is no news
    else:
        future.set_result(result)
