"""Program transfer of a simulated control: one connection, one transfer at a time.

Uploads are pushed without being asked, some 20 ms after the start was answered, because simple clients take both in
one read and lose what came with the answer.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable

from greengrass_components.focas.errors import MalformedFrame
from greengrass_components.focas.protocol.frame import Direction, Frame, Type
from greengrass_components.focas.protocol.session import encode_error
from greengrass_components.focas.protocol.transfer import NC_PROGRAM, PREFIX, decode_start, pieces, program_text
from greengrass_components.focas.simulator.cnc import Cnc
from greengrass_components.focas.simulator.memory.programs import MISSING, NO_O_WORD, o_name
from greengrass_components.focas.simulator.refusal import ATTRIBUTE, BUSY, DATA, OVERFLOW, Refusal

Send = Callable[[int, int, bytes], Awaitable[None]]  # type, direction, body
BEFORE_PUSH_S = 0.02
RANGE = re.compile(r"^O(\d{1,8})-O(\d{1,8})$")
ALLOWED = re.compile(rb"^[\x20-\x7e\r\n\t\0]*$")


class Transfers:
    """State of one transfer connection."""

    def __init__(self, cnc: Cnc, send: Send) -> None:
        self._cnc, self._send = cnc, send
        self._folder: str | None = None  # of the download going on
        self._received = bytearray()
        self._broken = False
        self._push: asyncio.Task[None] | None = None

    async def handle(self, frame: Frame) -> bool:
        """React to one frame; False when it has no place on a transfer connection."""
        match frame.kind:
            case "1101":
                await self._answer(frame, self._start_download)
            case "1204":
                await self._take(frame.body)
            case "1301":
                await self._answer(frame, self._end_download)
            case "1501":
                await self._start_upload(frame)
            case "1702":
                pass
            case "1804":
                await self.stop()
            case _:
                return False
        return True

    async def stop(self) -> None:
        """End what is being pushed."""
        if self._push is not None:
            self._push.cancel()
            await asyncio.gather(self._push, return_exceptions=True)
            self._push = None

    async def _answer(self, frame: Frame, act: Callable[[bytes], None]) -> None:
        try:
            act(frame.body)
        except Refusal as refusal:
            await self._refuse(frame.type, refusal)
        else:
            await self._send(frame.type, Direction.REPLY, b"")

    async def _refuse(self, kind: int, why: Refusal) -> None:
        await self._send(kind, Direction.ERROR, encode_error(why.code, why.detail1, why.detail2))

    def _start(self, body: bytes) -> bytes:
        """The target of a transfer. Raises Refusal."""
        if self._folder is not None or (self._push is not None and not self._push.done()):
            raise Refusal(BUSY)
        try:
            data_type, target = decode_start(body)
        except MalformedFrame as wrong:
            raise Refusal(DATA) from wrong
        if data_type != NC_PROGRAM:
            raise Refusal(ATTRIBUTE)
        return target

    # -- download: client -> control --

    def _start_download(self, body: bytes) -> None:
        target = self._start(body).removeprefix(PREFIX).decode("latin-1")
        programs = self._cnc.programs
        self._folder = programs.folder(target) if target else programs.current[1]
        self._received.clear()
        self._broken = False

    async def _take(self, piece: bytes) -> None:
        if self._folder is None or self._broken:
            return
        self._received += piece
        if len(self._received) > self._cnc.programs.capacity + len(piece):
            self._broken = True
            self._received.clear()
            await self._send(Type.ABORT_DOWNLOAD, Direction.REQUEST, encode_error(OVERFLOW))

    def _end_download(self, body: bytes) -> None:
        del body
        folder, self._folder = self._folder, None
        if self._broken:
            raise Refusal(OVERFLOW)
        if folder is None:
            raise Refusal(DATA)
        self._cnc.programs.store(folder, _accepted(bytes(self._received)), now=self._cnc.now)

    # -- upload: control -> client --

    async def _start_upload(self, frame: Frame) -> None:
        try:
            text = self._wanted(self._start(frame.body))
        except Refusal as refusal:
            await self._refuse(frame.type, refusal)
            return
        await self._send(frame.type, Direction.REPLY, b"")
        self._push = asyncio.create_task(self._push_out(b"%\n" + text.encode("latin-1", "replace") + b"%"))

    def _wanted(self, target: bytes) -> str:
        """The text of what was asked: a name, a full path, a folder or a range of numbers. Raises Refusal(5, 2)."""
        programs = self._cnc.programs
        name = target.removeprefix(PREFIX).decode("latin-1")
        ranged = RANGE.match(name)
        if ranged:
            first, last = int(ranged.group(1)), int(ranged.group(2))
            here = programs.current[1]
            paths = [here + o_name(n) for n in programs.numbers(here) if first <= n <= last]
        elif name.endswith("/"):
            paths = [name + inside for inside in programs.names(programs.folder(name))]
        else:
            paths = [programs.resolve(name)]
        if not paths:
            raise Refusal(DATA, MISSING)
        return "".join(programs.get(path).text for path in paths)

    async def _push_out(self, text: bytes) -> None:
        await asyncio.sleep(BEFORE_PUSH_S)
        for piece in pieces(text):
            await self._send(Type.UPLOAD_DATA, Direction.DATA, piece)
            await asyncio.sleep(0)  # lets an abort be read, and other sessions be answered
        await self._send(Type.END_UPLOAD, Direction.REQUEST, b"")


def _accepted(raw: bytes) -> str:
    """A downloaded text as it is kept. Raises Refusal(5, 1) for what a control would not take."""
    _, line_feed, text = raw.partition(b"\n")
    if not line_feed or not ALLOWED.match(text) or not text.rstrip(b"\0\r\n ").endswith(b"%"):
        raise Refusal(DATA, NO_O_WORD)
    return program_text(text)
