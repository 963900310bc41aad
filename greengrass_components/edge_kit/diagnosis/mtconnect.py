"""MTConnect: an agent answers `GET /probe` with its devices."""

import re
import time
from typing import Final

from greengrass_components.edge_kit.diagnosis.handshake import NAME, disappointed, stranger
from greengrass_components.edge_kit.diagnosis.network import Service, since_ms
from greengrass_components.edge_kit.diagnosis.probe import ProtocolProbe, Target
from greengrass_components.edge_kit.diagnosis.report import Finding, Layer, Report, refusal, success
from greengrass_components.edge_kit.diagnosis.stream import PeerError, Stream

SERVICE: Final = Service("MTConnect", 5000, "start the MTConnect agent and look up `Port` in its agent.cfg")
MOST_BYTES: Final = 262_144
STATUS: Final = re.compile(rb"^HTTP/1\.[01] (\d{3})")
DEVICE: Final = re.compile(rb"<Device\b[^>]*?\bname=\"([^\"]{1,80})\"")


async def examine(stream: Stream, target: Target, report: Report) -> None:
    """Handshake by `/probe`, session by what it lists."""
    started = time.monotonic()
    try:
        body = await _get(stream, target, "/probe")
    except PeerError as error:
        report.findings.append(disappointed(error, SERVICE, target.port, since_ms(started)))
        return
    ms = since_ms(started)
    if b"MTConnectError" in body:
        report.findings.append(success(Layer.HANDSHAKE, NAME, "an agent answered with an error", ms))
        todo = "the agent has no devices: look into its log, Devices.xml is missing or wrong"
        report.findings.append(refusal(Layer.SESSION, "devices", "MTConnectError for /probe", todo, ms))
        return
    if b"MTConnectDevices" not in body:
        report.findings.append(stranger(body, SERVICE, target.port, ms))
        return
    report.findings.append(success(Layer.HANDSHAKE, NAME, "an MTConnect agent answered /probe", ms))
    devices = sorted({name.decode("latin-1") for name in DEVICE.findall(body)})
    report.facts["devices"] = devices
    report.findings.append(_devices(devices, ms))


def _devices(devices: list[str], ms: float) -> Finding:
    if devices:
        return success(Layer.SESSION, "devices", f"the agent knows {', '.join(devices)}", ms)
    todo = "add the machine to the agent's Devices.xml"
    return refusal(Layer.SESSION, "devices", "the agent lists no device", todo, ms)


async def _get(stream: Stream, target: Target, path: str) -> bytes:
    """Head and body of an answer. Raises PeerError."""
    request = f"GET {path} HTTP/1.0\r\nHost: {target.host}:{target.port}\r\nAccept: text/xml\r\n\r\n"
    await stream.send(request.encode("ascii", "replace"))
    start = await stream.exactly(12)
    return start + (await stream.rest(MOST_BYTES) if STATUS.match(start) else await stream.rest(64))


PROBE: Final = ProtocolProbe("mtconnect", SERVICE, examine)
