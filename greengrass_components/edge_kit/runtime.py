"""A driver component as a process: `python -m greengrass_components.<name> --bootstrap FILE`.

It polls the sources the configuration document gives to it, follows the document as it changes, and ends on SIGTERM
or when its parent ends.
"""

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import secrets
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

from greengrass_components.edge_kit import wipe
from greengrass_components.edge_kit.config import (
    BadConfig,
    Bootstrap,
    GatewayConfig,
    SourceConfig,
    bootstrap_arguments,
    bootstrap_of,
    parse_config,
)
from greengrass_components.edge_kit.diagnosis.desk import Desk
from greengrass_components.edge_kit.diagnosis.probe import ProtocolProbe
from greengrass_components.edge_kit.driver import OpenDriver
from greengrass_components.edge_kit.in_time import in_time
from greengrass_components.edge_kit.journal import Journal, JournalLimits
from greengrass_components.edge_kit.keeping import Keeping
from greengrass_components.edge_kit.nucleus import SelfCheck, below_nucleus
from greengrass_components.edge_kit.pace import Pace, pace_of, wall_ms
from greengrass_components.edge_kit.poll_loop import PollLoop
from greengrass_components.edge_kit.status import ComponentStatus, write_status

log = logging.getLogger(__name__)

#: Work of a component that is no poll loop: until the event is set.
Beside = Callable[[Bootstrap, asyncio.Event], Awaitable[None]]

SYNC_EVERY_S: Final = 1.0
OPEN_RETRY_S: Final = 5.0
ALIVE_EVERY_MS: Final = 5_000


@dataclass(slots=True)
class ConfigFile:
    """The configuration document on disk, read again when it changes."""

    path: Path
    _seen: tuple[int, int] = (0, 0)

    def changed(self) -> GatewayConfig | None:
        """The document when it is new and can be used; a bad one is logged once and leaves the old in force."""
        try:
            stat = self.path.stat()
            if (stat.st_mtime_ns, stat.st_ino) == self._seen:
                return None
            self._seen = (stat.st_mtime_ns, stat.st_ino)
            return parse_config(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, BadConfig) as error:
            log.error("%s: %s", self.path, error)
            return None


@dataclass(slots=True)
class Component:
    """All poll loops of one process. A loop that fails is begun anew; a source that changes gets a new driver."""

    name: str
    folder: Path
    journal: Journal
    pace: Pace
    open_driver: OpenDriver
    config: ConfigFile
    at_work: Callable[[], None] = lambda: None
    wiped: Callable[[], bool] = lambda: False
    version: int = 0
    loops: dict[str, PollLoop] = field(default_factory=dict)
    _tasks: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)
    _reported: ComponentStatus | None = None

    async def run(self, stop: asyncio.Event) -> None:
        try:
            while not stop.is_set() and not self.wiped():
                document = self.config.changed()
                if document:
                    await self._apply(document)
                self._restart_failed()
                await self._sync()
                self._report("running" if self._tasks else "waiting")
                self.at_work()
                with contextlib.suppress(TimeoutError):
                    await in_time(SYNC_EVERY_S, stop.wait())
        finally:
            for source in list(self._tasks):
                await self._end(source)
            try:
                self.journal.close()
            except OSError as error:
                log.error("journal cannot be closed in order: %s", error)
            self._report("stopped")

    async def _apply(self, document: GatewayConfig) -> None:
        wanted = document.of(self.name)
        for source, loop in list(self.loops.items()):
            if wanted.get(source) != loop.config:
                await self._end(source)
        for source, config in wanted.items():
            if source not in self.loops:
                self._start(config)
        self.version = document.version
        log.info("%s: configuration %d, %d sources", self.name, document.version, len(self.loops))

    def _start(self, config: SourceConfig) -> None:
        driver = self.open_driver(config)
        if isinstance(driver, Keeping):
            driver.keep_in(self.folder / "devices", self.pace)
        loop = PollLoop(config, driver, self.journal, self.pace)
        self.loops[config.id] = loop
        self._tasks[config.id] = asyncio.create_task(loop.run(), name=f"poll {config.id}")

    async def _end(self, source: str) -> None:
        task = self._tasks.pop(source)
        self.loops.pop(source)
        task.cancel()
        await asyncio.wait([task])

    def _restart_failed(self) -> None:
        for source, task in list(self._tasks.items()):
            if task.done():
                log.error("source %s failed and is begun anew", source, exc_info=task.exception())
                self._start(self.loops[source].config)

    async def _sync(self) -> None:
        try:
            await asyncio.to_thread(self.journal.begin_sync())
        except OSError as error:
            log.error("journal cannot be made durable: %s", error)

    def _report(self, state: str) -> None:
        """Whenever something changed, and often enough to be taken as alive."""
        sources = {source: loop.state.last_error for source, loop in self.loops.items()}
        status = ComponentStatus(wall_ms(), self.version, state, sources)
        before = self._reported
        fresh = before is not None and abs(status.at_ms - before.at_ms) < ALIVE_EVERY_MS
        if fresh and before is not None and replace(before, at_ms=status.at_ms) == status:
            return
        self._reported = status
        try:
            write_status(self.folder, status)
        except OSError as error:
            log.error("status cannot be written: %s", error)


async def run_component(
    name: str,
    open_driver: OpenDriver,
    bootstrap: Bootstrap,
    *,
    probes: Sequence[ProtocolProbe] = (),
    beside: Sequence[Beside] = (),
) -> bool:
    """Until SIGTERM, SIGINT or the end of the parent; False when it did not come to work.

    Nothing is read before the journal can be written.
    """
    settle()
    stop, check = stop_on_signals(), SelfCheck()
    works: list[Callable[[asyncio.Event], Awaitable[None]]] = [partial(work, bootstrap) for work in beside]
    if probes:
        works.append(Desk(name, bootstrap.data, probes).run)
    tasks = [asyncio.create_task(_kept_going(work, stop)) for work in works]
    tasks.append(asyncio.create_task(check.run(stop)))
    try:
        await _poll(name, open_driver, bootstrap, stop, check)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return not check.failed


async def _kept_going(work: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event) -> None:
    """What runs beside the poll loops never ends them, and is begun anew when it fails."""
    while not stop.is_set():
        try:
            await work(stop)
        except Exception:
            log.exception("work beside the poll loops failed and is begun anew")
            with contextlib.suppress(TimeoutError):
                await in_time(OPEN_RETRY_S, stop.wait())


async def _poll(
    name: str, open_driver: OpenDriver, bootstrap: Bootstrap, stop: asyncio.Event, check: SelfCheck
) -> None:
    folder = bootstrap.journal(name)
    pace = pace_of(bootstrap.shop_clock)
    while not stop.is_set():
        if wipe.ordered(bootstrap) is not None:  # nothing is read for a shop that is erased
            check.passed()
            with contextlib.suppress(TimeoutError):
                await in_time(SYNC_EVERY_S, stop.wait())
            continue
        try:
            journal = Journal.open(
                folder,
                component=name,
                clock_ms=pace.now_ms,
                random=secrets.token_bytes,
                limits=JournalLimits(disk_bytes=bootstrap.disk_limit_mb << 20),
            )
        except OSError as error:
            log.error("journal cannot be opened, trying again: %s", error)
            check.hindered(error)
            with contextlib.suppress(TimeoutError):
                await in_time(OPEN_RETRY_S, stop.wait())
            continue
        config = ConfigFile(bootstrap.config_path)
        component = Component(
            name, folder, journal, pace, open_driver, config, check.passed, lambda: wipe.ordered(bootstrap) is not None
        )
        await component.run(stop)


def settle() -> None:
    """What is loaded by now stays until the process ends: the collector need not look at it each time."""
    gc.collect()
    gc.freeze()


def stop_on_signals() -> asyncio.Event:
    """Set by SIGTERM, by SIGINT, and when the parent of this process has ended."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    parent = os.getppid()

    def watch() -> None:
        if os.getppid() != parent:
            stop.set()
        elif not stop.is_set():
            loop.call_later(1.0, watch)

    watch()
    return stop


def start_logging() -> None:
    """One line per record: on stderr, or on stdout below the nucleus, which takes stderr for warnings."""
    stream = sys.stdout if below_nucleus() else sys.stderr
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=stream)


def begun(name: str, argv: Sequence[str] | None) -> Bootstrap | None:
    """The bootstrap that the arguments of a component name, logging begun; None, and said on stderr, for a bad one."""
    parser = argparse.ArgumentParser(prog=f"python -m greengrass_components.{name}")
    bootstrap_arguments(parser)
    options = parser.parse_args(argv)
    start_logging()
    try:
        return bootstrap_of(options)
    except BadConfig as error:
        print(error, file=sys.stderr)
        return None


def main(
    name: str,
    open_driver: OpenDriver,
    argv: Sequence[str] | None = None,
    *,
    probes: Sequence[ProtocolProbe] = (),
    beside: Sequence[Beside] = (),
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> int:
    """Exit code 2 for a bootstrap that cannot be used, 1 for a component that did not come to work, else 0.

    `probes` are what the component can diagnose when the cloud asks for it; the first is its own protocol. `beside`
    runs as long as the poll loops do.
    """
    bootstrap = begun(name, argv)
    if bootstrap is None:
        return 2
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        works = runner.run(run_component(name, open_driver, bootstrap, probes=probes, beside=beside))
    return 0 if works else 1
