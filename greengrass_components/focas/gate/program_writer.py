"""Put a program in place of another one so that a cut anywhere leaves the old or the verified new one.

On controls with files the new text goes to a spare number, is read back, and changes places by renaming. On controls
that only know numbers the old one is deleted and the new one sent to its number; in between there is none to run.
What is about to be done stands in the pending file, and `settle` finishes or takes back what it finds, at once or at
the next start.
"""

from dataclasses import dataclass
from pathlib import Path

from cnc.domain.base.errors import BadValue
from cnc.domain.programs.canonical import canonical, digest, transfer_text
from cnc.domain.programs.targets import ProgramTarget
from greengrass_components.focas.gate.ports import Control, Denied, Guard


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramWriter:
    """One program to be written. `guard` is asked before everything that changes the control."""

    control: Control
    guard: Guard
    target: ProgramTarget
    new_sha256: str
    old_sha256: str  # "" when there is none
    backup: Path  # of the old content
    spare: str
    kept: str

    @property
    def name(self) -> str:
        return self.target.folder + self.target.name

    async def write(self, text: bytes) -> None:
        """`text` is canonical; the backup is kept already. Raises Denied, ControlError; whatever comes, `settle`."""
        if await self.control.can_rename():
            await self._by_renaming(text)
        else:
            await self._by_number(text)
        if await self._digest(self.name) != self.new_sha256:
            raise Denied("read_back.differs", step="verify")

    async def settle(self) -> str:
        """Finish or take back: "new", "old", or "unknown" when neither can be shown. Idempotent.

        Raises ControlError and Denied when that cannot be done now.
        """
        there = await self._digest(self.name)
        if there == self.new_sha256:
            await self._remove(self.kept, self.spare)
            return "new"
        if there is None:
            await self._put_back()
        elif there != self.old_sha256 and self.old_sha256 and await self._digest(self.kept) == self.old_sha256:
            await self._remove(self.name)
            await self._put_back()
        if (await self._digest(self.name) or "") != self.old_sha256:
            return "unknown"
        await self._remove(self.spare, self.kept)
        return "old"

    async def _by_renaming(self, text: bytes) -> None:
        wanted = transfer_text(text, number=int(self.spare.rpartition("/")[2][1:]))
        await self._send(wanted)
        if await self._digest(self.spare) != digest(wanted):
            raise Denied("read_back.differs", step="read_back")
        if self.old_sha256:
            await self._rename(self.name, self.kept)
        await self._rename(self.spare, self.name)

    async def _by_number(self, text: bytes) -> None:
        if self.old_sha256:
            await self._remove(self.name)
        await self._send(transfer_text(text))

    async def _put_back(self) -> None:
        """The target is absent: the old content comes back from where it was kept."""
        if not self.old_sha256:
            return
        if await self._digest(self.kept) == self.old_sha256:
            await self._rename(self.kept, self.name)
        else:
            await self._send(transfer_text(self.backup.read_bytes()))

    async def _send(self, text: bytes) -> None:
        await self.guard()
        await self.control.send_program(self.target.folder, text, before_each=self.guard)

    async def _rename(self, name: str, to: str) -> None:
        await self.guard()
        await self.control.rename_program(name, to.rpartition("/")[2])

    async def _remove(self, *names: str) -> None:
        for name in names:
            if name and await self.control.read_program(name) is not None:
                await self.guard()
                await self.control.delete_program(name)

    async def _digest(self, name: str) -> str | None:
        text = await self.control.read_program(name) if name else None
        if text is None:
            return None
        try:
            return digest(text)
        except BadValue:
            return "none"  # something is there that is no program


def kept_text(text: bytes) -> tuple[bytes, str]:
    """Canonical bytes and digest of what was read from a control. Raises BadValue."""
    whole = canonical(text)
    return whole, digest(whole)
