"""A FANUC control as the gate sees it, over a session of its own."""

import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, Final, TypeVar

from cnc.domain.programs.interlock import Status
from cnc.domain.programs.tables import ValueTarget
from cnc.domain.programs.targets import MacroTarget, OffsetTarget, ParameterTarget
from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.focas.client.client import FocasClient
from greengrass_components.focas.errors import FocasError, Refused
from greengrass_components.focas.gate.calls import UnclearCall, called_numbers
from greengrass_components.focas.gate.ports import ControlError, Guard
from greengrass_components.focas.protocol.blocks import Call
from greengrass_components.focas.protocol.functions import (
    directory,
    files,
    identity,
    macros,
    offsets,
    parameters,
    program,
    spindle,
    status,
)
from greengrass_components.focas.protocol.values import Value

T = TypeVar("T")
TIMEOUT_S: Final = 5.0
#: Numbers that are free on most machines and called by no code.
_SPARES: Final = range(7999, 7899, -1)
_MISSING: Final = 5
_TYPES: Final = {1: "byte", 2: "word", 3: "2-word", 4: "real"}
#: A program that calls more programs than this, one through another, is not followed.
_MOST_CALLED: Final = 200


class FocasControl:
    """See `ports.Control`."""

    def __init__(self, client: FocasClient, *, path: int) -> None:
        self._client = client
        self._path = path
        self._renames: bool | None = None

    async def status(self) -> Status:
        read_at_ms = monotonic_ms()
        state = await self._call(status.statinfo())
        speed = (await self._call(spindle.acts())).number
        return Status(
            read_at_ms,
            run=state.run,
            motion=state.motion,
            mstb=state.mstb,
            emergency=state.emergency,
            alarm=state.alarm,
            edit=state.edit,
            aut=state.aut,
            spindle_rpm=None if speed is None else round(speed),
        )

    async def serial(self) -> str:
        """The four words of the CNC ID, as the control's own screen shows them."""
        return "-".join(f"{word:08X}" for word in await self._call(identity.rdcncid()))

    async def can_rename(self) -> bool:
        if self._renames is None:
            try:
                await self._client.call(files.rdpdf_drive(), path=self._path)
                self._renames = True
            except Refused:
                self._renames = False
            except FocasError as error:
                raise ControlError(str(error)) from error
        return self._renames

    async def in_use(self) -> frozenset[str]:
        roots = await self._roots()
        found: dict[str, None] = {}
        waiting = [root for root in roots if root]
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            found[name] = None
            if len(found) > _MOST_CALLED:
                raise ControlError(f"{roots} call more than {_MOST_CALLED} programs")
            waiting += await self._called(name)
        return frozenset(found)

    async def _roots(self) -> list[str]:
        if await self.can_rename():
            return [await self._call(program.exeprgname2()), await self._call(program.pdf_rdmain())]
        numbers = await self._call(program.rdprgnumo8())
        return [f"O{number:04d}" for number in (numbers.running, numbers.main) if number > 0]

    async def _called(self, name: str) -> list[str]:
        text = await self.read_program(name)
        if text is None:
            return []
        try:
            numbers = called_numbers(text.decode("latin-1"))
        except UnclearCall as call:
            raise ControlError(f"{name} calls a program that cannot be told from its text: {call}") from call
        folder = name.rpartition("/")[0]
        return [f"{folder}/O{number:04d}" if folder else f"O{number:04d}" for number in sorted(numbers)]

    async def read_program(self, name: str) -> bytes | None:
        try:
            return await (await self._client.transfer()).upload(name)
        except Refused as refusal:
            if refusal.code == _MISSING:
                return None
            raise ControlError(str(refusal)) from refusal
        except (FocasError, UnicodeError) as error:
            raise ControlError(str(error)) from error

    async def free_names(self, folder: str, count: int) -> list[str]:
        free: list[str] = []
        for number in _SPARES:
            name = f"{folder}O{number:04d}"
            if await self.read_program(name) is None:
                free.append(name)
            if len(free) == count:
                return free
        raise ControlError(f"fewer than {count} of O7900 to O7999 are free")

    async def send_program(self, folder: str, text: bytes, *, before_each: Guard) -> None:
        await self._run((await self._transfer()).download(folder, text, before_each=before_each))

    async def rename_program(self, name: str, bare: str) -> None:
        await self._call(files.pdf_rename(name, bare))

    async def delete_program(self, name: str) -> None:
        if "/" in name:
            await self._call(files.pdf_del(name))
        else:
            await self._call(directory.delete(int(name[1:])))

    async def read_value(self, target: ValueTarget) -> str | None:
        try:
            if isinstance(target, ParameterTarget):
                record = await self._record(target)
                return decimal_text(record.value) if _TYPES.get(record.type) == target.type else None
            if isinstance(target, OffsetTarget):
                asked = offsets.rdtofs(target.number, target.kind)
                return decimal_text(await self._client.call(asked, path=self._path))
            return decimal_text(await self._client.call(macros.rdmacro(target.number), path=self._path))
        except Refused:
            return None
        except FocasError as error:
            raise ControlError(str(error)) from error

    async def write_value(self, target: ValueTarget, value: str) -> None:
        number = Decimal(value)
        if isinstance(target, MacroTarget):
            dec = max(0, -int(number.as_tuple().exponent))
            await self._call(macros.wrmacro(target.number, Value(_whole(number, dec), dec)))
        elif isinstance(target, OffsetTarget):
            now = await self._call(offsets.rdtofs(target.number, target.kind))
            await self._call(offsets.wrtofs(target.number, target.kind, _whole(number, now.dec)))
        else:
            record = await self._run(self._record(target))
            written = Value(_whole(number, record.value.dec), record.value.dec)
            changed = parameters.Record(record.number, record.axis, record.type, (written,))
            await self._call(parameters.wrparam(changed, dialect=self._client.dialect))

    async def _record(self, target: ParameterTarget) -> parameters.Record:
        asked = parameters.rdparam(target.number, target.axis, dialect=self._client.dialect)
        return await self._client.call(asked, path=self._path)

    async def _transfer(self) -> Any:
        return await self._run(self._client.transfer())

    async def _call(self, call: Call[T]) -> T:
        return await self._run(self._client.call(call, path=self._path))

    @staticmethod
    async def _run(doing: Awaitable[T]) -> T:
        try:
            return await doing
        except (FocasError, OverflowError, UnicodeError) as error:
            raise ControlError(str(error)) from error


@asynccontextmanager
async def open_focas_control(source: SourceConfig) -> AsyncIterator[FocasControl]:
    """A session for one errand. Raises ControlError when the control cannot be reached."""
    try:
        client = await FocasClient.connect(source.host, source.port, timeout_s=TIMEOUT_S)
    except FocasError as error:
        raise ControlError(str(error)) from error
    async with client:
        yield FocasControl(client, path=int(source.settings.get("path", 1)))


def decimal_text(value: Value) -> str:
    """As the control keeps it, decimals included; "" when vacant."""
    if value.vacant:
        return ""
    if value.base == 2:
        value = value.decimal()
    dec = value.dec if value.base == 10 else 0
    return format(Decimal(value.data).scaleb(-dec), "f")


def monotonic_ms() -> int:
    """Milliseconds that never go back."""
    return time.monotonic_ns() // 1_000_000


def _whole(number: Decimal, dec: int) -> int:
    scaled = number.scaleb(max(dec, 0))
    if scaled != scaled.to_integral_value() or abs(scaled) >= 2**31:
        raise OverflowError(f"{number} does not fit {max(dec, 0)} decimals and 32 bits")
    return int(scaled)
