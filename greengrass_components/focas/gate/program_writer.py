"""Put a program in place of another one so that a cut anywhere leaves the old or the verified new one.

On controls with files the new text goes to a spare number, is read back, and changes places by renaming. On controls
that only know numbers the old one is deleted and the new one sent to its number; in between there is none to run.
What is about to be done stands in the pending file, and `settle` finishes or takes back what it finds, at once or at
the next start. Whatever is removed from a control was kept here before.
"""

from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cnc.domain.base.errors import BadValue
from cnc.domain.programs.canonical import begins, canonical, digest, transfer_text
from cnc.domain.programs.targets import ProgramTarget
from greengrass_components.edge_kit.files import write_atomic
from greengrass_components.focas.gate.ports import Control, Denied, Guard


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramWriter:
    """One program to be written. `guard` is asked before everything that changes the control."""

    control: Control
    guard: Guard
    switching: Guard  # asked besides before the present program is taken away
    target: ProgramTarget
    new_sha256: str
    old_sha256: str  # "" when there is none
    backups: Path  # holds `<digest>.nc` of the new and the old content
    spare: str
    kept: str

    @property
    def name(self) -> str:
        return self.target.folder + self.target.name

    async def write(self) -> None:
        """Raises Denied, ControlError; whatever comes, `settle`."""
        text = self._content(self.new_sha256)
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
            # Only the old program can have been renamed to `kept`, which was free: else renaming is refused. What is
            # there goes first: an answer that comes twice is taken for that of the next question.
            await self._remove(self.kept)
            await self._remove(self.spare)
            return "new"
        if there is None:
            await self._put_back()
        elif there != self.old_sha256 and await self._is_ours():
            await self._remove(self.name)
            await self._put_back()
        if (await self._digest(self.name) or "") != self.old_sha256:
            return "unknown"
        await self._remove(self.spare)
        if await self._is_put_aside():
            await self._remove(self.kept)
        return "old"

    async def _by_renaming(self, text: bytes) -> None:
        wanted = self._numbered(text, self.spare)
        await self._send(wanted)
        if await self._digest(self.spare) != digest(wanted):
            raise Denied("read_back.differs", step="read_back")
        await self._still_present()
        if self.old_sha256:
            await self._rename(self.name, self.kept)
        await self._rename(self.spare, self.name)

    async def _by_number(self, text: bytes) -> None:
        await self._still_present()
        if self.old_sha256:
            await self._remove(self.name)
        await self._send(transfer_text(text))

    async def _still_present(self) -> None:
        """A person at the control may have edited or selected it since it was read."""
        await self.switching()
        if (await self._digest(self.name) or "") != self.old_sha256:
            raise Denied("present.differs", step="switch")

    async def _is_ours(self) -> bool:
        """Whether what stands at the target came from here: the old one is put aside, or a transfer was cut."""
        if await self._is_put_aside():
            return True
        text = await self.control.read_program(self.name)
        return text is not None and begins(text, whole=self._content(self.new_sha256))

    async def _put_back(self) -> None:
        """The target is absent: the old content comes back from where it was kept."""
        if not self.old_sha256:
            return
        if await self._digest(self.kept) == self.old_sha256:
            await self._rename(self.kept, self.name)
        else:
            await self._send(transfer_text(self._content(self.old_sha256)))

    async def _is_put_aside(self) -> bool:
        """Whether `kept` is the old content; controls that write the new number into its O word are believed too."""
        if not self.old_sha256 or not self.kept:
            return False
        there = await self._digest(self.kept)
        if there in (None, self.old_sha256):
            return there is not None
        with suppress(BadValue):
            return there == digest(self._numbered(self._content(self.old_sha256), self.kept))
        return False

    @staticmethod
    def _numbered(text: bytes, name: str) -> bytes:
        return transfer_text(text, number=int(name.rpartition("/")[2][1:]))

    def _content(self, sha256_of_it: str) -> bytes:
        return (self.backups / f"{sha256_of_it}.nc").read_bytes()

    async def _send(self, text: bytes) -> None:
        await self.guard()
        await self.control.send_program(self.target.folder, text, before_each=self.guard)

    async def _rename(self, name: str, to: str) -> None:
        await self.guard()
        await self.control.rename_program(name, to.rpartition("/")[2])

    async def _remove(self, name: str) -> None:
        text = await self.control.read_program(name) if name else None
        if text is None:
            return
        kept = self.backups / f"{_name_of(text)}.nc"
        if not kept.exists():
            write_atomic(kept, text)
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


def _name_of(text: bytes) -> str:
    try:
        return digest(text)
    except BadValue:
        return sha256(text).hexdigest()


def kept_text(text: bytes) -> tuple[bytes, str]:
    """Canonical bytes and digest of what was read from a control. Raises BadValue."""
    whole = canonical(text)
    return whole, digest(whole)
