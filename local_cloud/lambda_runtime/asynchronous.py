"""Asynchronous invocations: retries, age, failure destination; repeated and reordered as AWS may do, from a seed.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html: at least once, any order.
"""

import asyncio
import random
import time
import uuid
from collections.abc import Awaitable, Callable

from local_cloud.cloud import Chaos
from local_cloud.lambda_runtime.dispatcher import Dispatcher, Outcome, Throttled
from local_cloud.lambda_runtime.functions import FunctionSpec

RETRY_AFTER_S = (60.0, 120.0)  # after a function error
THROTTLE_BACKOFF_S = (0.5, 30.0)
REORDER_S = 0.5

OnFailure = Callable[[FunctionSpec, bytes, Outcome], Awaitable[None]]


class AsyncInvoker:
    def __init__(
        self,
        dispatcher: Dispatcher,
        *,
        chaos: Chaos,
        on_failure: OnFailure,
        retry_after_s: tuple[float, ...] = RETRY_AFTER_S,
    ) -> None:
        self._dispatcher = dispatcher
        self._chaos = chaos
        self._random = random.Random(chaos.seed)  # noqa: S311 - a seeded disturbance, no secret
        self._on_failure = on_failure
        self._retry_after_s = retry_after_s
        self._tasks: set[asyncio.Task[None]] = set()

    def accept(self, name: str, payload: bytes) -> str:
        """Take an event; it runs later, now and then twice. Raises UnknownFunction. Answers the request id."""
        spec = self._dispatcher.spec(name)
        request_id = str(uuid.uuid4())
        copies = 2 if self._random.random() < self._chaos.duplicate else 1
        for _ in range(copies):
            late_s = self._random.random() * REORDER_S if self._random.random() < self._chaos.reorder else 0.0
            task = asyncio.create_task(self._run(spec, payload, request_id, late_s))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return request_id

    async def _run(self, spec: FunctionSpec, payload: bytes, request_id: str, late_s: float) -> None:
        accepted_s = time.monotonic()
        await asyncio.sleep(late_s)
        errors, throttles = 0, 0
        outcome = Outcome(b"", "Expired")
        while time.monotonic() - accepted_s <= spec.max_event_age_s:
            try:
                outcome = await self._dispatcher.invoke(spec.name, payload, request_id=request_id)
            except Throttled:
                await asyncio.sleep(min(THROTTLE_BACKOFF_S[1], THROTTLE_BACKOFF_S[0] * 2**throttles))
                throttles += 1
                continue
            if not outcome.error:
                return
            if errors >= spec.max_retries:
                break
            await asyncio.sleep(self._retry_after_s[min(errors, len(self._retry_after_s) - 1)])
            errors += 1
        await self._on_failure(spec, payload, outcome)
