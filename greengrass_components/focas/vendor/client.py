"""`VendorClient`: the interface of `FocasClient` over the maker's library."""

import asyncio
from collections.abc import Callable, Sequence
from ctypes import Structure, byref, c_int16, c_int32, create_string_buffer
from typing import Any, Final, Self, TypeVar

from greengrass_components.focas.errors import ConnectionLost, MalformedReply, Refused
from greengrass_components.focas.protocol.blocks import Call, Reply, Request
from greengrass_components.focas.protocol.session import Dialect, Opening, PathSlot
from greengrass_components.focas.vendor import structs
from greengrass_components.focas.vendor.library import SOCKET, Library
from greengrass_components.focas.vendor.readings import Readings
from greengrass_components.focas.vendor.worker import Worker

T = TypeVar("T")
VERSION: Final = 3  # how its answers are laid out for the readers of the protocol
DEAD: Final = (SOCKET, -8, -17)  # the handle is of no more use: socket, handle, protocol
PIECE: Final = 1280
AGAIN, ENDED = 10, -2
MOST_BYTES: Final = 64 * 1024 * 1024
PAUSE_S: Final = 0.01


class VendorClient:
    """One handle. After any error but Refused make a new one."""

    def __init__(self, library: Library, worker: Worker, handle: int, opening: Opening, *, timeout_s: float) -> None:
        self.opening = opening
        self._library, self._worker, self._handle = library, worker, handle
        self._timeout_s = timeout_s
        self._readings = Readings(library, handle, opening.dialect)

    @classmethod
    async def connect(cls, library: Library, host: str, port: int, *, timeout_s: float = 3.0) -> Self:
        """Raises Unreachable, Refused, NoAnswer."""
        worker = Worker(f"FOCAS {host}:{port}")
        whole_s = max(1, round(timeout_s))

        def begin() -> tuple[int, Opening]:
            handle = library.open(host, port, whole_s)
            try:
                return handle, _opening(library, handle)
            except Refused:
                library.call("cnc_freelibhndl", handle)
                raise

        try:
            # The library itself gives up one second after the time it was told.
            handle, opening = await worker.run(begin, timeout_s=whole_s + 2)
        except BaseException:
            worker.stop()
            raise
        return cls(library, worker, handle, opening, timeout_s=timeout_s)

    @property
    def dialect(self) -> Dialect:
        """Sizes of this control's arrays."""
        return self.opening.dialect

    @property
    def alive(self) -> bool:
        """False once the handle is of no more use."""
        return self._worker.alive

    async def call(self, call: Call[T], *, path: int = 1) -> T:
        """One function. Raises Refused, MalformedReply."""
        asked = call if path == 1 else call.on_path(path)
        return asked.result(await self._replies(asked.requests))

    async def ask(self, calls: Sequence[Call[Any]]) -> list[Any]:
        """One entry per call: its value, or the Refused or MalformedReply it met."""
        replies = await self._replies([request for call in calls for request in call.requests])
        results, at = [], 0
        for call in calls:
            results.append(_outcome(call, replies[at : at + len(call.requests)]))
            at += len(call.requests)
        return results

    async def _replies(self, requests: Sequence[Request]) -> list[Reply]:
        def ask() -> list[Reply]:
            self._readings.begin()
            return [self._reply(request) for request in requests]

        replies = await self._run(ask)
        dead = next((reply for reply in replies if reply.code in DEAD), None)
        if dead is not None:
            self._let_go()
            raise ConnectionLost(f"the library lost the control: code {dead.code} for function {dead.function:#x}")
        return replies

    def _reply(self, request: Request) -> Reply:
        try:
            payload = self._readings.answer(request)
        except Refused as refusal:
            return Reply(request.function, b"", refusal.code, module=request.module, path=request.path)
        return Reply(request.function, payload, module=request.module, path=request.path)

    async def _run(self, function: Callable[[], T]) -> T:
        return await self._worker.run(function, timeout_s=self._timeout_s)

    async def transfer(self) -> "VendorTransfer":
        """Programs over the same handle; uploads alone."""
        return VendorTransfer(self._library, self._handle, self._run)

    async def close(self) -> None:
        """Give the handle back in the thread that got it."""
        self._let_go()

    def _let_go(self) -> None:
        self._worker.stop(lambda: self._library.call("cnc_freelibhndl", self._handle))


class VendorTransfer:
    """Uploads (control -> here) by cnc_upstart4, cnc_upload4, cnc_upend4."""

    def __init__(self, library: Library, handle: int, run: Callable[[Callable[[], Any]], Any]) -> None:
        self._library, self._handle, self._run = library, handle, run

    async def upload(self, name: str, *, data_type: int = 0, most_bytes: int = MOST_BYTES) -> bytes:
        """Text of a program given as `O1234` or by full path. Raises Refused, MalformedReply, NoAnswer."""
        await self._run(lambda: self._library.call("cnc_upstart4", self._handle, data_type, name.encode("ascii")))
        received = bytearray()
        try:
            while (piece := await self._run(self._piece)) is not None:
                received += piece
                if len(received) > most_bytes:
                    raise MalformedReply(f"{name} is longer than {most_bytes} bytes")
                if not piece:
                    await asyncio.sleep(PAUSE_S)
        finally:
            await self._run(lambda: self._library.call("cnc_upend4", self._handle))
        return bytes(received)

    def _piece(self) -> bytes | None:
        """What came; empty when nothing has come yet, None at the end."""
        size, room = c_int32(PIECE), create_string_buffer(PIECE)
        try:
            self._library.call("cnc_upload4", self._handle, byref(size), byref(room))
        except Refused as refusal:
            if refusal.code == ENDED:
                return None
            if refusal.code == AGAIN:
                return b""
            raise
        return room.raw[: max(0, min(size.value, PIECE))]


def _opening(library: Library, handle: int) -> Opening:
    """What a session tells when it opens, asked piece by piece. Raises Refused."""
    plate = structs.OdbSys()
    library.call("cnc_sysinfo", handle, byref(plate))
    at_path, paths = c_int16(1), c_int16(1)
    try:
        library.call("cnc_getpath", handle, byref(at_path), byref(paths))
    except Refused:
        paths = c_int16(1)
    most = min(max(plate.max_axis, 1), structs.MOST_AXES)
    count = int(plate.axes) if plate.axes.strip().isdigit() else most
    spindles = _count(library, handle, "cnc_rdspdlname", structs.SpindleName, structs.MOST_SPINDLES)
    slot = PathSlot(plate.mt_type.decode("latin-1"), count, count, spindles)
    return Opening(
        version=VERSION,
        max_axes=most,
        max_spindles=structs.MOST_SPINDLES,
        axes=count,
        servo_axes=count,
        spindles=spindles,
        paths=paths.value,
        slots=(slot,) * max(paths.value, 1),
    )


def _count(library: Library, handle: int, name: str, kind: type[Structure], most: int) -> int:
    count, room = c_int16(most), (kind * most)()
    try:
        library.call(name, handle, byref(count), byref(room))
    except Refused:
        return 0
    return max(0, min(count.value, most))


def _outcome(call: Call[Any], replies: Sequence[Reply]) -> Any:
    try:
        return call.result(replies)
    except (Refused, MalformedReply) as problem:
        return problem
