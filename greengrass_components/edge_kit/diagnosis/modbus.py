"""Modbus TCP: one register read, which every device answers with a value or with a reason.

[ transaction ][ protocol 0 ][ length ][ unit ][ function ][ ... ]
     2b             2b          2b       1b       1b
"""

import struct
import time
from typing import Final

from greengrass_components.edge_kit.diagnosis.handshake import NAME, disappointed, stranger
from greengrass_components.edge_kit.diagnosis.network import Service, since_ms
from greengrass_components.edge_kit.diagnosis.probe import ProtocolProbe, Target
from greengrass_components.edge_kit.diagnosis.report import Finding, Layer, Report, refusal, success
from greengrass_components.edge_kit.diagnosis.stream import PeerError, Stream, speaker

SERVICE: Final = Service("Modbus TCP", 502, "switch on the Modbus TCP server in the device's network menu")
HEAD: Final = struct.Struct(">HHHBB")
HOLDING, INPUT = 3, 4
MOST_LENGTH: Final = 254
EXCEPTIONS: Final = {
    1: "function not supported", 2: "no such register", 3: "value refused", 4: "device failure", 5: "busy, working",
    6: "busy", 8: "memory error", 10: "gateway path unavailable", 11: "no answer from the device behind the gateway",
}  # fmt: skip
BEHIND_GATEWAY: Final = (10, 11)


async def examine(stream: Stream, target: Target, report: Report) -> None:
    """Handshake, unit and a register of each kind."""
    unit = int(target.options.get("unit", 1))
    for number, function in enumerate((HOLDING, INPUT), start=1):
        started = time.monotonic()
        try:
            answer = await _ask(stream, number, unit, function)
        except PeerError as error:
            report.findings.append(_no_answer(error, target, unit, since_ms(started), first=number == 1))
            return
        if not isinstance(answer, tuple):
            report.findings.append(stranger(answer, SERVICE, target.port, since_ms(started)))
            return
        if number == 1:
            seen = f"unit {unit} speaks Modbus TCP"
            report.findings.append(success(Layer.HANDSHAKE, NAME, seen, since_ms(started)))
        report.findings.append(_judged(function, unit, *answer, since_ms(started)))


def _no_answer(error: PeerError, target: Target, unit: int, ms: float, *, first: bool) -> Finding:
    if error.kind == "silent" and not speaker(error.got):
        todo = f"devices ignore other unit numbers: find the unit (slave id) in the device's menu, {unit} was asked"
        return refusal(Layer.HANDSHAKE, NAME, str(error), todo, ms)
    found = disappointed(error, SERVICE, target.port, ms)
    return found if first else refusal(Layer.FUNCTION, "registers", found.seen, found.todo, ms)


async def _ask(stream: Stream, number: int, unit: int, function: int) -> tuple[int, bytes] | bytes:
    """(function, body) of an answer, or the bytes of something else. Raises PeerError."""
    await stream.send(HEAD.pack(number, 0, 6, unit, function) + struct.pack(">HH", 0, 1))
    head = await stream.exactly(HEAD.size)
    transaction, protocol, length, _, answered = HEAD.unpack(head)
    if (transaction, protocol) != (number, 0) or not 3 <= length <= MOST_LENGTH or answered & 0x7F != function:
        return head + await stream.rest(56)
    return answered, await stream.exactly(length - 2)


def _judged(function: int, unit: int, answered: int, body: bytes, ms: float) -> Finding:
    kind = "holding registers" if function == HOLDING else "input registers"
    if answered == function:
        return success(Layer.FUNCTION, kind, f"register 0 reads {int.from_bytes(body[1:3], 'big')}", ms)
    code = body[0]
    why = f"exception {code} ({EXCEPTIONS.get(code, 'unknown')})"
    if code in BEHIND_GATEWAY:
        todo = f"the gateway finds no device with unit {unit}: check unit number, wiring, speed and parity behind it"
        return refusal(Layer.FUNCTION, kind, why, todo, ms)
    return success(Layer.FUNCTION, kind, f"answered with {why}: the device is there, register 0 is not", ms)


PROBE: Final = ProtocolProbe("modbus", SERVICE, examine)
