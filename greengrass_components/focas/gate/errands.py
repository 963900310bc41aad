"""What the gate does for the cloud, beside the poll loops: orders, snapshots, uploads, kill switches."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cnc.domain.programs.order import EVERYONE
from cnc.domain.programs.snapshot import Item
from greengrass_components.edge_kit.config import Bootstrap, GatewayConfig, SourceConfig
from greengrass_components.edge_kit.files import write_atomic
from greengrass_components.edge_kit.in_time import in_time
from greengrass_components.edge_kit.mailbox import inbox, outbox, report, take_commands
from greengrass_components.focas.errors import FocasError
from greengrass_components.focas.gate.gate import Gate, Outcome
from greengrass_components.focas.gate.ports import ControlError
from greengrass_components.focas.gate.snapshot import Content
from greengrass_components.focas.gate.telling import COMPONENT

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 0.5
SETTLE_EVERY_S: Final = 5.0
#: The cloud learns of a gateway's switches this often even when nothing changes.
TELL_EVERY_S: Final = 900
#: Every machine is backed up once a day; the first time soon after it is known.
SNAPSHOT_EVERY_S: Final = 24 * 3600
FIRST_AFTER_S: Final = 20.0
AFTER_FAILURE_S: Final = 600
ITEMS_PER_REPORT: Final = 300

ReadControl = Callable[[SourceConfig], Awaitable[tuple[str, list[Content]]]]
Put = Callable[[str, bytes], Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class Errands:
    """`config()` is the configuration in force, `read(source)` gives serial and contents of a control."""

    bootstrap: Bootstrap
    gate: Gate
    config: Callable[[], GatewayConfig | None]
    read: ReadControl
    put: Put
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)
    _told: dict[str, tuple[int, list[str], int]] = field(default_factory=dict)
    _due_s: dict[str, float] = field(default_factory=dict)
    _settled_s: float = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; what is being written then is left, and put right at the next start."""
        try:
            while not stop.is_set():
                for message in take_commands(inbox(self.bootstrap.data, COMPONENT), now_s=time.time()):
                    self._take(message)
                self._tell_switches()
                self._begin_due()
                try:
                    await in_time(LOOK_EVERY_S, stop.wait())
                except TimeoutError:
                    continue
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _take(self, message: Mapping[str, Any]) -> None:
        """Kill switches at once, everything else in a task of its own."""
        kind = message.get("type")
        if kind == "stop_writing":
            self._stop_writing(str(message.get("subject")), stopped=message.get("stopped") is not False)
        elif kind == "write":
            self._start(self._write(message))
        elif kind == "snapshot":
            self._due_s[str(message.get("machine"))] = 0.0
        elif kind == "upload":
            self._start(self._upload(message))
        else:
            log.error("command of type %.40r, expected write, stop_writing, snapshot or upload", kind)

    def _stop_writing(self, subject: str, *, stopped: bool) -> None:
        try:
            self.gate.switch.set_stopped(subject, stopped=stopped)
        except OSError as error:
            log.error("%s: stopped = %s cannot be kept: %s", subject, stopped, error)

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an errand failed", exc_info=error)

    async def _write(self, message: Mapping[str, Any]) -> None:
        self._look_again(await self.gate.carry_out(message))

    def _look_again(self, outcome: Outcome | None) -> None:
        """What stands on the control after a write is the new truth."""
        if outcome is not None and outcome.order is not None and outcome.outcome != "refused":
            self._due_s[outcome.order.machine] = 0.0

    def _tell_switches(self) -> None:
        """Each machine's switch and what is stopped here: when it changed, and now and then.

        The cloud answers with what it wants to be otherwise: a command to stop that came while nobody listened is lost.
        """
        now_s, boot = time.monotonic(), self.bootstrap
        for source in self._sources():
            until_ms = self.gate.switch.enabled_until_ms(source.machine)
            stopped = self.gate.switch.stopped()
            here = sorted((stopped or frozenset()) & {EVERYONE, boot.tenant, boot.site, source.machine})
            state = (until_ms, here, int(now_s // TELL_EVERY_S))
            if self._told.get(source.machine) != state:
                body = {"type": "write_switch", "machine": source.machine, "enabled_until_ms": until_ms}
                if report(outbox(boot.data, COMPONENT), {**body, "stopped": here}):
                    self._told[source.machine] = state

    def _begin_due(self) -> None:
        now_s = time.monotonic()
        if now_s - self._settled_s >= SETTLE_EVERY_S:
            self._settled_s = now_s
            for machine in self.gate.files.machines():
                self._start(self._settle(machine))
        for source in self._sources():
            if now_s >= self._due_s.setdefault(source.machine, self._first_due_s(source)):
                self._due_s[source.machine] = now_s + SNAPSHOT_EVERY_S
                self._start(self._snapshot(source))
                return  # one begun per look: a floor of controls is not read in the same second

    def _first_due_s(self, source: SourceConfig) -> float:
        """On the monotonic clock, from when the last one was taken."""
        try:
            age_s = time.time() - self._kept(source.machine).stat().st_mtime
        except OSError:
            age_s = SNAPSHOT_EVERY_S
        return time.monotonic() + max(FIRST_AFTER_S, SNAPSHOT_EVERY_S - max(age_s, 0.0))

    async def _settle(self, machine: str) -> None:
        self._look_again(await self.gate.settle(machine))

    async def _snapshot(self, source: SourceConfig) -> None:
        """Contents stay beside the journal until the next snapshot, so that they can be sent when asked for."""
        try:
            serial, contents = await self.read(source)
        except (ControlError, FocasError) as error:
            log.warning("%s: no snapshot: %s", source.machine, error)
            self._due_s[source.machine] = time.monotonic() + AFTER_FAILURE_S
            return
        folder = self._kept(source.machine).parent
        for content in contents:
            path = folder / content.item.sha256
            if not path.exists():
                write_atomic(path, content.body)
        write_atomic(self._kept(source.machine), json.dumps([content.item.sha256 for content in contents]).encode())
        _keep_only({content.item.sha256 for content in contents}, folder)
        self._tell_snapshot(source, serial, [content.item for content in contents])

    def _tell_snapshot(self, source: SourceConfig, serial: str, items: Sequence[Item]) -> None:
        pieces = [items[at : at + ITEMS_PER_REPORT] for at in range(0, len(items), ITEMS_PER_REPORT)] or [[]]
        taken_ms = time.time_ns() // 1_000_000
        head = {"machine": source.machine, "source": source.id, "serial": serial, "taken_ms": taken_ms}
        for number, piece in enumerate(pieces, start=1):
            rows = [{"kind": i.kind, "name": i.name, "sha256": i.sha256, "size": i.size} for i in piece]
            body = {"type": "snapshot", **head, "items": rows, "part": number, "parts": len(pieces)}
            report(outbox(self.bootstrap.data, COMPONENT), body)

    async def _upload(self, message: Mapping[str, Any]) -> None:
        machine, sent = str(message.get("machine")), []
        folder = self._kept(machine).parent
        for item in message.get("items") or ():
            name, url = str(item.get("sha256")), str(item.get("url"))
            path = folder / Path(name).name
            try:
                body = path.read_bytes()
                if sha256(body).hexdigest() == name:
                    await self.put(url, body)
                    sent.append(name)
            except OSError as error:
                log.warning("%s: %s could not be sent: %s", machine, name[:12], error)
        if sent:
            report(outbox(self.bootstrap.data, COMPONENT), {"type": "uploaded", "machine": machine, "sha256s": sent})

    def _sources(self) -> list[SourceConfig]:
        config = self.config()
        return list(config.of(COMPONENT).values()) if config else []

    def _kept(self, machine: str) -> Path:
        return self.bootstrap.data / "snapshots" / Path(machine).name / "newest.json"


def _keep_only(wanted: set[str], folder: Path) -> None:
    for path in folder.iterdir():
        if len(path.name) == 64 and path.name not in wanted:
            path.unlink(missing_ok=True)
