"""A FANUC control as the gate sees it, over a session of its own."""

import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from math import ceil
from typing import Any, Final, TypeVar

from cnc.domain.programs.interlock import IDLE, Status
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
#: Where a control looks for a program that is not in the folder of its caller (operator's manual of the 30i).
_COMMON_FOLDERS: Final = tuple(f"//CNC_MEM/{name}/" for name in ("USER/LIBRARY", "MTB1", "MTB2", "SYSTEM"))
#: First program and count of those that G and M codes call: parameters 6039, 6040 and so on (parameter manual).
_CODE_CALLS: Final = ((6039, 6040), (6042, 6043), (6045, 6046), (6048, 6049))
_MOST_CODES: Final = 1000


class FocasControl:
    """See `ports.Control`."""

    def __init__(self, client: FocasClient, *, path: int) -> None:
        self._client = client
        self._path = path
        self._paths = range(1, max(client.opening.paths, path, 1) + 1)
        self._renames: bool | None = None

    async def status(self) -> Status:
        """Of the whole machine: each word of the path that is not at rest, the speed of the fastest spindle."""
        read_at_ms = monotonic_ms()
        asked = (status.statinfo(), spindle.acts(), spindle.spindle(spindle.Kind.ACTUAL_SPEED))
        answers = await self._run(self._client.ask([call.on_path(path) for path in self._paths for call in asked]))
        states, speeds, all_speeds = answers[::3], answers[1::3], answers[2::3]
        return Status(
            read_at_ms,
            **{word: _worst(word, states) for word in IDLE if word != "spindle_rpm"},
            spindle_rpm=_fastest([*speeds, *_many(all_speeds)]),
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
        waiting = list(roots)
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            found[name] = None
            if len(found) > _MOST_CALLED:
                raise ControlError(f"{roots} call more than {_MOST_CALLED} programs")
            waiting += await self._called(name, must_exist=name in roots)
        return frozenset(found) | await self._called_by_codes()

    async def _roots(self) -> list[str]:
        """The running and the selected program of every path; a path may have none."""
        roots = []
        for path in self._paths:
            if await self.can_rename():
                for asked in (program.exeprgname2(), program.pdf_rdmain()):
                    roots.append(await self._run(self._client.call(asked, path=path)))
            else:
                numbers = await self._run(self._client.call(program.rdprgnumo8(), path=path))
                roots += [f"O{number:04d}" for number in (numbers.running, numbers.main)]
        return [root for root in dict.fromkeys(roots) if root.rpartition("/")[2] not in ("", "O0000")]

    async def _called(self, name: str, *, must_exist: bool) -> list[str]:
        text = await self.read_program(name)
        if text is None and must_exist:
            raise ControlError(f"{name} is selected and cannot be read, so that nobody knows what it calls")
        try:
            numbers = called_numbers((text or b"").decode("latin-1"))
        except UnclearCall as call:
            raise ControlError(f"{name} calls a program that cannot be told from its text: {call}") from call
        folder = name[: len(name) - len(name.rpartition("/")[2])]
        folders = dict.fromkeys((folder, *_COMMON_FOLDERS)) if folder else ("",)
        return [f"{place}O{number:04d}" for number in sorted(numbers) for place in folders]

    async def _called_by_codes(self) -> frozenset[str]:
        """Programs that a code may call which does not name them; a control without these parameters has none."""
        calls = [
            parameters.rdparam(number, dialect=self._client.dialect).on_path(path)
            for path in self._paths
            for pair in _CODE_CALLS
            for number in pair
        ]
        answers = await self._run(self._client.ask(calls))
        found: set[str] = set()
        for first, count in zip(answers[::2], answers[1::2], strict=True):
            if not isinstance(first, Exception) and not isinstance(count, Exception):
                many = min(max(count.value.data, 0), _MOST_CODES)
                found |= {f"O{first.value.data + nth:04d}" for nth in range(many)}
        return frozenset(found)

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


def _worst(word: str, states: Sequence[Any]) -> int | None:
    """None when any path does not tell, else a value that is not at rest if any path has one."""
    if any(isinstance(state, Exception) for state in states):
        return None
    values = [int(getattr(state, word)) for state in states]
    return next((value for value in values if value not in IDLE[word]), values[0])


def _many(answers: Sequence[Any]) -> Iterator[Any]:
    """Values of all spindles; a control that has no such function tells of one spindle only, which was asked."""
    for answer in answers:
        if isinstance(answer, list):
            yield from answer
        elif not isinstance(answer, Refused):
            yield answer


def _fastest(speeds: Sequence[Any]) -> int | None:
    """Whole rpm, rounded away from rest; None when any is not told."""
    numbers = [None if isinstance(speed, Exception) else speed.number for speed in speeds]
    known = [abs(number) for number in numbers if number is not None]
    return ceil(max(known)) if known and len(known) == len(numbers) else None


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
