"""The simulated control on the network: sessions, roles, and patience with whatever clients send.

A wrong magic, an impossible length or a frame of the wrong role ends that connection and no other.
"""

import asyncio
import socket
import struct
from contextlib import suppress
from types import TracebackType
from typing import Self

from greengrass_components.focas.errors import FocasError, MalformedFrame
from greengrass_components.focas.protocol.blocks import decode_requests, encode_body
from greengrass_components.focas.protocol.frame import HEADER, Direction, Frame, Type, decode_header
from greengrass_components.focas.protocol.session import Role, encode_error, encode_opening
from greengrass_components.focas.simulator.answers import answer
from greengrass_components.focas.simulator.cnc import Cnc
from greengrass_components.focas.simulator.control import Control
from greengrass_components.focas.simulator.persona import THIRTY_ONE_I, Persona
from greengrass_components.focas.simulator.refusal import PROTOCOL
from greengrass_components.focas.simulator.transfers import Transfers

NO_SESSION = 4
MOST_BODY = 8192
HALF_FRAME_S = 30.0  # a frame that was begun must end within this
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class FocasSimulator:
    """Serves one simulated control; `port` 0 picks a free one, `port` then says which."""

    def __init__(
        self, control: Control, host: str = "127.0.0.1", port: int = 0, *, persona: Persona = THIRTY_ONE_I
    ) -> None:
        self.cnc = Cnc(control, persona)
        self.host, self.port = host, port
        self._server: asyncio.Server | None = None
        self._conversations: set[asyncio.Task[None]] = set()
        self._open: dict[Role, int] = {Role.TRANSFER: 0, Role.COMMAND: 0}

    async def start(self) -> Self:
        """Listen. Raises OSError when the port is taken."""
        self._server = await asyncio.start_server(self._accept, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            self._server.close()
        for conversation in list(self._conversations):
            conversation.cancel()
        await asyncio.gather(*self._conversations, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def sessions(self) -> int:
        """Command connections open now."""
        return self._open[Role.COMMAND]

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversation = asyncio.create_task(self._converse(reader, writer))
        self._conversations.add(conversation)
        conversation.add_done_callback(self._conversations.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = _Peer(reader, writer, self.cnc.persona)
        try:
            role = await self._opened(peer)
            if role is None:
                return
            self._open[role] += 1
            try:
                await (self._commands(peer) if role is Role.COMMAND else self._transfers(peer))
            finally:
                self._open[role] -= 1
        except (FocasError, OSError, TimeoutError, asyncio.IncompleteReadError):
            pass  # the client vanished or sent what is no frame: its connection ends, nothing else does
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _opened(self, peer: "_Peer") -> Role | None:
        """The role the client asked for, after it was answered; None when it was refused."""
        async with asyncio.timeout(HALF_FRAME_S):  # who connects and says nothing holds no place
            frame = await peer.receive()
        if frame.kind != "0101" or frame.body not in (b"\0\1", b"\0\2"):
            return None
        role = Role(frame.body[1])
        if self._open[role] >= self.cnc.persona.sessions:
            await peer.send(Type.OPEN, Direction.ERROR, encode_error(NO_SESSION))
            return None
        await peer.send(Type.OPEN, Direction.REPLY, encode_opening(self.cnc.persona.opening(self.cnc.control)))
        return role

    async def _commands(self, peer: "_Peer") -> None:
        while not peer.closed:
            frame = await peer.receive()
            if frame.kind == "2101":
                await self._answer(peer, frame)
            elif not await peer.handles_common(frame):
                peer.reset()
                return

    async def _answer(self, peer: "_Peer", frame: Frame) -> None:
        try:
            requests = decode_requests(frame.body)
        except MalformedFrame:
            requests = []
        persona = self.cnc.persona
        if persona.delay_s:
            await asyncio.sleep(persona.delay_s)
        if any(request.function in persona.deadly for request in requests):
            peer.reset()
        elif requests:
            await peer.send(Type.COMMAND, Direction.REPLY, encode_body(answer(self.cnc, requests)))
        else:
            await peer.send(Type.COMMAND, Direction.ERROR, encode_error(PROTOCOL, 1))

    async def _transfers(self, peer: "_Peer") -> None:
        transfers = Transfers(self.cnc, peer.send)
        try:
            while not peer.closed:
                frame = await peer.receive()
                if await peer.handles_common(frame) or await transfers.handle(frame):
                    continue
                peer.reset()
                return
        finally:
            await transfers.stop()


class _Peer:
    """One client connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, persona: Persona) -> None:
        self._reader, self._writer, self._persona = reader, writer, persona
        self._socket: socket.socket = writer.get_extra_info("socket")
        self.closed = False  # the client said goodbye: its session is free again, whatever becomes of the socket
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def receive(self) -> Frame:
        """The next whole frame. Raises MalformedFrame, TimeoutError, IncompleteReadError, OSError."""
        async with asyncio.timeout(self._persona.idle_s):
            first = await self._reader.readexactly(1)
        async with asyncio.timeout(HALF_FRAME_S):
            header = decode_header(first + await self._reader.readexactly(HEADER.size - 1))
            if header.length > MOST_BODY:
                raise MalformedFrame(f"a client's body is at most {MOST_BODY} bytes, announced were {header.length}")
            return Frame(header.type, header.direction, await self._reader.readexactly(header.length), header.version)

    async def send(self, kind: int, direction: int, body: bytes) -> None:
        """Send one frame with the control's own version."""
        self._writer.write(Frame(kind, direction, body, self._persona.version).encode())
        async with asyncio.timeout(HALF_FRAME_S):
            await self._writer.drain()

    async def handles_common(self, frame: Frame) -> bool:
        """Closing and a second opening, which a control answers and leaves unanswered."""
        if frame.kind == "0201":
            await self.send(Type.CLOSE, Direction.REPLY, b"")
            self.closed = True
            return True
        return frame.kind == "0101"

    def reset(self) -> None:
        """Cut the connection hard, as a control does with a frame of the wrong role."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self._writer.transport.abort()
