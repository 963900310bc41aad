"""The server side of Greengrass IPC (event-stream RPC over a Unix socket), for the unmodified client of AWS.

    [ size ][ header size ][ CRC32 ][ headers ][ payload ][ CRC32 of all before ]
      u32        u32         u32

A header is its name (u8 length), a type byte and a value; types 4 (i32) and 7 (u16 length, text) are used.
A stand-in for tests: of the nucleus' operations it has those of a component's state and of AWS IoT Core.
"""

import asyncio
import base64
import fnmatch
import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PRELUDE = struct.Struct(">II")
MAX_FRAME = 1 << 20
REQUEST, ERROR, PING, PONG, CONNECT, CONNECTED = 0, 1, 2, 3, 4, 5
TERMINATE = 2
PREFIX = "aws.greengrass#"
GRANTS = {"PublishToIoTCore": "PublishToIoTCore", "SubscribeToIoTCore": "SubscribeToIoTCore"}

Headers = dict[str, int | str]


def encode(headers: Headers, payload: bytes) -> bytes:
    body = b"".join(_header(name, value) for name, value in headers.items())
    prelude = PRELUDE.pack(len(body) + len(payload) + 16, len(body))
    whole = prelude + zlib.crc32(prelude).to_bytes(4, "big") + body + payload
    return whole + zlib.crc32(whole).to_bytes(4, "big")


def _header(name: str, value: int | str) -> bytes:
    data = (
        struct.pack(">Bi", 4, value) if isinstance(value, int) else struct.pack(">BH", 7, len(value)) + value.encode()
    )
    return bytes([len(name)]) + name.encode() + data


async def read_frame(reader: asyncio.StreamReader) -> tuple[Headers, bytes]:
    """Raises IncompleteReadError at the end, ValueError for what is no frame."""
    head = await reader.readexactly(12)
    size, header_size = PRELUDE.unpack_from(head)
    if zlib.crc32(head[:8]) != int.from_bytes(head[8:], "big") or not 16 <= size <= MAX_FRAME:
        raise ValueError("prelude")
    rest = await reader.readexactly(size - 12)
    if zlib.crc32(head + rest[:-4]) != int.from_bytes(rest[-4:], "big"):
        raise ValueError("checksum")
    return _headers(rest[:header_size]), rest[header_size:-4]


def _headers(data: bytes) -> Headers:
    found: Headers = {}
    at = 0
    while at < len(data):
        end = at + 1 + data[at]
        name, kind, at = data[at + 1 : end].decode(), data[end], end + 1
        if kind in (0, 1):
            found[name] = 1 - kind
        elif kind == 4:
            found[name] = struct.unpack_from(">i", data, at)[0]
            at += 4
        elif kind == 7:
            size = int.from_bytes(data[at : at + 2], "big")
            found[name] = data[at + 2 : at + 2 + size].decode()
            at += 2 + size
        else:
            raise ValueError(f"header type {kind}")
    return found


@dataclass
class Component:
    """Who speaks: known by its token, and allowed what its recipe's accessControl says."""

    name: str
    access: dict[str, Any] = field(default_factory=dict)

    def may(self, operation: str, topic: str) -> bool:
        grants = self.access.get("aws.greengrass.ipc.mqttproxy", {}).values()
        return any(
            PREFIX + operation in grant["operations"]
            and any(fnmatch.fnmatchcase(topic, one) for one in grant["resources"])
            for grant in grants
        )


@dataclass
class IpcServer:
    """`published` and `told` are called in the loop: (component, topic, payload) and (component, state)."""

    path: Path
    published: Callable[[str, str, bytes], None]
    told: Callable[[str, str], None]
    retained: dict[str, bytes] = field(default_factory=dict)
    components: dict[str, Component] = field(default_factory=dict)
    subscribers: list[tuple[str, asyncio.StreamWriter, int]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._accept, str(self.path))

    async def close(self) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def deliver(self, topic: str, payload: bytes) -> None:
        """A message from the cloud."""
        for wanted, writer, stream in list(self.subscribers):
            if wanted == topic and not writer.is_closing():
                self._event(writer, stream, topic, payload)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._tasks.discard(task)
            self.subscribers = [one for one in self.subscribers if one[1] is not writer]
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        headers, payload = await read_frame(reader)
        component = self.components.get(json.loads(payload).get("authToken", ""))
        good = headers[":message-type"] == CONNECT and component is not None
        writer.write(encode({":message-type": CONNECTED, ":message-flags": int(good), ":stream-id": 0}, b""))
        while good and component is not None:
            headers, payload = await read_frame(reader)
            if headers[":message-type"] == PING:
                writer.write(encode({":message-type": PONG, ":message-flags": 0, ":stream-id": 0}, payload))
            elif headers[":message-type"] == REQUEST and "operation" in headers:
                self._handle(writer, component, headers, json.loads(payload or b"{}"))
            await writer.drain()

    def _handle(
        self, writer: asyncio.StreamWriter, component: Component, headers: Headers, asked: dict[str, Any]
    ) -> None:
        stream, operation = int(headers[":stream-id"]), str(headers["operation"]).removeprefix(PREFIX)
        topic = str(asked.get("topicName", ""))
        if operation == "UpdateState":
            self.told(component.name, asked["state"])
        elif operation not in GRANTS or not component.may(operation, topic):
            self.refused.append(f"{component.name} {operation} {topic}")
            self._send(writer, stream, ERROR, TERMINATE, "UnauthorizedError", {"message": "not authorised"})
            return
        elif operation == "PublishToIoTCore":
            self.published(component.name, topic, base64.b64decode(asked.get("payload", "")))
        flags = 0 if operation == "SubscribeToIoTCore" else TERMINATE
        self._send(writer, stream, REQUEST, flags, f"{operation}Response", {})
        if operation == "SubscribeToIoTCore":
            self.subscribers.append((topic, writer, stream))
            if topic in self.retained:
                self._event(writer, stream, topic, self.retained[topic])

    def _event(self, writer: asyncio.StreamWriter, stream: int, topic: str, payload: bytes) -> None:
        message = {"topicName": topic, "payload": base64.b64encode(payload).decode()}
        self._send(writer, stream, REQUEST, 0, "IoTCoreMessage", {"message": message})

    @staticmethod
    def _send(writer: asyncio.StreamWriter, stream: int, kind: int, flags: int, shape: str, body: object) -> None:
        headers: Headers = {
            ":message-type": kind,
            ":message-flags": flags,
            ":stream-id": stream,
            ":content-type": "application/json",
            "service-model-type": PREFIX + shape,
        }
        writer.write(encode(headers, json.dumps(body).encode()))
