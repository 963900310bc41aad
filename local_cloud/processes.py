"""The process table: starts, probes, restarts and ends every process of the local cloud.

One thread owns all children: on Linux a child dies with the *thread* that started it.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

POLL_S = 0.1
BACKOFF_S = (0.2, 5.0)
HEALTHY_AFTER_S = 10.0
STOP_WITHIN_S = 5.0
HOPELESS_AFTER = 4  # ends before it was ever ready
LOG_LIMIT_BYTES = 20_000_000
_LEASH = str(Path(__file__).with_name("leash.py"))

OnProcesses = Callable[[dict[str, int]], None]


class StartFailed(RuntimeError):
    """A process did not become ready in time; the text has its name, its log file and its last lines."""


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """One process: ready when `port` on 127.0.0.1 accepts (at once without a port).

    With `reports`, each line of stdout is JSON `{"name": str, "pid": int | null}`: a grandchild that came or went.
    """

    name: str
    argv: Sequence[str]
    port: int | None = None
    env: Mapping[str, str] | None = None
    cwd: str | None = None
    ready_within_s: float = 60.0
    reports: bool = False
    restart: bool = True


@dataclass(slots=True)
class _Entry:
    spec: ProcessSpec
    ready: threading.Event = field(default_factory=threading.Event)
    process: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    start_at_s: float = 0.0
    failures: int = 0
    grandchildren: dict[str, int] = field(default_factory=dict)
    unread: bytes = b""


def accepts(port: int) -> bool:
    """Whether somebody listens on 127.0.0.1:`port`."""
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def rotate(log: Path) -> None:
    """Keep a log bounded: a large one becomes `.log.1` before the next writer opens it."""
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))


class ProcessTable:
    """Thread-safe; `on_processes` is called with name -> pid after every change, from the owning thread."""

    def __init__(self, *, logs: Path, on_processes: OnProcesses) -> None:
        self._logs = logs
        self._on_processes = on_processes
        self._entries: dict[str, _Entry] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._last: dict[str, int] = {}
        self._thread = threading.Thread(target=self._run, name="process-table", daemon=True)
        logs.mkdir(parents=True, exist_ok=True)
        self._thread.start()

    def add(self, spec: ProcessSpec, *, wait: bool = True) -> None:
        """Start a process and keep it alive. Raises StartFailed when it is not ready in time."""
        with self._lock:
            if spec.name in self._entries:
                raise ValueError(f"a process named {spec.name!r} exists already")
            self._entries[spec.name] = _Entry(spec)
        if wait:
            self.wait_ready(spec.name)

    def wait_ready(self, name: str) -> None:
        entry = self._entries[name]
        deadline = time.monotonic() + entry.spec.ready_within_s
        while not entry.ready.wait(POLL_S):
            if entry.failures < HOPELESS_AFTER and time.monotonic() < deadline:
                continue
            log = self.log_path(name)
            tail = b"\n".join(log.read_bytes().splitlines()[-12:]).decode(errors="replace") if log.exists() else ""
            how = f"ended {entry.failures} times" if entry.failures else "did not answer in time"
            raise StartFailed(f"{name} {how}; log {log}:\n{tail}")

    def log_path(self, name: str) -> Path:
        return self._logs / f"{name.replace(':', '-').replace('/', '-')}.log"

    def pids(self) -> dict[str, int]:
        return dict(self._last)

    def stop(self) -> None:
        """End everything, newest first: SIGTERM, then SIGKILL after `STOP_WITHIN_S`."""
        self._stopping.set()
        self._thread.join(timeout=STOP_WITHIN_S + 2)

    def _run(self) -> None:
        while not self._stopping.wait(POLL_S):
            with self._lock:
                entries = list(self._entries.values())
            for entry in entries:
                self._tend(entry, now_s=time.monotonic())
            self._publish(entries)
        self._end_all()

    def _tend(self, entry: _Entry, *, now_s: float) -> None:
        if entry.process is None:
            if now_s >= entry.start_at_s:
                self._spawn(entry, now_s=now_s)
            return
        self._read_reports(entry)
        if entry.process.poll() is not None:
            self._bury(entry, now_s=now_s)
        elif not entry.ready.is_set() and (entry.spec.port is None or accepts(entry.spec.port)):
            entry.ready.set()

    def _spawn(self, entry: _Entry, *, now_s: float) -> None:
        spec = entry.spec
        log = self.log_path(spec.name)
        rotate(log)
        with log.open("ab") as file:
            entry.process = subprocess.Popen(
                [sys.executable, "-I", "-S", _LEASH, str(os.getpid()), "--", *spec.argv],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if spec.reports else file,
                stderr=file,
                env=None if spec.env is None else dict(spec.env),
                cwd=spec.cwd,
                start_new_session=True,
            )
        if entry.process.stdout is not None:
            os.set_blocking(entry.process.stdout.fileno(), False)
        entry.started_s, entry.unread = now_s, b""

    def _bury(self, entry: _Entry, *, now_s: float) -> None:
        if now_s - entry.started_s > HEALTHY_AFTER_S:
            entry.failures = 0
        entry.start_at_s = now_s + min(BACKOFF_S[1], BACKOFF_S[0] * 2**entry.failures)
        if not entry.spec.restart:
            entry.start_at_s = float("inf")
        entry.failures += 1
        entry.grandchildren.clear()
        if entry.process is not None and entry.process.stdout is not None:
            entry.process.stdout.close()
        entry.process = None

    def _read_reports(self, entry: _Entry) -> None:
        stdout: IO[bytes] | None = entry.process.stdout if entry.process else None
        if stdout is None:
            return
        while chunk := stdout.read(65_536):
            entry.unread += chunk
        *lines, entry.unread = entry.unread.split(b"\n")
        for line in lines:
            said = json.loads(line)
            if said["pid"] is None:
                entry.grandchildren.pop(said["name"], None)
            else:
                entry.grandchildren[said["name"]] = said["pid"]

    def _publish(self, entries: Sequence[_Entry]) -> None:
        pids = {"supervisor": os.getpid()}
        for entry in entries:
            if entry.process is not None:
                pids[entry.spec.name] = entry.process.pid
                pids |= entry.grandchildren
        if pids != self._last:
            self._last = pids
            self._on_processes(dict(pids))

    def _end_all(self) -> None:
        running = [entry.process for entry in reversed(self._entries.values()) if entry.process is not None]
        for process in running:
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN_S
        for process in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            _signal_group(process, signal.SIGKILL)
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
