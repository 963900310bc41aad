"""Carry out one order, or say at which step and why not. Nothing here can be skipped or asked for in another order."""

import asyncio
import logging
import time
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from cnc.domain.base.errors import CncError
from cnc.domain.programs.canonical import value_digest
from cnc.domain.programs.interlock import reasons_against as not_idle
from cnc.domain.programs.order import Order, Place, Verify, read_order, reasons_against
from cnc.domain.programs.parameters import check_parameter
from cnc.domain.programs.targets import ParameterTarget, ProgramTarget, program_number
from greengrass_components.edge_kit.config import Bootstrap, SourceConfig
from greengrass_components.edge_kit.files import write_atomic
from greengrass_components.focas.gate.focas_control import monotonic_ms
from greengrass_components.focas.gate.ledger import OrderLedger
from greengrass_components.focas.gate.pending import Pending, PendingFile
from greengrass_components.focas.gate.ports import Control, ControlError, Denied, Guard, OpenControl
from greengrass_components.focas.gate.program_writer import ProgramWriter, kept_text
from greengrass_components.focas.gate.switch import Switch
from greengrass_components.focas.gate.value_writer import settle_value

log = logging.getLogger(__name__)

#: A line that was just cut is often there again at once; later the errands go on.
_SETTLE_TRIES: Final = 3
_OUTCOMES: Final = {"new": "released", "old": "restored", "unknown": "locked"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an order ended: released, refused, restored or locked. `order` is None when it could not be read."""

    order: Order | None
    outcome: str
    code: str = ""
    step: str = "end"
    seen: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Gate:
    """The only writer of this gateway. `fetch(url)` gives the content of an order, `check` the errors in it.

    `tell` hands each outcome on and says whether it is kept durably; an outcome of what was begun is told until it is.
    """

    bootstrap: Bootstrap
    switch: Switch
    ledger: OrderLedger
    files: PendingFile
    open_control: OpenControl
    verify: Verify
    fetch: Callable[[str], Awaitable[bytes]]
    check: Callable[[bytes, ProgramTarget, SourceConfig], Sequence[str]]
    source_of: Callable[[str], SourceConfig | None]
    tell: Callable[[Outcome], bool]
    wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    _busy: dict[str, str] = field(default_factory=dict)

    async def carry_out(self, command: Mapping[str, Any]) -> Outcome | None:
        """The outcome of a `write` command; None when only `settle` will tell, later."""
        order: Order | None = None
        try:
            order = self._order(command)
            if order.nonce == self._busy.get(order.machine) or self.ledger.knows(order.nonce):
                raise Denied("order.used", step="order")  # also while it is being carried out: it came twice
            async with self._alone(order.machine, order.nonce):
                return await self._carry_out(order, str(command.get("content_url", "")))
        except Denied as denied:
            refused = Outcome(order, "refused", denied.code, denied.step, denied.seen)
        except ControlError as error:
            refused = Outcome(order, "refused", "control.unreadable", "control", {"error": str(error)[:300]})
        except (CncError, OSError, ValueError) as error:
            refused = Outcome(order, "refused", "gateway.failed", "gateway", {"error": str(error)[:300]})
        self.tell(refused)
        return refused

    async def settle(self, machine: str) -> Outcome | None:
        """Put right what was begun and not ended; None while that is not possible, or when there is nothing."""
        try:
            pending = self.files.load(machine)
            if pending is None:
                return None
            async with self._alone(machine, pending.read().nonce):
                return await self._settle(pending, code="write.cut", step="settle")
        except (Denied, ControlError, CncError, OSError, ValueError) as error:
            log.warning("%s: a write that was cut cannot be put right now: %s", machine, error)
            return None

    def _order(self, command: Mapping[str, Any]) -> Order:
        try:
            text, signature = str(command["order"]).encode("ascii"), b64decode(str(command["signature"]), validate=True)
            return read_order(text, signature, verify=self.verify)
        except (CncError, KeyError, ValueError) as error:
            raise Denied("order.malformed", step="order", seen={"error": str(error)[:300]}) from error

    @asynccontextmanager
    async def _alone(self, machine: str, nonce: str) -> AsyncIterator[None]:
        if machine in self._busy:
            raise Denied("writing.busy", step="order")
        self._busy[machine] = nonce
        try:
            yield
        finally:
            del self._busy[machine]

    async def _carry_out(self, order: Order, url: str) -> Outcome | None:
        self._allowed(order.machine)
        if self.files.load(order.machine) is not None:
            raise Denied("writing.unsettled", step="order")
        source = self._source(order)
        self._in_time(order, ())
        text = await self._content(order, source, url)
        async with self.open_control(source) as control:
            place = await self._place(source, control)
            self._in_time(order, reasons_against(order, place=place, now_ms=self.wall_ms()))
            await self._idle(control)
            if isinstance(order.target, ProgramTarget):
                pending = await self._prepare_program(order, order.target, control)
                write_atomic(self.files.content(order.machine, order.sha256), text)
            else:
                pending = await self._prepare_value(order, control)
            self._begin(order)
            self.files.save(order.machine, pending)
            code, step = await self._write(order, pending, control)
        return await self._settle_soon(order, pending, code=code, step=step)

    async def _settle_soon(self, order: Order, pending: Pending, *, code: str, step: str) -> Outcome | None:
        """From here on nothing may be called refused: something may have been written."""
        for _ in range(_SETTLE_TRIES):
            try:
                return await self._settle(pending, code=code, step=step)
            except ControlError as error:
                log.warning("%s: %s; to be put right", order.machine, error)
            except (Denied, CncError, OSError, ValueError) as error:
                log.warning("%s: %s; to be put right when that is possible", order.machine, error)
                break
        return None

    def _source(self, order: Order) -> SourceConfig:
        source = self.source_of(order.source)
        if source is None or source.machine != order.machine:
            raise Denied("source.not_found", step="order", seen={"source": order.source})
        path = int(source.settings.get("path", 1))
        if isinstance(order.target, ProgramTarget) and order.target.path != path:
            raise Denied("target.other_path", step="order", seen={"path": order.target.path, "read": path})
        return source

    async def _place(self, source: SourceConfig, control: Control) -> Place:
        boot = self.bootstrap
        return Place(boot.tenant, boot.site, boot.thing, source.machine, source.id, await control.serial())

    def _in_time(self, order: Order, reasons: Sequence[str]) -> None:
        """Before anything is fetched, and again with what the control says of itself."""
        now_ms = self.wall_ms()
        if reasons or not order.not_before_ms <= now_ms < order.expires_ms:
            seen = {"reasons": list(reasons), "now_ms": now_ms}
            raise Denied("order.not_here_or_now", step="order", seen=seen)
        reason = self.ledger.reason_against(nonce=order.nonce, machine=order.machine, now_ms=now_ms)
        if reason:
            raise Denied(reason, step="order")

    def _allowed(self, machine: str) -> None:
        reason = self.switch.reason_against(tenant=self.bootstrap.tenant, site=self.bootstrap.site, machine=machine)
        if reason:
            raise Denied(reason, step="switch")

    async def _idle(self, control: Control) -> None:
        status = await control.status()
        reasons = not_idle(status, now_ms=monotonic_ms())
        if reasons:
            raise Denied("machine.not_idle", step="interlock", seen={"reasons": list(reasons), **status.words()})

    def _guard(self, control: Control, machine: str) -> Guard:
        async def guard() -> None:
            self._allowed(machine)
            await self._idle(control)

        return guard

    async def _content(self, order: Order, source: SourceConfig, url: str) -> bytes:
        if not isinstance(order.target, ProgramTarget):
            return b""
        try:
            text, sha256 = kept_text(await self.fetch(url))
        except (CncError, OSError) as error:
            raise Denied("content.unreadable", step="content", seen={"error": str(error)[:300]}) from error
        if sha256 != order.sha256:
            raise Denied("content.differs", step="content", seen={"sha256": sha256})
        # In a thread: kill switches and the poll loops go on meanwhile.
        errors = await asyncio.to_thread(self.check, text, order.target, source)
        if errors:
            raise Denied("content.check_failed", step="check", seen={"errors": list(errors[:10])})
        return text

    async def _prepare_program(self, order: Order, target: ProgramTarget, control: Control) -> Pending:
        name = target.folder + target.name
        if target.protected:
            raise Denied("program.protected", step="target", seen={"name": name})
        if bool(target.folder) != await control.can_rename():
            raise Denied("target.folder", step="target", seen={"folder": target.folder})
        await self._not_in_use(control, target)
        present = await control.read_program(name)
        text, sha256 = (b"", "") if present is None else kept_text(present)
        if sha256 != order.present_sha256:
            raise Denied("present.differs", step="present", seen={"sha256": sha256})
        if sha256 == order.sha256:
            raise Denied("present.is_new", step="present", seen={"sha256": sha256})
        if text:
            write_atomic(self.files.content(order.machine, sha256), text)
        free = await control.free_names(target.folder, 3)
        spare, kept = [other for other in free if other != name][:2]
        return Pending(order.text(), sha256, spare, kept)

    async def _not_in_use(self, control: Control, target: ProgramTarget) -> None:
        """By number, whatever the folder: which of two programs of one number is called is set at the control."""
        in_use = await control.in_use()
        if target.number in {program_number(name.rpartition("/")[2]) for name in in_use}:
            raise Denied("program.in_use", step="target", seen={"in_use": sorted(in_use)[:20]})

    async def _prepare_value(self, order: Order, control: Control) -> Pending:
        target = order.target
        assert not isinstance(target, ProgramTarget)
        value = await control.read_value(target)
        if value is None or value_digest(value) != order.present_sha256:
            raise Denied("present.differs", step="present", seen={"value": value})
        if value_digest(target.value) != order.sha256:
            raise Denied("content.differs", step="content", seen={"value": target.value})
        if isinstance(target, ParameterTarget):
            try:
                check_parameter(target.number, axis=target.axis, kind=target.type, value=target.value, present=value)
            except CncError as error:
                raise Denied(error.code, step="check", seen={"error": str(error)[:300]}) from error
        return Pending(order.text(), value)

    def _begin(self, order: Order) -> None:
        """The order is used from here on, before the first byte is written."""
        self._in_time(order, ())
        self.ledger.begin(nonce=order.nonce, machine=order.machine, now_ms=self.wall_ms())

    async def _write(self, order: Order, pending: Pending, control: Control) -> tuple[str, str]:
        """Try; ("", "end") or what stopped it and where."""
        guard = self._guard(control, order.machine)
        try:
            if isinstance(order.target, ProgramTarget):
                await self._writer(order, pending, control, guard).write()
            else:
                await guard()
                await control.write_value(order.target, order.target.value)
        except Denied as denied:
            return denied.code, denied.step
        except ControlError as error:
            log.warning("%s: %s", order.machine, error)
            return "control.lost", "write"
        except (CncError, OSError, ValueError) as error:
            log.warning("%s: %s", order.machine, error)
            return "gateway.failed", "write"
        return "", "end"

    def _writer(self, order: Order, pending: Pending, control: Control, guard: Guard) -> ProgramWriter:
        assert isinstance(order.target, ProgramTarget)
        return ProgramWriter(
            control=control,
            guard=guard,
            switching=partial(self._not_in_use, control, order.target),
            target=order.target,
            new_sha256=order.sha256,
            old_sha256=pending.old,
            backups=self.files.contents(order.machine),
            spare=pending.spare,
            kept=pending.kept,
        )

    async def _settle(self, pending: Pending, *, code: str, step: str) -> Outcome:
        """Over a session of its own: the one before may be what was lost. Raises Denied, ControlError."""
        order = pending.read()
        async with self.open_control(self._source(order)) as control:
            guard = self._guard(control, order.machine)
            if isinstance(order.target, ProgramTarget):
                result = await self._writer(order, pending, control, guard).settle()
            else:
                result = await settle_value(control, order.target, old=pending.old, guard=guard)
        if result == "unknown":
            self.switch.lock(order.machine, f"{order.id}: neither the old nor the new content could be shown")
        outcome = Outcome(order, _OUTCOMES[result], code or "read_back.differs", step)
        if result == "new":
            outcome = Outcome(order, "released")
        if not self.tell(outcome):
            raise OSError(f"the outcome of {order.id} cannot be kept")
        self.files.clear(order.machine)
        return outcome
