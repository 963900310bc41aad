"""OPC UA over TCP: Hello, answered by Acknowledge or by an error with its reason (OPC 10000-6, 7.1.2)."""

import struct
import time
from typing import Final

from greengrass_components.edge_kit.diagnosis.handshake import NAME, disappointed, stranger
from greengrass_components.edge_kit.diagnosis.network import Service, since_ms
from greengrass_components.edge_kit.diagnosis.probe import ProtocolProbe, Target
from greengrass_components.edge_kit.diagnosis.report import Layer, Report, refusal, success
from greengrass_components.edge_kit.diagnosis.stream import PeerError, Stream

SERVICE: Final = Service("OPC UA", 4840, "switch on the OPC UA server of the control and its option")
HEAD: Final = struct.Struct("<4sI")
BUFFER: Final = 65_536
MOST_BODY: Final = 4096


def hello(url: str) -> bytes:
    """The first message of a client."""
    raw = url.encode("utf-8")
    body = struct.pack("<5Ii", 0, BUFFER, BUFFER, 0, 0, len(raw)) + raw
    return HEAD.pack(b"HELF", HEAD.size + len(body)) + body


async def examine(stream: Stream, target: Target, report: Report) -> None:
    """Handshake alone: what comes next needs a certificate that the server trusts."""
    started = time.monotonic()
    try:
        await stream.send(hello(f"opc.tcp://{target.host}:{target.port}"))
        head = await stream.exactly(HEAD.size)
        kind, size = HEAD.unpack(head)
        known = kind in (b"ACKF", b"ERRF") and HEAD.size + 8 <= size <= MOST_BODY
        body = await (stream.exactly(size - HEAD.size) if known else stream.rest(56))
    except PeerError as error:
        report.findings.append(disappointed(error, SERVICE, target.port, since_ms(started)))
        return
    ms = since_ms(started)
    if not known:
        report.findings.append(stranger(head + body, SERVICE, target.port, ms))
    elif kind == b"ERRF":
        code, length = struct.unpack_from("<Ii", body)
        reason = body[8 : 8 + max(length, 0)].decode("utf-8", "replace")
        report.findings.append(success(Layer.HANDSHAKE, NAME, "an OPC UA server answered", ms))
        todo = "use the endpoint address that the server's own list shows, host name included"
        report.findings.append(refusal(Layer.SESSION, "hello", f"refused with {code:#010x} {reason}".strip(), todo, ms))
    else:
        version, receive, send, *_ = struct.unpack_from("<3I", body)
        seen = f"an OPC UA server, protocol version {version}, buffers {receive} and {send} bytes"
        report.findings.append(success(Layer.HANDSHAKE, NAME, seen, ms))


PROBE: Final = ProtocolProbe("opcua", SERVICE, examine)
