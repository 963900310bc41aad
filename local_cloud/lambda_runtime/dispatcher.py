"""Gives invocations to workers: one at a time each, with timeout, concurrency and a fresh worker after a kill."""

import asyncio
import json
import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from local_cloud.cloud import Cloud
from local_cloud.door.meter import Meter
from local_cloud.door.sessions import Sessions
from local_cloud.lambda_runtime import functions
from local_cloud.lambda_runtime.functions import FunctionSpec
from local_cloud.lambda_runtime.workers import Workers
from local_cloud.processes import rotate

# A laptop's own bound on workers of one function; invocations beyond it wait, they are not throttled.
MOST_WORKERS = 6
IDLE_S = 60.0
INIT_S = 30.0
SESSION = timedelta(hours=12)
OLDEST_WORKER_S = 6 * 3600.0


class Throttled(Exception):
    """The reserved concurrency of the function is used up."""


class UnknownFunction(KeyError):
    """No such function in the template."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`error` is "" or "Unhandled"."""

    payload: bytes
    error: str = ""


@dataclass(slots=True)
class Invocation:
    request_id: str
    payload: bytes
    done: asyncio.Future[Outcome]
    deadline_ms: int = 0
    started_s: float = 0.0


@dataclass(slots=True)
class _Worker:
    name: str
    token: str
    generation: int
    born_s: float
    asked: bool = False  # for work, ever
    idle_since_s: float = 0.0
    waiting: asyncio.Future[Invocation] | None = None
    busy: Invocation | None = None
    timer: asyncio.TimerHandle | None = None


@dataclass(slots=True)
class _Pool:
    spec: FunctionSpec
    workers: dict[str, _Worker] = field(default_factory=dict)
    queue: deque[Invocation] = field(default_factory=deque)
    born: int = 0

    @property
    def running(self) -> int:
        return sum(worker.busy is not None for worker in self.workers.values()) + len(self.queue)


class Dispatcher:
    def __init__(self, cloud: Cloud, sessions: Sessions, meter: Meter) -> None:
        self._cloud = cloud
        self._sessions = sessions
        self._meter = meter
        self._pools = {name: _Pool(spec) for name, spec in functions.of(cloud).items()}
        self._by_token: dict[str, tuple[_Pool, _Worker]] = {}
        self._by_name: dict[str, tuple[_Pool, _Worker]] = {}
        self._generation = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.workers = Workers(cloud, on_ended=self._ended)

    def spec(self, name: str) -> FunctionSpec:
        if name not in self._pools:
            raise UnknownFunction(name)
        return self._pools[name].spec

    async def invoke(self, name: str, payload: bytes, *, request_id: str) -> Outcome:
        """Run the function once. Raises UnknownFunction or Throttled."""
        if name not in self._pools:
            raise UnknownFunction(name)
        pool = self._pools[name]
        if pool.spec.reserved is not None and pool.running >= pool.spec.reserved:
            raise Throttled(name)
        invocation = Invocation(request_id, payload, asyncio.get_running_loop().create_future())
        pool.queue.append(invocation)
        self._match(pool)
        return await invocation.done

    async def next(self, token: str) -> tuple[FunctionSpec, Invocation]:
        """What the Runtime API answers to `invocation/next`. Raises KeyError for a foreign token."""
        pool, worker = self._by_token[token]
        waiting = worker.waiting = asyncio.get_running_loop().create_future()
        worker.asked, worker.idle_since_s = True, time.monotonic()
        _stop_timer(worker)
        if worker.generation != self._generation or time.monotonic() - worker.born_s > OLDEST_WORKER_S:
            self._retire(pool, worker)
        self._match(pool)
        return pool.spec, await waiting

    def finish(self, token: str, request_id: str, outcome: Outcome) -> None:
        """The worker's answer. Raises KeyError for a foreign token."""
        pool, worker = self._by_token[token]
        if worker.busy is not None and worker.busy.request_id == request_id:
            self._settle(pool, worker, outcome)

    def init_error(self, token: str, payload: bytes) -> None:
        """The handler could not be imported: what waits for this function fails with that error."""
        pool, _ = self._by_token[token]
        while pool.queue:
            _resolve(pool.queue.popleft(), Outcome(payload, "Unhandled"))

    def reload(self) -> None:
        """Sources changed: idle workers go now, busy ones after their answer."""
        self._generation += 1
        for pool, worker in list(self._by_name.values()):
            if worker.busy is None:
                self._retire(pool, worker)
                self._match(pool)

    def trim(self) -> None:
        """Let go of workers that were idle for long; the last one of a function stays."""
        for pool in self._pools.values():
            idle = [one for one in pool.workers.values() if one.waiting is not None]
            for worker in idle[1:]:
                if time.monotonic() - worker.idle_since_s > IDLE_S:
                    self._retire(pool, worker)

    def _match(self, pool: _Pool) -> None:
        idle = [worker for worker in pool.workers.values() if worker.waiting is not None]
        while pool.queue and idle:
            self._give(pool, idle.pop(0), pool.queue.popleft())
        starting = sum(one.busy is None and one.waiting is None for one in pool.workers.values())
        for _ in range(len(pool.queue) - starting):
            if len(pool.workers) < MOST_WORKERS:
                self._spawn(pool)

    def _give(self, pool: _Pool, worker: _Worker, invocation: Invocation) -> None:
        timeout_s = pool.spec.timeout_s
        invocation.started_s = time.monotonic()
        invocation.deadline_ms = int((time.time() + timeout_s) * 1000)
        waiting, worker.waiting, worker.busy = worker.waiting, None, invocation
        worker.timer = asyncio.get_running_loop().call_later(timeout_s, self._timed_out, pool, worker)
        if waiting is not None and not waiting.done():
            waiting.set_result(invocation)

    def _spawn(self, pool: _Pool) -> None:
        pool.born += 1
        name = f"{pool.spec.shown}:{pool.born}"
        worker = _Worker(name, secrets.token_urlsafe(18), self._generation, time.monotonic())
        pool.workers[worker.name] = worker
        self._by_token[worker.token] = self._by_name[worker.name] = (pool, worker)
        worker.timer = asyncio.get_running_loop().call_later(INIT_S, self._timed_out, pool, worker)
        task = asyncio.create_task(self._order(pool, worker))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _order(self, pool: _Pool, worker: _Worker) -> None:
        spec, cloud = pool.spec, self._cloud
        session = self._sessions.issue(spec.role, spec.name[-64:], now=datetime.now(UTC), duration=SESSION)
        credentials = {
            "AWS_ACCESS_KEY_ID": session.credentials.access_key_id,
            "AWS_SECRET_ACCESS_KEY": session.credentials.secret_access_key,
            "AWS_SESSION_TOKEN": session.credentials.session_token,
        }
        api = f"127.0.0.1:{cloud.ports.aws}/runtime/{worker.token}"
        logs = cloud.data / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        rotate(logs / f"{spec.name}.log")
        try:
            await self.workers.start(
                worker.name,
                environment=functions.environment(spec, cloud, runtime_api=api, credentials=credentials),
                paths=[cloud.repository_root, str(Path(cloud.repository_root) / "graphql"), spec.asset_path],
                log=str(logs / f"{spec.name}.log"),
            )
        except TimeoutError:
            self._ended(worker.name)

    def _timed_out(self, pool: _Pool, worker: _Worker) -> None:
        if worker.busy is not None:
            text = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {worker.busy.request_id} Task timed out after"
            self._settle(pool, worker, _failed(f"{text} {pool.spec.timeout_s:.2f} seconds", "Sandbox.Timedout"))
        self._retire(pool, worker)
        self._match(pool)

    def _settle(self, pool: _Pool, worker: _Worker, outcome: Outcome) -> None:
        invocation, worker.busy = worker.busy, None
        _stop_timer(worker)
        if invocation is not None:
            billed_ms = int((time.monotonic() - invocation.started_s) * 1000) + 1
            self._meter.invoked(pool.spec.name, billed_ms=billed_ms, memory_mb=pool.spec.memory_mb)
            _resolve(invocation, outcome)

    def _retire(self, pool: _Pool, worker: _Worker) -> None:
        self._forget(pool, worker)
        self.workers.kill(worker.name)

    def _ended(self, name: str) -> None:
        found = self._by_name.get(name)
        if found is None:
            return
        pool, worker = found
        outcome = _failed("Runtime exited without providing a reason", "Runtime.ExitError")
        self._settle(pool, worker, outcome)
        if not worker.asked and pool.queue:
            _resolve(pool.queue.popleft(), outcome)  # else a worker that cannot start would be started for ever
        self._forget(pool, worker)
        self._match(pool)

    def _forget(self, pool: _Pool, worker: _Worker) -> None:
        pool.workers.pop(worker.name, None)
        self._by_name.pop(worker.name, None)
        self._by_token.pop(worker.token, None)
        _stop_timer(worker)
        if worker.waiting is not None and not worker.waiting.done():
            worker.waiting.set_exception(KeyError("retired"))
            worker.waiting = None


def _stop_timer(worker: _Worker) -> None:
    if worker.timer is not None:
        worker.timer.cancel()
        worker.timer = None


def _failed(message: str, kind: str) -> Outcome:
    return Outcome(json.dumps({"errorMessage": message, "errorType": kind}).encode(), "Unhandled")


def _resolve(invocation: Invocation, outcome: Outcome) -> None:
    if not invocation.done.done():
        invocation.done.set_result(outcome)
