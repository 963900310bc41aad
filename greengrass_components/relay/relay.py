"""The relay as a whole: tasks that share marks, reader and outbox, in one event loop."""

import asyncio
import contextlib
import logging
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cnc.domain.base.errors import MalformedMessage
from cnc.domain.telemetry.wire import loads
from greengrass_components.edge_kit import wipe
from greengrass_components.edge_kit.config import BadConfig, Bootstrap, parse_config, stored_config
from greengrass_components.edge_kit.files import write_atomic
from greengrass_components.edge_kit.identity.exchange import Asking
from greengrass_components.edge_kit.identity.renewal import STEP_S, Renewal
from greengrass_components.edge_kit.in_time import in_time
from greengrass_components.edge_kit.link import Link
from greengrass_components.edge_kit.pace import Pace, wall_ms
from greengrass_components.relay.errands import Errands
from greengrass_components.relay.marks import Marks, load_marks, save_marks
from greengrass_components.relay.outbox import Outbox
from greengrass_components.relay.previews import Previews
from greengrass_components.relay.reader import Reader
from greengrass_components.relay.receipts import Receipts
from greengrass_components.relay.report import Report, Reporter
from greengrass_components.relay.spans import MINUTE_MS, Cut
from greengrass_components.relay.trim import Trim

log = logging.getLogger(__name__)

#: How often silent sources are looked for; their minute is cut seconds after its end.
SILENCE_EVERY_MS: Final = 1_000
READ_EVERY_S: Final = 0.2
SEND_EVERY_S: Final = 0.2
SAVE_EVERY_S: Final = 1.0
TRIM_EVERY_S: Final = 10.0
#: With the receipts: each report writes a ledger per source, which at one a minute would cost as much as the rows.
HEALTH_EVERY_S: Final = 300.0
#: Of that time: from when on a report rides with a question, and when it is sent alone because nothing was to ask.
RIDES_AFTER: Final = 0.5
ALONE_AFTER: Final = 1.2
#: After a minute's end, so that its last rows are in the journal; the phase of the gateway comes on top.
AFTER_MINUTE_MS: Final = 3000
MAX_PHASE_S: Final = 60


@dataclass(slots=True)
class Relay:
    """Made by `open_relay`; `run` returns when `stop` is set, after one last save."""

    bootstrap: Bootstrap
    link: Link
    pace: Pace
    marks: Marks
    marks_path: Path
    reader: Reader
    outbox: Outbox
    receipts: Receipts
    previews: Previews
    reporter: Reporter
    trim: Trim
    errands: Errands
    at_work: Callable[[], None] = lambda: None
    health_every_s: float = HEALTH_EVERY_S
    _health_due: asyncio.Event = field(default_factory=asyncio.Event)
    _again: asyncio.Event = field(default_factory=asyncio.Event)
    _next_minute_ms: int = 0
    _silence_ms: int = 0
    _unstored: bytes = b""

    async def run(self, stop: asyncio.Event) -> bool:
        """True when it is to be opened anew, to read the journals from their beginning; False after `stop`.

        Raises what a part cannot go on with.
        """
        self._use_config()
        topics = [self.bootstrap.down(channel) for channel in ("receipt", "config", "cmd")]
        await self.link.start(topics, self._message, self._connected)
        parts = [
            self._every(READ_EVERY_S, self._read),
            self._every(SEND_EVERY_S, self._send_minutes),
            self._every(SEND_EVERY_S, self._drain),
            self._every(0.5, self.receipts.step),
            self._every(1.0, self.previews.step),
            self._every(0.5, self.errands.step),
            self._every(1.0, self._wipe_when_due),
            self._every(SAVE_EVERY_S, self._save),
            self._every(TRIM_EVERY_S, self._trim),
            self._report(),
        ]
        if isinstance(self.link, Asking):
            renewal = Renewal(self.bootstrap, self.link, self.link, self._again.set)
            parts.append(self._every(STEP_S, renewal.step))
        tasks = [asyncio.create_task(part) for part in parts]
        endings: list[asyncio.Task[Any]] = [asyncio.create_task(stop.wait()), asyncio.create_task(self._again.wait())]
        try:
            await asyncio.wait([*tasks, *endings], return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():
                    task.result()
            return not stop.is_set()
        finally:
            for task in (*tasks, *endings):
                task.cancel()
            await asyncio.gather(*tasks, *endings, return_exceptions=True)
            await self.link.close()
            self._save_marks()
            self.reader.close()

    async def _every(self, pause_s: float, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            await step()
            await asyncio.sleep(pause_s)

    async def _read(self) -> None:
        while self.reader.poll():
            self.at_work()
            await asyncio.sleep(0)
        self.at_work()
        now = self.pace.now_ms()
        if abs(now - self._silence_ms) < SILENCE_EVERY_MS:
            return
        self._silence_ms = now
        if ends := self.reader.silent(now):
            self._force(ends)

    def _force(self, ends: set[tuple[str, str, int]]) -> None:
        """Cut spans where no row ended them. A cut that is not noted could be made elsewhere after a restart."""
        new = ends - self.marks.forced
        self.marks.forced |= new
        try:
            if new:
                save_marks(self.marks_path, self.marks, for_good=True)
        except OSError as error:
            self.marks.forced -= new
            log.error("silent sources must wait, marks cannot be saved: %s", error)
            return
        self.reader.force(ends)

    async def _send_minutes(self) -> None:
        now = self.pace.now_ms()
        if now < self._next_minute_ms - MINUTE_MS:  # the clock was set back
            self._next_minute_ms = now
        if not self.reader.caught_up or (now < self._next_minute_ms and not self.outbox.holds_first_rows):
            return
        if now >= self._next_minute_ms:
            offset = AFTER_MINUTE_MS + phase_s(self.bootstrap.thing) * 1000
            self._next_minute_ms = (now - offset) // MINUTE_MS * MINUTE_MS + MINUTE_MS + offset
        if self.outbox.fresh:
            await self.outbox.send_fresh()

    async def _drain(self) -> None:
        while await self.outbox.send_backlog():
            pass

    async def _save(self) -> None:
        if self.marks.dirty:
            self._save_marks()
        if self._unstored:
            self._store_config(self._unstored)

    def _save_marks(self) -> None:
        """Older marks are as good, only slower: what they lack is asked for again."""
        try:
            save_marks(self.marks_path, self.marks)
        except OSError as error:
            log.error("marks cannot be saved: %s", error)

    async def _trim(self) -> None:
        if not self.reader.caught_up:
            return
        try:
            self.trim.step()
        except OSError as error:
            log.error("nothing could be trimmed: %s", error)

    async def _report(self) -> None:
        while True:
            left_s = ALONE_AFTER * self.health_every_s - self.reporter.age_s()
            with contextlib.suppress(TimeoutError):
                await in_time(max(left_s, min(1.0, self.health_every_s)), self._health_due.wait())
            late = self.reporter.age_s() >= ALONE_AFTER * self.health_every_s
            due = self._health_due.is_set() or late
            self._health_due.clear()
            if due and self.link.connected and self.reader.caught_up:
                await self.reporter.send()

    def _rider(self) -> Report | None:
        """The report that a question may take along."""
        early = self.reporter.age_s() < RIDES_AFTER * self.health_every_s
        return None if early or not self.reader.caught_up else self.reporter.rider()

    def _connected(self) -> None:
        self.previews.refresh()
        self._health_due.set()

    def _message(self, topic: str, payload: bytes) -> None:
        channel = topic.rpartition("/")[2]
        if topic != self.bootstrap.down(channel):
            log.error("a message on %s, which is not ours", topic)
        elif channel == "receipt":
            self.receipts.answer(payload)
        elif channel == "cmd":
            self._command(payload)
        elif channel == "config":
            self._store_config(payload)

    def _command(self, payload: bytes) -> None:
        """`live` leases the live lane; `ask_again` makes the relay ask for all that is still in the journals.

        Others are for components."""
        try:
            message = loads(payload)
        except MalformedMessage as error:
            log.error("cmd: %s", error)
            return
        kind = message.get("type")
        if kind == "live":
            self.previews.lease(message)
        elif kind == "ask_again":
            log.warning("asked to ask again for everything in the journals")
            self.marks.again, self.marks.start = True, {}
            self._again.set()
        elif kind == "wipe":
            self._wipe(message)
        elif not self.errands.take(message, payload):
            log.error("cmd: type %.40r, expected live, ask_again or one for a component", kind)

    def _wipe(self, message: dict[str, Any]) -> None:
        try:
            if not wipe.order(self.bootstrap, message, now_ms=wall_ms()):
                log.error("cmd: wipe for another gateway or shop")
        except OSError as error:
            log.error("wipe cannot be begun: %s", error)

    async def _wipe_when_due(self) -> None:
        """Opened anew, the relay carries it out before it reads anything."""
        if wipe.due(self.bootstrap, now_ms=wall_ms()):
            self._again.set()

    def _store_config(self, payload: bytes) -> None:
        if not payload or wipe.ordered(self.bootstrap) is not None:
            return
        try:
            config = parse_config(payload)
        except BadConfig as error:
            log.error("refused: %s", error)
            return
        ours = (self.bootstrap.tenant, self.bootstrap.site, self.bootstrap.thing)
        if (config.tenant, config.site, config.thing) != ours:
            log.error("refused: configuration of %s, this is %s", config.thing, self.bootstrap.thing)
            return
        path, self._unstored = self.bootstrap.config_path, b""
        try:
            if not path.exists() or path.read_bytes() != payload:
                write_atomic(path, payload)
                log.info("configuration %d stored", config.version)
        except OSError as error:
            log.error("configuration %d cannot be stored, trying again: %s", config.version, error)
            self._unstored = payload
            return
        self._use_config()
        self._health_due.set()

    def _use_config(self) -> None:
        config = stored_config(self.bootstrap.config_path)
        if config:
            self.receipts.every_s = config.receipt_every_s
            self.health_every_s = min(HEALTH_EVERY_S, config.receipt_every_s)


def phase_s(thing: str) -> int:
    """Second of the minute in which a gateway sends, so that not all send at once."""
    return zlib.crc32(thing.encode()) % MAX_PHASE_S


def open_relay(bootstrap: Bootstrap, *, link: Link, pace: Pace, at_work: Callable[[], None] = lambda: None) -> Relay:
    """Wire a relay; `at_work` is called as soon as it reads.

    Raises MalformedMessage for marks someone else wrote, OSError for a folder that cannot be used."""
    wipe.carry_out(bootstrap, now_ms=wall_ms())
    marks_path = bootstrap.data / "relay" / "marks.json"
    marks_path.parent.mkdir(parents=True, exist_ok=True)
    marks = load_marks(marks_path)
    relay: Relay

    def on_cut(cut: Cut) -> None:
        relay.outbox.take(cut)

    reader = Reader(bootstrap.data / "journal", marks, on_cut, lambda event: relay.previews.event(event))
    outbox = Outbox(bootstrap, link, pace, marks, reader)
    reporter = Reporter(bootstrap, link, pace, marks)
    relay = Relay(
        bootstrap=bootstrap,
        link=link,
        pace=pace,
        marks=marks,
        marks_path=marks_path,
        reader=reader,
        outbox=outbox,
        receipts=Receipts(bootstrap, link, marks, outbox, reporter, lambda: relay._rider()),
        previews=Previews(bootstrap, link, pace, reader),
        reporter=reporter,
        trim=Trim(reader, marks, marks_path, bootstrap.disk_limit_mb << 20, bootstrap.keep_days),
        errands=Errands(bootstrap, link),
        at_work=at_work,
    )
    return relay
