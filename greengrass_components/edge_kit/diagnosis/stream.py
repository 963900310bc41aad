"""One TCP connection of a diagnosis: every way in which a peer disappoints has a name."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

MOST_KEPT: Final = 64
SPEAKERS: Final = {
    b"SSH-": "an SSH server",
    b"220": "an FTP or mail server",
    b"\xa0\xa0\xa0\xa0": "a FANUC control (FOCAS)",
    b"ACKF": "an OPC UA server",
    b"ERRF": "an OPC UA server",
    b"RFB ": "a VNC server",
    b"\xff\xfb": "a Telnet server",
    b"\xff\xfd": "a Telnet server",
    b"* ": "an MTConnect adapter (SHDR) or a mail server",
}


class PeerError(Exception):
    """What the peer did instead of answering: `kind` is silent, half, closed or reset; `got` came before."""

    def __init__(self, kind: str, got: bytes, *, wanted: int, timeout_s: float) -> None:
        self.kind, self.got = kind, got
        said = {
            "silent": f"nothing came within {timeout_s:g} s",
            "half": f"{len(got)} of {wanted} bytes came ({got[:MOST_KEPT].hex()}), then nothing for {timeout_s:g} s",
            "closed": f"the connection was closed after {len(got)} bytes" + (f" ({shown(got)})" if got else ""),
            "reset": f"the connection was reset after {len(got)} bytes" + (f" ({shown(got)})" if got else ""),
        }
        super().__init__(said[kind])


@dataclass(slots=True)
class Stream:
    """An open connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    timeout_s: float

    async def send(self, data: bytes) -> None:
        """Raises PeerError."""
        try:
            async with asyncio.timeout(self.timeout_s):
                self.writer.write(data)
                await self.writer.drain()
        except TimeoutError as late:
            raise self._error("silent", b"", 0) from late
        except OSError as error:
            raise self._error("reset", b"", 0) from error

    async def exactly(self, count: int) -> bytes:
        """Raises PeerError with what came until then."""
        got = b""
        deadline = time.monotonic() + self.timeout_s
        while len(got) < count:
            try:
                async with asyncio.timeout(max(0.001, deadline - time.monotonic())):
                    piece = await self.reader.read(count - len(got))
            except TimeoutError as late:
                raise self._error("half" if got else "silent", got, count) from late
            except OSError as error:
                raise self._error("reset", got, count) from error
            if not piece:
                raise self._error("closed", got, count)
            got += piece
        return got

    async def rest(self, most: int) -> bytes:
        """What is still there or comes until the end, the limit or the timeout."""
        got = b""
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(self.timeout_s):
                while len(got) < most and (piece := await self.reader.read(most - len(got))):
                    got += piece
        return got

    def _error(self, kind: str, got: bytes, wanted: int) -> PeerError:
        return PeerError(kind, got, wanted=wanted, timeout_s=self.timeout_s)

    async def close(self) -> None:
        """Let go of it; never raises."""
        self.writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(self.timeout_s):
                await self.writer.wait_closed()


def shown(raw: bytes) -> str:
    """Bytes for a sentence: text when it is text, hex otherwise."""
    cut = raw[:MOST_KEPT]
    if cut and all(32 <= byte < 127 or byte in b"\r\n\t" for byte in cut):
        return repr(cut.decode("ascii").splitlines()[0])
    return cut.hex()


def speaker(raw: bytes) -> str:
    """Who is likely to have said this; empty when nothing is known."""
    if raw.startswith((b"HTTP/", b"<!DOCTYPE", b"<html", b"<HTML")):
        return "a web server"
    if len(raw) >= 3 and raw[0] in (0x15, 0x16) and raw[1] == 3:
        return "a TLS server"
    return next((who for start, who in SPEAKERS.items() if raw.startswith(start)), "")
