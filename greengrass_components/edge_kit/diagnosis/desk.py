"""Probes that the cloud asks of a gateway: commands from the mailbox in, reports out (docs/contracts.md, 12).

One at a time and few in a minute: a probe opens connections of its own to a machine that is being read.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cnc.domain.base.clock import to_ms, utc_now
from cnc.domain.base.errors import BadId, MalformedMessage
from cnc.domain.base.ids import check_id
from cnc.domain.telemetry.wire import Fields, fields
from greengrass_components.edge_kit.diagnosis.probe import ProtocolProbe, Target, diagnose, guess
from greengrass_components.edge_kit.in_time import in_time
from greengrass_components.edge_kit.mailbox import inbox, outbox, report, take_commands

LOOK_EVERY_S: Final = 0.5
MOST_A_MINUTE: Final = 10
MOST_S: Final = 120.0
MOST_WATCH_S: Final = 60
MOST_TIMEOUT_MS: Final = 10_000
MOST_CELLS: Final = 8

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ask:
    """A probe that was asked for; `protocol` "" = find out."""

    request: str
    protocol: str
    target: Target


def read_ask(message: Mapping[str, Any]) -> Ask:
    """Raises MalformedMessage."""
    request = _request(message)
    row = fields(dict(message))
    options: dict[str, Any] = {
        "path": _whole(row, "path", 1, 10, 1),
        "unit": _whole(row, "unit", 0, 255, 1),
        "watch_s": _whole(row, "watch_s", 0, MOST_WATCH_S, 0),
        "pmc": _cells(message.get("pmc", [])),
    }
    timeout_s = _whole(row, "timeout_ms", 100, MOST_TIMEOUT_MS, 3000) / 1000
    target = Target(row.text("host", limit=255), _whole(row, "port", 0, 65535, 0), timeout_s, options)
    return Ask(request, row.text("protocol", limit=20) if "protocol" in message else "", target)


def _request(message: Mapping[str, Any]) -> str:
    try:
        return check_id("q", message.get("request"))
    except BadId as error:
        raise MalformedMessage(seen=f"request {str(message.get('request'))[:40]}", expected="an id q_…") from error


def _whole(row: Fields, name: str, low: int, high: int, otherwise: int) -> int:
    return row.integer(name, low, high) if name in row.of else otherwise


def _cells(given: Any) -> tuple[str, ...]:
    whole = isinstance(given, list) and len(given) <= MOST_CELLS
    if not whole or not all(isinstance(cell, str) and len(cell) <= 12 for cell in given):
        raise MalformedMessage(seen=f"pmc {str(given)[:60]}", expected=f"at most {MOST_CELLS} cells such as D100:2")
    return tuple(given)


def box_name(component: str) -> str:
    """Probes have a mailbox of their own: whoever else takes commands of the component never sees them."""
    return f"probe_{component}"


@dataclass(slots=True)
class Desk:
    """Takes probes of one component and answers each."""

    component: str
    data: Path
    probes: Sequence[ProtocolProbe]
    _done: "deque[float]" = field(default_factory=deque)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set."""
        while not stop.is_set():
            for message in take_commands(inbox(self.data, box_name(self.component)), now_s=time.time()):
                await self._answer(message)
            try:
                await in_time(LOOK_EVERY_S, stop.wait())
            except TimeoutError:
                continue

    async def _answer(self, message: Mapping[str, Any]) -> None:
        """Whoever can be answered is, with a reason if with nothing else."""
        try:
            request = _request(message)
        except MalformedMessage as wrong:
            log.error("probe: %s", wrong)
            return
        try:
            found = await self._report(read_ask(message))
        except MalformedMessage as wrong:
            found = _no(str(wrong))
        report(outbox(self.data, self.component), {"type": "probe_report", "request": request, "report": found})

    async def _report(self, ask: Ask) -> dict[str, Any]:
        if not self._may():
            return _no(f"more than {MOST_A_MINUTE} probes in a minute: wait a little")
        known = {probe.protocol: probe for probe in self.probes}
        if ask.protocol and ask.protocol not in known:
            return _no(f"protocol {ask.protocol}: this component knows {', '.join(sorted(known))}")
        try:
            async with asyncio.timeout(MOST_S):
                at_ms = to_ms(utc_now())
                if ask.protocol:
                    return (await diagnose(ask.target, known[ask.protocol], at_ms=at_ms)).document()
                return (await guess(ask.target, self.probes, at_ms=at_ms)).document()
        except TimeoutError:
            return _no(f"the probe did not end within {MOST_S:g} s")
        except ValueError as wrong:  # what a protocol's own options cannot be, such as a PMC cell
            return _no(str(wrong))

    def _may(self) -> bool:
        now = time.monotonic()
        while self._done and now - self._done[0] > 60:
            self._done.popleft()
        if len(self._done) >= MOST_A_MINUTE:
            return False
        self._done.append(now)
        return True


def _no(why: str) -> dict[str, Any]:
    """A report that there is none."""
    return {"v": 1, "ok": False, "error": why, "findings": [], "facts": {}, "counters": []}
