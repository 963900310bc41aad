"""Opening a session by hand, so that every odd answer can be told apart, then the layers above it."""

import time
from typing import Final

from greengrass_components.edge_kit.diagnosis.handshake import NAME, disappointed, stranger
from greengrass_components.edge_kit.diagnosis.network import since_ms
from greengrass_components.edge_kit.diagnosis.probe import ProtocolProbe, Target
from greengrass_components.edge_kit.diagnosis.report import Finding, Layer, Report, Verdict, refusal, success
from greengrass_components.edge_kit.diagnosis.stream import PeerError, Stream
from greengrass_components.focas.client import FocasClient
from greengrass_components.focas.client.connection import Connection
from greengrass_components.focas.diagnosis.advice import (
    ALL_IN_USE,
    LAYOUT,
    OPTION_WORD,
    OTHER_REFUSAL,
    SERVICE,
    VERSION,
)
from greengrass_components.focas.diagnosis.counters import read_counters
from greengrass_components.focas.diagnosis.functions import check_functions
from greengrass_components.focas.diagnosis.session import check_session
from greengrass_components.focas.errors import MalformedFrame, SessionRefused
from greengrass_components.focas.protocol.frame import HEADER, MAGIC, Header, body_limit, decode_header
from greengrass_components.focas.protocol.session import Opening, Role, decode_error, decode_opening, open_frame

NO_SESSION: Final = 4
KNOWN_VERSIONS: Final = range(1, 10)
SEEN_VERSIONS: Final = range(1, 5)
REPLY, REFUSAL = (1, 2), (1, 3)


async def examine(stream: Stream, target: Target, report: Report) -> None:
    """Handshake, session, functions and counters of a control."""
    opening = await _handshake(stream, target, report)
    if opening is None:
        return
    where = f"{target.host}:{target.port}"
    connection = Connection(stream.reader, stream.writer, where=where, timeout_s=target.timeout_s)
    client = FocasClient(connection, opening, host=target.host, port=target.port, timeout_s=target.timeout_s)
    try:
        if not await check_session(client, target, report) or target.options.get("shallow"):
            return
        client = await check_functions(client, target, report)
        await read_counters(client, target, report)
    finally:
        await client.close()


async def _handshake(stream: Stream, target: Target, report: Report) -> Opening | None:
    started = time.monotonic()
    try:
        found = await _answer(stream, target, started)
    except PeerError as error:
        found = disappointed(error, SERVICE, target.port, since_ms(started))
    if isinstance(found, Finding):
        report.findings.append(found)
        return None
    report.findings += _welcomed(found, since_ms(started))
    report.facts["pdu_version"] = found.version
    return found


async def _answer(stream: Stream, target: Target, started: float) -> Opening | Finding:
    """Raises PeerError."""
    await stream.send(open_frame(Role.COMMAND).encode())
    raw = await stream.exactly(HEADER.size)
    if not raw.startswith(MAGIC):
        return stranger(raw + await stream.rest(54), SERVICE, target.port, since_ms(started))
    header = decode_header(raw)
    if header.version not in KNOWN_VERSIONS:
        return _refused(f"the control answers with PDU version {header.version}", VERSION, started)
    if header.length > body_limit(header.version):
        seen = f"an answer of {header.length} bytes, at most {body_limit(header.version)} are allowed in this version"
        return _refused(seen, VERSION, started)
    return _read(header, await stream.exactly(header.length), started)


def _read(header: Header, body: bytes, started: float) -> Opening | Finding:
    kind = (header.type, header.direction)
    try:
        if kind == REPLY:
            return decode_opening(header.version, body)
        if kind == REFUSAL:
            return _no_session(SessionRefused(*decode_error(body)), started)
    except MalformedFrame as wrong:
        return _refused(f"PDU version {header.version}: {wrong}; got {body[:64].hex()}", LAYOUT, started)
    seen = f"asked to open a session, got a frame of type {kind[0]:#04x} and direction {kind[1]}"
    return _refused(seen, LAYOUT, started)


def _no_session(refused: SessionRefused, started: float) -> Finding:
    todo = ALL_IN_USE if refused.code == NO_SESSION else OTHER_REFUSAL
    return refusal(Layer.SESSION, "session", str(refused), todo, since_ms(started))


def _refused(seen: str, todo: str, started: float) -> Finding:
    return refusal(Layer.HANDSHAKE, NAME, seen, todo, since_ms(started))


def _welcomed(opening: Opening, ms: float) -> list[Finding]:
    unusual = "" if opening.version in SEEN_VERSIONS else " (a version not seen before, read like version 4)"
    seen = (
        f"FOCAS, PDU version {opening.version}{unusual}: {opening.axes} axes, {opening.spindles} spindles, "
        f"{opening.paths} paths"
    )
    found = [success(Layer.HANDSHAKE, NAME, seen, ms)]
    if not opening.options & 1 and opening.version > 2:
        seen = f"option word {opening.options:#06x}, bit 0 is off"
        found.append(Finding(Layer.SESSION, "option word", Verdict.ABSENT, seen, 0.0, OPTION_WORD))
    return found


PROBE: Final = ProtocolProbe("focas", SERVICE, examine)
