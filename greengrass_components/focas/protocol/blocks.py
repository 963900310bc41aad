"""Blocks: what a command frame (2101 / 2102) carries.

Body of both: `u16 count`, then that many blocks, replies in the order of the requests.

Request block:
    [ length ][ module ][ path ][ function ][ a1 .. a4 ][ flag ][ extra length ][ extra ]
       2b        2b       2b        2b         4 x 4b     2b          2b
Reply block:
    [ length ][ module ][ path ][ function ][ code ][ detail 1 ][ detail 2 ][ payload length ][ payload ]
       2b        2b       2b        2b        2b        2b          2b             2b

`length` counts the whole block. Module 1 is the CNC, 2 the PMC. A code other than 0 comes without payload.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from greengrass_components.focas.errors import MalformedFrame, MalformedReply, Refused

CNC, PMC = 1, 2
COUNT = struct.Struct(">H")
REQUEST = struct.Struct(">HHHH4iHH")
REPLY = struct.Struct(">HHHH3hH")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """One question to one function."""

    function: int
    a1: int = 0
    a2: int = 0
    a3: int = 0
    a4: int = 0
    data: bytes = b""
    module: int = CNC
    path: int = 1
    flag: int = 0

    def encode(self) -> bytes:
        """The block's bytes."""
        length = REQUEST.size + len(self.data)
        arguments = (self.a1, self.a2, self.a3, self.a4)
        return (
            REQUEST.pack(length, self.module, self.path, self.function, *arguments, self.flag, len(self.data))
            + self.data
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one `Request`; `payload` is empty when `code` is not 0."""

    function: int
    payload: bytes = b""
    code: int = 0
    detail1: int = 0
    detail2: int = 0
    module: int = CNC
    path: int = 1

    def encode(self) -> bytes:
        """The block's bytes."""
        head = REPLY.pack(
            REPLY.size + len(self.payload),
            self.module,
            self.path,
            self.function,
            self.code,
            self.detail1,
            self.detail2,
            len(self.payload),
        )
        return head + self.payload

    def checked(self) -> bytes:
        """The payload. Raises Refused when the control said no."""
        if self.code:
            raise Refused(self.function, self.code, self.detail1, self.detail2)
        return self.payload


def encode_body(blocks: Sequence[Request] | Sequence[Reply]) -> bytes:
    """Body of a command frame."""
    return COUNT.pack(len(blocks)) + b"".join(block.encode() for block in blocks)


def _cut(body: bytes, minimum: int) -> Iterable[bytes]:
    """The raw blocks of a body. Raises MalformedFrame unless they fill it exactly."""
    if len(body) < COUNT.size:
        raise MalformedFrame(f"a command body starts with a 2-byte count, got {len(body)} bytes")
    (count,) = COUNT.unpack_from(body)
    at = COUNT.size
    for number in range(count):
        if len(body) - at < minimum:
            raise MalformedFrame(f"block {number + 1} of {count} needs {minimum} bytes, {len(body) - at} are left")
        (length,) = COUNT.unpack_from(body, at)
        if length < minimum or at + length > len(body):
            raise MalformedFrame(f"block {number + 1} of {count} says {length} bytes, {len(body) - at} are left")
        yield body[at : at + length]
        at += length
    if at != len(body):
        raise MalformedFrame(f"{len(body) - at} bytes behind the last of {count} blocks")


def decode_requests(body: bytes) -> list[Request]:
    """Blocks of a 2101 body. Raises MalformedFrame."""
    found = []
    for raw in _cut(body, REQUEST.size):
        _, module, path, function, a1, a2, a3, a4, flag, extra = REQUEST.unpack_from(raw)
        data = raw[REQUEST.size :]
        if len(data) != extra:
            raise MalformedFrame(f"function {function:#x} announces {extra} bytes of data and carries {len(data)}")
        found.append(Request(function, a1, a2, a3, a4, data, module, path, flag))
    return found


def decode_replies(body: bytes) -> list[Reply]:
    """Blocks of a 2102 body. Raises MalformedFrame."""
    found = []
    for raw in _cut(body, REPLY.size):
        _, module, path, function, code, detail1, detail2, size = REPLY.unpack_from(raw)
        payload = raw[REPLY.size :]
        if len(payload) != size:
            raise MalformedReply(f"function {function:#x} announces {size} bytes and carries {len(payload)}")
        found.append(Reply(function, payload, code, detail1, detail2, module, path))
    return found


def match(requests: Sequence[Request], replies: Sequence[Reply]) -> None:
    """Raises MalformedReply unless the replies answer exactly these requests, in this order."""
    if len(requests) != len(replies):
        raise MalformedReply(f"asked {len(requests)} blocks, got {len(replies)}")
    for request, reply in zip(requests, replies, strict=True):
        asked = (request.module, request.path, request.function)
        answered = (reply.module, reply.path, reply.function)
        if asked != answered:
            raise MalformedReply(f"asked module, path, function {asked}, the answer is for {answered}")


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One library function: the blocks it asks and how their payloads are read.

    `optional` are positions whose refusal is no error: their payload is read as empty.
    """

    requests: tuple[Request, ...]
    read: Callable[[Sequence[bytes]], T]
    optional: tuple[int, ...] = ()

    def result(self, replies: Sequence[Reply]) -> T:
        """Raises Refused with the first code that is not 0, MalformedReply on a wrong shape."""
        payloads = [reply.payload if place in self.optional else reply.checked() for place, reply in enumerate(replies)]
        return self.read(payloads)

    def on_path(self, path: int) -> "Call[T]":
        """The same call on another path (CNC module) or PMC unit."""
        return Call(tuple(replace(request, path=path) for request in self.requests), self.read, self.optional)


def one(request: Request, read: Callable[[bytes], T]) -> Call[T]:
    """A call of a single block."""
    return Call((request,), lambda payloads: read(payloads[0]))


def exactly(payload: bytes, size: int, what: str) -> bytes:
    """The payload itself. Raises MalformedReply when it is not `size` bytes long."""
    if len(payload) != size:
        raise MalformedReply(f"{what}: expected {size} bytes, got {len(payload)}")
    return payload


def records(payload: bytes, size: int, what: str) -> list[bytes]:
    """The payload cut into records of `size` bytes. Raises MalformedReply on a remainder."""
    if len(payload) % size:
        raise MalformedReply(f"{what}: expected a multiple of {size} bytes, got {len(payload)}")
    return [payload[at : at + size] for at in range(0, len(payload), size)]


def nothing(payload: bytes) -> None:
    """Reads the reply of a write: any payload is ignored, the code was checked before."""
    del payload
