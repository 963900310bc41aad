"""Programs over the transfer connection: upload (control -> here) and download (here -> control).

One transfer at a time. A download is not believed because it was accepted: read it back and compare.
"""

import asyncio
from collections.abc import Awaitable, Callable

from greengrass_components.focas.client.connection import Connection
from greengrass_components.focas.errors import FocasError, MalformedFrame, TransferRefused
from greengrass_components.focas.protocol.frame import Direction, Frame, Type
from greengrass_components.focas.protocol.session import decode_error
from greengrass_components.focas.protocol.transfer import NC_PROGRAM, PREFIX, pieces, start_frame

MOST_BYTES = 64 * 1024 * 1024
ABORT = Frame(Type.ABORT_UPLOAD, Direction.DATA, bytes(8))


class Transfer:
    """An open transfer connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._one_at_a_time = asyncio.Lock()

    @property
    def alive(self) -> bool:
        """False once the connection is of no more use."""
        return self._connection.alive

    async def upload(self, name: str, *, data_type: int = NC_PROGRAM, most_bytes: int = MOST_BYTES) -> bytes:
        """Text of a program given as `O1234` or by full path. Raises TransferRefused, MalformedFrame."""
        async with self._one_at_a_time:
            await self._connection.exchange(
                start_frame(Type.START_UPLOAD, PREFIX + name.encode("ascii"), data_type=data_type)
            )
            received = bytearray()
            while True:
                frame = await self._connection.receive()
                if frame.kind == "1701":
                    await self._connection.send(Frame(Type.END_UPLOAD, Direction.REPLY))
                    return bytes(received)
                received += self._data(frame)
                if len(received) > most_bytes:
                    await self._connection.send(ABORT)
                    self._connection.abandon()
                    raise MalformedFrame(f"{name} is longer than {most_bytes} bytes")

    def _data(self, frame: Frame) -> bytes:
        if frame.kind == "1604":
            return frame.body
        self._connection.abandon()
        if frame.kind == "1603":
            raise TransferRefused(frame.type, *decode_error(frame.body))
        raise MalformedFrame(f"expected upload data (1604) or its end (1701), got {frame.kind}")

    async def download(
        self,
        folder: str,
        text: bytes,
        *,
        data_type: int = NC_PROGRAM,
        before_each: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Send a program into a folder; the text starts with LF, holds the O word and ends with %.

        `before_each` is awaited before every frame; when it raises, the connection is given up and the control keeps
        nothing. Raises TransferRefused; the control's reasons are in `detail1`, 4 means that the number exists.
        """
        start = start_frame(Type.START_DOWNLOAD, PREFIX + folder.encode("ascii"), data_type=data_type)
        frames = [Frame(Type.DOWNLOAD_DATA, Direction.DATA, piece) for piece in pieces(text)]
        async with self._one_at_a_time:
            await self._connection.exchange(start)
            for frame in (*frames, Frame(Type.END_DOWNLOAD, Direction.REQUEST)):
                await self._asked_first(before_each)
                await self._connection.send(frame)
            answer = await self._connection.receive()
        if answer.kind == "1302":
            return
        if answer.kind != "1303":
            self._connection.abandon()
        if answer.kind in ("1303", "1401"):
            raise TransferRefused(answer.type, *decode_error(answer.body))
        raise MalformedFrame(f"expected the end of the download (1302), got {answer.kind}")

    async def _asked_first(self, before_each: Callable[[], Awaitable[None]] | None) -> None:
        if before_each is None:
            return
        try:
            await before_each()
        except BaseException:
            self._connection.abandon()
            raise

    async def close(self) -> None:
        """Close the connection."""
        try:
            await self._connection.close()
        except FocasError:
            self._connection.abandon()
