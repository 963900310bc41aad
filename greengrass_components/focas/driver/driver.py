"""The FOCAS driver: one control, every signal with its own period and its own fate.

- At first contact every function is tried; what the control does not have is written into its capability table and
  not asked again. An item that fails has no value and a reason, and the sweep goes on.
- An answer that makes no sense, or a value that is physically impossible, leaves that signal without a value and the
  row UNCERTAIN. A connection that ends in the first exchange costs the tick, later only what was not yet read.
- A function that ends the connection when it is asked alone is left out like one that does not exist.
- Names of programs and texts of alarms travel as events.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from cnc.domain.telemetry.schema import Schema
from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.edge_kit.driver import DriverError, Reading
from greengrass_components.edge_kit.pace import Pace as Clock
from greengrass_components.edge_kit.pace import WallPace
from greengrass_components.focas.client import PORT
from greengrass_components.focas.client.sessions import Session, Sessions
from greengrass_components.focas.counting import USUAL, BadMethod
from greengrass_components.focas.driver.asks import Ask, Pace, asks
from greengrass_components.focas.driver.capabilities import Capabilities, load, save, why_absent
from greengrass_components.focas.driver.execution import Run, plausible
from greengrass_components.focas.driver.machine import Machine, read_machine
from greengrass_components.focas.driver.rows import Rows
from greengrass_components.focas.driver.sample import Sample
from greengrass_components.focas.driver.signals import descriptions
from greengrass_components.focas.driver.sweep import Sweep
from greengrass_components.focas.errors import FocasError, MalformedReply, NoAnswer, Refused
from greengrass_components.focas.protocol.functions.clock import Elapsed
from greengrass_components.focas.protocol.functions.status import Status

ANSWER_TIMEOUT_S: Final = 3.0
READ_SHARE: Final = 0.8  # of a period; the poll loop cuts a read off a little later
MOST_REOPENINGS: Final = 6  # of one first contact
DEATHS: Final = 2  # connections that an ask asked alone must have ended before it is left out
ABSENT_AT_FIRST: Final = (1, 3, 4, 6)  # refusals of a first contact that mean "this control has no such thing"
DERIVED: Final = {"tool": "commands", "motion": "status", "mstb": "status"}  # signal input -> the ask it comes from

log = logging.getLogger(__name__)


class FocasDriver:
    """One source. Satisfies `edge_kit.driver.Driver` and `edge_kit.keeping.Keeping`."""

    def __init__(self, config: SourceConfig, sessions: Sessions | None = None) -> None:
        self._host, self._port = config.host, config.port or PORT
        self._path = int(config.settings.get("path", 1))
        self._counts = str(config.settings.get("counts") or USUAL)
        self._id, self._period_ms = config.id, config.period_ms
        self._sessions = sessions or Sessions()
        self._clock: Clock = WallPace()
        self._table_path: Path | None = None
        self._table = Capabilities()
        self._client: Session | None = None
        self._asks: dict[str, Ask] = {}
        self._sweep = Sweep(config.period_ms)
        self._deaths: Counter[str] = Counter()
        self._may_reopen = False
        self._sample = Sample()
        self.rows: Rows | None = None  # what a row holds; None until the first contact

    def keep_in(self, folder: Path, pace: Clock) -> None:
        """Keep the capability table as `<folder>/<source>.json`."""
        self._clock, self._table_path = pace, folder / f"{self._id}.json"
        self._table = load(self._table_path) or Capabilities()

    @property
    def schema(self) -> Schema | None:
        """None until the first contact: only the control knows its axes."""
        return self.rows.schema if self.rows else None

    @property
    def absent(self) -> Mapping[str, str]:
        """Names of asks this control does not have, and why."""
        return self._table.absent

    @property
    def failing(self) -> Mapping[str, str]:
        """Names of asks without a value at the newest tick, and why."""
        return self._table.failing

    # -- first contact --

    async def connect(self) -> Schema:
        """Open a session, learn what the control is and has. Raises DriverError."""
        await self.close()
        try:
            client = await self._open(ANSWER_TIMEOUT_S)
            machine = await read_machine(client, path=self._path)
            self._learn(machine)
            await self._probe()
        except (FocasError, BadMethod) as error:
            await self.close()
            raise DriverError(str(error)) from error
        described = [
            d
            for d in descriptions(machine, counts=self._counts)
            if DERIVED.get(d.needs, d.needs) not in self._table.absent
        ]
        self.rows = Rows(described, [axis.name for axis in machine.axes], reported=self.rows)
        self._keep_table(machine)
        return self.rows.schema

    async def _open(self, timeout_s: float) -> Session:
        self._client = await self._sessions.take(self._host, self._port, timeout_s=timeout_s)
        return self._client

    def _learn(self, machine: Machine) -> None:
        found = asks(machine, counts=self._counts)
        identity = {**machine.identity, "asks": sorted(ask.name for ask in found), "counts": self._counts}
        now_ms = self._clock.now_ms()
        if not self._table.holds(identity, now_ms=now_ms):
            self._table = Capabilities(identity=identity, learned_ms=now_ms)
            self._deaths.clear()
        self._asks = {ask.name: ask for ask in found}
        self._sweep.learn(found, tick_ms=now_ms)
        self._sample = Sample(machine.series)

    async def _probe(self) -> None:
        """Ask everything that may exist once. Raises FocasError when the control cannot be kept at the line."""
        groups, reopened = self._sweep.groups(self._known(self._asks)), 0
        while groups:
            group = groups.pop(0)
            try:
                await self._exchange(group, tick_ms=self._clock.now_ms())
            except FocasError as error:
                self._blame(group, error)
                reopened += 1
                if reopened > MOST_REOPENINGS:
                    raise
                await self._reopen(ANSWER_TIMEOUT_S)
                groups = [*([ask] for ask in self._known(ask.name for ask in group)), *groups]
                continue
            self._note_absent(group)
        for name, result in self._sample.results.items():
            if isinstance(result, Elapsed):  # a later timer may have told the order of an earlier one
                self._sample.results[name] = result.in_order(self._table.timer_order)

    def _note_absent(self, group: Iterable[Ask]) -> None:
        for ask in group:
            refusal = self._sample.refusals.get(ask.name)
            if refusal is not None and refusal.code in ABSENT_AT_FIRST:
                self._leave_out(ask.name, why_absent(refusal))

    def _known(self, names: Iterable[str]) -> list[Ask]:
        return [self._asks[name] for name in dict.fromkeys(names) if name not in self._table.absent]

    async def _reopen(self, timeout_s: float) -> None:
        await self.close()
        await self._open(timeout_s)

    def _keep_table(self, machine: Machine) -> None:
        path = self._sample.get("program_path")
        self._table.facts = {
            "axes": [axis.name for axis in machine.axes],
            "spindles": list(machine.spindles),
            "units": [axis.unit for axis in machine.axes],
            "program_naming": "folders" if path else "names" if self._sample.program_name else "numbers",
        }
        self._save()

    def _save(self) -> None:
        if self._table_path is None:
            return
        try:
            save(self._table_path, self._table)
        except OSError as error:
            log.warning("source %s: capability table cannot be kept: %s", self._id, error)

    def _leave_out(self, name: str, why: str) -> None:
        self._table.absent[name] = why
        self._table.failing.pop(name, None)
        self._sweep.items.pop(name, None)
        self._sample.results[name] = None

    # -- every tick --

    async def read(self, *, tick_ms: int) -> Reading:
        """One row. Raises DriverError when the tick is lost."""
        started, budget_s = self._time(), self._budget_s()
        await self._ready(budget_s)
        if self.rows is None:
            raise DriverError(f"{self._host}:{self._port}: not connected")
        self._sample.damaged.clear()
        before, absent = self._sample.get("numbers"), len(self._table.absent)
        others_first = self._sweep.others_first(budget_s)
        await self._fast(skip=others_first, tick_ms=tick_ms)
        wanted = [*self._wanted(before), *self._sweep.due(tick_ms)]
        for ask in self._asks.values():
            if ask.pace is Pace.WANTED and ask.name not in wanted:
                self._table.failing.pop(ask.name, None)  # nothing calls for it any more
        await self._others(self._known(wanted), until=started + budget_s, one=others_first, tick_ms=tick_ms)
        for name in self._sweep.stale(tick_ms):
            self._sample.results[name] = None
            self._table.failing.setdefault(name, "not read in time: the control is slow")
        if len(self._table.absent) != absent:
            self._save()
        return self.rows.reading(self._sample, certain=not self._table.failing, keep_alarms=self._alarms_unknown())

    def _alarms_unknown(self) -> bool:
        return self._sample.get("alarms") is None and "alarms" not in self._table.absent

    def _time(self) -> float:
        return asyncio.get_running_loop().time()

    def _budget_s(self) -> float:
        return self._clock.wall_s(self._period_ms) * READ_SHARE

    async def _ready(self, budget_s: float) -> None:
        """A live session; one that ended in the middle of the tick before is made anew within the budget."""
        if self._client is not None and self._client.alive:
            return
        if not self._may_reopen or self._client is None:
            raise DriverError(f"{self._host}:{self._port}: not connected")
        self._may_reopen = False
        try:
            await self._reopen(min(budget_s / 2, ANSWER_TIMEOUT_S))
        except FocasError as error:
            raise DriverError(str(error)) from error

    async def _fast(self, *, skip: bool, tick_ms: int) -> None:
        fast = self._known(self._sweep.fast())
        if skip:
            for ask in fast:
                self._sample.results[ask.name] = None
                self._table.failing[ask.name] = "not asked in this tick: the control is slow"
            return
        for group in self._sweep.groups(fast):
            try:
                await self._exchange(group, tick_ms=tick_ms)
            except FocasError as error:
                self._blame(group, error)
                raise DriverError(str(error)) from error

    async def _others(self, due: Sequence[Ask], *, until: float, one: bool, tick_ms: int) -> None:
        """As many exchanges as are expected to end in time; with `one` a single one, because the tick is given to it.

        One that takes longer after all is given up, and with it the connection: the row is in time.
        """
        served = 0
        for group in self._sweep.groups(due):
            left_s = until - self._time()
            if (served and one) or (not one and not self._sweep.fits(left_s)):
                break
            try:
                async with asyncio.timeout_at(until):
                    await self._exchange(group, tick_ms=tick_ms)
            except TimeoutError:
                self._sweep.took(left_s)
                self._blame(group, NoAnswer(f"no answer within the {left_s:.2f} s that were left of the tick"))
            except FocasError as error:
                self._blame(group, error)
            else:
                served += 1
                continue
            self._may_reopen = True
            break
        self._sweep.starved = 0 if served or one or not due else self._sweep.starved + 1

    def _wanted(self, before: Any) -> list[str]:
        """What this tick's first answers call for."""
        wanted, sample = [], self._sample
        if sample.get("alarm_bits") != 0:
            wanted.append("alarms")
        else:
            sample.results["alarms"] = []
        status = sample.get("status")
        if status is not None and status.run == Run.STOP:
            wanted.append("m_codes")
        if sample.get("numbers") != before:
            wanted += ["program_path", "program_name"]
        return wanted

    async def _exchange(self, group: Sequence[Ask], *, tick_ms: int) -> None:
        """One question and its answers into the sample. Raises FocasError when the connection is of no more use."""
        client = self._client
        if client is None:
            raise DriverError(f"{self._host}:{self._port}: not connected")
        started = self._time()
        results = await client.ask([ask.call for ask in group])
        self._sweep.took(self._time() - started)
        self._sweep.asked((ask.name for ask in group), tick_ms=tick_ms)
        for ask, result in zip(group, results, strict=True):
            self._keep(ask.name, result, tick_ms=tick_ms)

    def _keep(self, name: str, result: Any, *, tick_ms: int) -> None:
        if isinstance(result, Status) and not plausible(result):
            result = MalformedReply(f"state words {result} are none that a control shows")
        if isinstance(result, Elapsed):
            self._table.timer_order = result.order or self._table.timer_order
            result = result.in_order(self._table.timer_order)
        self._sweep.exonerate(name)
        self._deaths.pop(name, None)
        self._sample.keep(name, result)
        if not isinstance(result, FocasError):
            self._sweep.answered(name, tick_ms=tick_ms)
            self._table.failing.pop(name, None)
        elif isinstance(result, Refused) and result.permanent:
            self._leave_out(name, why_absent(result))
        else:
            self._table.failing[name] = str(result)

    def _blame(self, group: Sequence[Ask], error: FocasError) -> None:
        """The connection ended while these were asked: ask each alone from now on, to find the one that does it."""
        names = [ask.name for ask in group]
        for name in names:
            self._sample.results[name] = None
            self._table.failing[name] = str(error)
        self._sweep.isolate(names)
        if len(names) > 1:
            return
        self._deaths[names[0]] += 1
        if self._deaths[names[0]] >= DEATHS:
            self._leave_out(names[0], f"the control ends the connection when this is asked: {error}")

    async def close(self) -> None:
        """Let go of the session."""
        client, self._client = self._client, None
        if client is not None:
            await self._sessions.release(client)


def open_driver(
    config: SourceConfig, sessions: Sessions | None = None, *, vendor: Sessions | None = None
) -> FocasDriver:
    """The driver of one source.

    `settings.path` chooses a path of a control with several; `settings.backend` "vendor" has the maker's library
    read it, which the gateway gives as `vendor`.
    """
    backend = config.settings.get("backend", "wire")
    if backend not in ("wire", "vendor"):
        log.error("source %s: backend %r, expected wire or vendor; wire is taken", config.id, backend)
    return FocasDriver(config, vendor if backend == "vendor" and vendor is not None else sessions)
