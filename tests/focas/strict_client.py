"""A FOCAS client written from the protocol's tables alone: it shares no line with the product's codec.

Every size is exact, every echo is checked, and nothing is forgiven; whoever reads the simulator with other software
is at most as strict as this.
"""

import socket
import struct
from dataclasses import dataclass
from types import TracebackType
from typing import Self

MAGIC = b"\xa0\xa0\xa0\xa0"
WAIT_S = 10.0
AXES, SPINDLES = 32, 8


class Wrong(AssertionError):
    """The peer is no control."""


@dataclass(frozen=True)
class Block:
    """One reply block."""

    code: int
    detail: tuple[int, int]
    payload: bytes


def ask(code: int, *arguments: int, data: bytes = b"", module: int = 1, path: int = 1) -> bytes:
    """One request block."""
    a = (*arguments, 0, 0, 0, 0)[:4]
    return struct.pack(">HHHH4iHH", 28 + len(data), module, path, code, *a, 0, len(data)) + data


def value(raw: bytes) -> tuple[int, int]:
    """(data, decimals) of an 8-byte value in base 10."""
    data, base, dec = struct.unpack(">ihh", raw)
    if base != 10 or not -1 <= dec <= 8:
        raise Wrong(f"value with base {base} and dec {dec}")
    return data, dec


def values(raw: bytes, *, used: int, of: int) -> list[tuple[int, int]]:
    """The used elements of a full array; the others must be zero with base 10."""
    if len(raw) != 8 * of:
        raise Wrong(f"array of {len(raw)} bytes instead of {8 * of}")
    if raw[8 * used :] != bytes.fromhex("00000000000a0000") * (of - used):
        raise Wrong("unused elements are not 00000000 000a 0000")
    return [value(raw[at : at + 8]) for at in range(0, 8 * used, 8)]


def text(raw: bytes, size: int) -> str:
    """A zero-padded ASCII field."""
    if len(raw) != size:
        raise Wrong(f"text of {len(raw)} bytes instead of {size}")
    shown, _, padding = raw.partition(b"\0")
    if padding.strip(b"\0"):
        raise Wrong(f"something behind the end of a text: {raw!r}")
    return shown.decode("ascii")


def named(path: str, size: int = 256) -> bytes:
    """A name in a fixed field."""
    return path.encode("ascii").ljust(size, b"\0")


class Socket:
    """One of the two connections of a session."""

    def __init__(self, host: str, port: int, role: int) -> None:
        self._socket = socket.create_connection((host, port), WAIT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.version = 0
        self.send(0x01, 1, struct.pack(">H", role))
        self.opening = self.expect("0102")

    def send(self, kind: int, direction: int, body: bytes = b"") -> None:
        self._socket.sendall(MAGIC + struct.pack(">HBBH", 1, kind, direction, len(body)) + body)

    def _exactly(self, count: int) -> bytes:
        got = b""
        while len(got) < count:
            piece = self._socket.recv(count - len(got))
            if not piece:
                raise Wrong(f"the control closed after {len(got)} of {count} bytes")
            got += piece
        return got

    def receive(self) -> tuple[str, bytes]:
        magic, version, kind, direction, length = struct.unpack(">4sHBBH", self._exactly(10))
        if magic != MAGIC or (self.version and version != self.version):
            raise Wrong(f"magic {magic.hex()}, version {version} after {self.version}")
        self.version = version
        if length > {1: 1450, 2: 1450, 3: 2910}.get(version, 3470):
            raise Wrong(f"body of {length} bytes in version {version}")
        return f"{kind:02x}{direction:02x}", self._exactly(length)

    def expect(self, kind: str) -> bytes:
        got, body = self.receive()
        if got != kind:
            raise Wrong(f"expected {kind}, got {got} {body.hex()}")
        return body

    def close(self) -> None:
        self.send(0x02, 1)
        if self.expect("0202"):
            raise Wrong("a close reply has no body")
        self._socket.close()


class StrictClient:
    """A session of two connections."""

    def __init__(self, host: str, port: int) -> None:
        self.transfer = Socket(host, port, 1)
        self.command = Socket(host, port, 2)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.transfer.close()
            self.command.close()

    def blocks(self, *requests: bytes) -> list[Block]:
        """Many blocks in one PDU."""
        self.command.send(0x21, 1, struct.pack(">H", len(requests)) + b"".join(requests))
        body = self.command.expect("2102")
        if int.from_bytes(body[:2], "big") != len(requests):
            raise Wrong(f"asked {len(requests)} blocks, got {body[:2].hex()}")
        found, at = [], 2
        for request in requests:
            length, *echo, code, d1, d2, size = struct.unpack_from(">H3H3hH", body, at)
            payload = body[at + 16 : at + length]
            if echo != list(struct.unpack_from(">3H", request, 2)) or length != 16 + size or len(payload) != size:
                raise Wrong(f"block {body[at : at + 16].hex()} for {request[:8].hex()}")
            if code and payload:
                raise Wrong(f"code {code} with {size} bytes of payload")
            found.append(Block(code, (d1, d2), payload))
            at += length
        if at != len(body):
            raise Wrong(f"{len(body) - at} bytes behind the last block")
        return found

    def read(self, code: int, *arguments: int, size: int | None = None, data: bytes = b"", module: int = 1) -> bytes:
        """Payload of one function that must succeed, with exactly `size` bytes."""
        [block] = self.blocks(ask(code, *arguments, data=data, module=module))
        if block.code:
            raise Wrong(f"function {code:#x} {arguments} refused with {block.code}")
        if size is not None and len(block.payload) != size:
            raise Wrong(f"function {code:#x} {arguments}: {len(block.payload)} bytes instead of {size}")
        return block.payload

    def refused(self, code: int, *arguments: int, data: bytes = b"", module: int = 1) -> tuple[int, int]:
        """(code, detail 1) of one function that must be refused."""
        [block] = self.blocks(ask(code, *arguments, data=data, module=module))
        return block.code, block.detail[0]

    # -- program transfer --

    def _start(self, kind: int, target: str) -> tuple[str, bytes]:
        self.transfer.send(kind, 1, b"\0\0\0\1" + named(target, 512))
        return self.transfer.receive()

    def download(self, folder: str, program: bytes) -> tuple[int, int]:
        """(code, detail 1); (0, 0) when the control took the program."""
        kind, body = self._start(0x11, f"N:{folder}")
        if kind == "1102":
            for at in range(0, len(program), 1280):
                self.transfer.send(0x12, 4, program[at : at + 1280])
            self.transfer.send(0x13, 1)
            kind, body = self.transfer.receive()
        return (0, 0) if kind == "1302" else _error(kind, body)

    def upload(self, name: str) -> bytes | tuple[int, int]:
        """Text of a program, or (code, detail 1)."""
        kind, body = self._start(0x15, f"N:{name}")
        if kind != "1502":
            return _error(kind, body)
        found = b""
        while True:
            kind, body = self.transfer.receive()
            if kind == "1701":
                self.transfer.send(0x17, 2)
                return found
            if kind != "1604":
                raise Wrong(f"{kind} in an upload")
            found += body

    def abort_upload(self, name: str) -> None:
        """Start an upload and do not read it to its end."""
        self.transfer.send(0x15, 1, b"\0\0\0\1" + named(f"N:{name}", 512))
        self.transfer.expect("1502")
        self.transfer.send(0x18, 4, bytes(8))


def _error(kind: str, body: bytes) -> tuple[int, int]:
    if kind not in ("1103", "1303", "1503", "1401") or len(body) != 8:
        raise Wrong(f"{kind} with {body.hex()} is no error reply")
    _, code, detail, _ = struct.unpack(">4h", body)
    return code, detail
