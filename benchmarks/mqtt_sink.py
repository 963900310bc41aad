"""An MQTT 5 server that takes everything at QoS 1 and counts values: where a peer of our gateway sends to.

`python -m benchmarks.mqtt_sink` prints its port, then answers each line of its input with a JSON line
`{"values", "messages", "bytes"}`, and ends with its input. It keeps nothing, so that a peer waits for nothing.
"""

import asyncio
import json
import sys
from dataclasses import dataclass
from typing import Any, Final

CONNECT, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, PINGREQ, DISCONNECT = 1, 3, 8, 10, 12, 14
TELEMETRY: Final = "v1/gateway/telemetry"
ASK: Final = "v1/devices/me/rpc/request/"
LIMITS: Final = json.dumps(
    {"rateLimits": {}, "gatewayRateLimits": {}, "maxInflightMessages": 1000, "maxPayloadSize": 65_536}
).encode()
"""The answer to getSessionLimits, for which the gateway waits: none."""


@dataclass(slots=True)
class Sink:
    """Counts what arrived."""

    values: int = 0
    messages: int = 0
    size: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readexactly(1))[0]
                body = await reader.readexactly(await _length(reader))
                answer = self._answer(head, body)
                if answer is None:
                    break
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()

    def _answer(self, head: int, body: bytes) -> bytes | None:
        kind = head >> 4
        if kind == CONNECT:
            return bytes([0x20, 3, 0, 0, 0])
        if kind == PUBLISH:
            return self._published(head, body)
        if kind in (SUBSCRIBE, UNSUBSCRIBE):
            topics = _topics(body, options=kind == SUBSCRIBE)
            code = b"\x01" if kind == SUBSCRIBE else b"\x00"
            return bytes([(kind + 1) << 4, 3 + topics]) + body[:2] + b"\x00" + code * topics
        if kind == PINGREQ:
            return b"\xd0\x00"
        return None if kind == DISCONNECT else b""

    def _published(self, head: int, body: bytes) -> bytes:
        size = int.from_bytes(body[:2], "big")
        topic, at = body[2 : 2 + size].decode(), 2 + size
        packet = b""
        if head >> 1 & 3:
            packet, at = body[at : at + 2], at + 2
        at += 1 + body[at]  # properties, fewer than 128 bytes
        if topic == TELEMETRY:
            self.messages += 1
            self.size += len(body)
            self.values += _count(json.loads(body[at:]))
        answer = b"\x40\x02" + packet if packet else b""
        return answer + _limits(topic) if topic.startswith(ASK) else answer


def _limits(asked: str) -> bytes:
    topic = asked.replace("request", "response").encode()
    body = len(topic).to_bytes(2, "big") + topic + b"\x00" + LIMITS
    return b"\x30" + bytes([len(body) & 0x7F | 0x80, len(body) >> 7]) + body


def _count(message: dict[str, list[dict[str, Any]]]) -> int:
    return sum(len(row.get("values", row)) for rows in message.values() for row in rows)


def _topics(body: bytes, *, options: bool) -> int:
    at, count = 3 + body[2], 0
    while at < len(body):
        at += 2 + int.from_bytes(body[at : at + 2], "big") + (1 if options else 0)
        count += 1
    return count


async def _length(reader: asyncio.StreamReader) -> int:
    value, shift = 0, 0
    while True:
        byte = (await reader.readexactly(1))[0]
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value
        shift += 7


async def main() -> None:
    sink = Sink()
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps({"values": sink.values, "messages": sink.messages, "bytes": sink.size}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
