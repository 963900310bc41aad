"""Read everything a control holds that a person would miss: programs, parameters, offsets, macro variables.

Reading needs no permission of the gate: nothing is changed. It goes one question after the other over a session of
its own, so that the poll loop keeps its pace.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from cnc.domain.base.errors import BadValue
from cnc.domain.programs.snapshot import Item
from cnc.domain.programs.tables import WORK_OFFSETS, table_bytes, table_digest
from cnc.domain.programs.targets import MACROS, OFFSET_KINDS
from greengrass_components.focas.client.client import FocasClient
from greengrass_components.focas.client.listing import all_entries, all_programs
from greengrass_components.focas.errors import MalformedReply, Refused
from greengrass_components.focas.gate.focas_control import FocasControl, decimal_text
from greengrass_components.focas.gate.program_writer import kept_text
from greengrass_components.focas.protocol.functions import files, macros, offsets, parameters

_MOST_FOLDERS: Final = 200
_MOST_PARAMETERS: Final = 20_000
_WORKS: Final = range(7)


@dataclass(frozen=True, slots=True)
class Content:
    """One item with its bytes."""

    item: Item
    body: bytes


@dataclass(frozen=True, slots=True)
class Reader:
    """Over an open session of `path`."""

    client: FocasClient
    control: FocasControl
    path: int

    async def contents(self) -> AsyncIterator[Content]:
        """Programs one by one, then the tables; what the control does not have is left out.

        Raises ControlError and FocasError when the control is lost: half a snapshot is none.
        """
        async for name in self._programs():
            text = await self.control.read_program(name)
            if text is None:
                continue
            try:
                body, sha256 = kept_text(text)
            except BadValue:
                continue  # an empty or protected program has no content to keep
            yield Content(Item("program", name, sha256, len(body)), body)
        for kind, table in (
            ("parameters", await self._parameters()),
            ("offsets", await self._offsets()),
            ("macros", await self._macros()),
        ):
            if table:
                body = table_bytes(table)
                yield Content(Item(kind, "", table_digest(body), len(body)), body)

    async def _programs(self) -> AsyncIterator[str]:
        if not await self.control.can_rename():
            async for entry in all_programs(self.client, path=self.path):
                yield f"O{entry.number:04d}"
            return
        drives = await self.client.call(files.rdpdf_drive(), path=self.path)
        folders = [f"//{drive}/" for drive in drives]
        seen = 0
        while folders:
            folder = folders.pop()
            seen += 1
            if seen > _MOST_FOLDERS:
                raise MalformedReply(f"more than {_MOST_FOLDERS} folders")
            async for file in all_entries(self.client, folder, path=self.path):
                if file.is_file:
                    yield folder + file.name
                else:
                    folders.append(f"{folder}{file.name.rstrip('/')}/")

    async def _parameters(self) -> dict[int, dict[int, str]]:
        """From one number to the next that the control has."""
        table: dict[int, dict[int, str]] = {}
        number = 0
        while len(table) < _MOST_PARAMETERS:
            try:
                info = await self.client.call(parameters.rdparainfo3(number), path=self.path)
            except Refused:
                if number:
                    return table
                number = 1
                continue
            table[number] = await self._parameter(number, per_axis=info.per_axis)
            if info.next <= number:
                return table
            number = info.next
        return table

    async def _parameter(self, number: int, *, per_axis: bool) -> dict[int, str]:
        axis = parameters.ALL if per_axis else parameters.NO_AXIS
        try:
            record = await self.client.call(
                parameters.rdparam(number, axis, dialect=self.client.dialect), path=self.path
            )
        except Refused:
            return {}
        first = 1 if per_axis else 0
        shown = record.values[: self.client.opening.axes] if per_axis else record.values[:1]
        return {first + index: decimal_text(value) for index, value in enumerate(shown)}

    async def _offsets(self) -> dict[int, dict[int, str]]:
        table: dict[int, dict[int, str]] = {}
        try:
            info = await self.client.call(offsets.rdtofsinfo(), path=self.path)
            for number in range(1, info.count + 1):
                calls = [offsets.rdtofs(number, kind).on_path(self.path) for kind in OFFSET_KINDS]
                answers = await self.client.ask(calls)
                row = {kind: decimal_text(a) for kind, a in enumerate(answers) if not isinstance(a, Exception)}
                if row:
                    table[number] = row
        except Refused:
            pass  # a control without tool offsets
        for number in _WORKS:
            try:
                values = await self.client.call(offsets.rdzofs(number), path=self.path)
            except Refused:
                continue
            shown = values[: self.client.opening.axes]
            table[WORK_OFFSETS + number] = {axis: decimal_text(value) for axis, value in enumerate(shown, start=1)}
        return table

    async def _macros(self) -> dict[int, dict[int, str]]:
        table: dict[int, dict[int, str]] = {}
        for low, high in MACROS:
            for first in range(low, high + 1, macros.CHUNK):
                last = min(first + macros.CHUNK - 1, high)
                try:
                    values = await self.client.call(macros.rdmacror(first, last), path=self.path)
                except Refused:
                    continue
                table.update({first + index: {0: decimal_text(value)} for index, value in enumerate(values)})
        return table
