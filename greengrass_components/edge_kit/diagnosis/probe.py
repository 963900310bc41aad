"""Running a diagnosis: the layers below in order, then what the protocol's own probe finds."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from greengrass_components.edge_kit.diagnosis.elsewho import who_else
from greengrass_components.edge_kit.diagnosis.handshake import NAME, other
from greengrass_components.edge_kit.diagnosis.network import Service, check_name, check_port, check_route, since_ms
from greengrass_components.edge_kit.diagnosis.report import Layer, Report, Verdict
from greengrass_components.edge_kit.diagnosis.stream import Stream

UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Target:
    """Where and how to look. `port` 0 = the usual one; `options` hold what only one protocol reads."""

    host: str
    port: int = 0
    timeout_s: float = 3.0
    options: dict[str, Any] = field(default_factory=dict)


Examine = Callable[[Stream, Target, Report], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ProtocolProbe:
    """How one protocol is examined over an open connection; the first finding is that of the handshake.

    `examine` appends to the report and closes what it opens, but for the stream, which belongs to the caller.
    """

    protocol: str
    service: Service
    examine: Examine


async def diagnose(target: Target, probe: ProtocolProbe, *, at_ms: int) -> Report:
    """Everything that can be found at a target that is thought to speak one protocol. Never raises for the peer."""
    report = await _examined(target, probe, at_ms=at_ms)
    await _name_stranger(report, probe, timeout_s=target.timeout_s)
    return report


async def _examined(target: Target, probe: ProtocolProbe, *, at_ms: int) -> Report:
    target = replace(target, port=target.port or probe.service.port)
    report = Report(target.host, target.port, probe.protocol, at_ms)
    stream = await _reach(target, probe.service, report)
    if stream is not None:
        try:
            await probe.examine(stream, target, report)
        finally:
            await stream.close()
    return report


async def _reach(target: Target, service: Service, report: Report) -> Stream | None:
    found, address = await check_name(target.host, target.port, timeout_s=target.timeout_s)
    report.findings.append(found)
    if not address:
        return None
    found, own = check_route(address, target.port)
    report.findings.append(found)
    if not own:
        return None
    report.facts |= {"address": address, "own_address": own}
    found, stream = await check_port(address, target.port, service=service, own=own, timeout_s=target.timeout_s)
    report.findings.append(found)
    return stream


async def guess(target: Target, probes: Sequence[ProtocolProbe], *, at_ms: int) -> Report:
    """The report of the protocol that answers.

    With a port, each protocol knocks there in turn; without one, each at its usual port. When none answers, the
    report is that of what came closest, and says what every protocol met.
    """
    usual = [probe for probe in probes if probe.service.port == target.port]
    ordered = [*usual, *(probe for probe in probes if probe not in usual)]
    reports: list[Report] = []
    for probe in ordered:
        report = await _examined(target, probe, at_ms=at_ms)
        if _answered(report):
            return report
        reports.append(report)
        if report.failure and report.failure.layer in (Layer.NAME, Layer.ROUTE):
            report.protocol = UNKNOWN
            return report
        if target.port and report.failure and report.failure.layer is Layer.PORT:
            break  # no other protocol gets further at the same port
    nearest = _nearest(reports)
    await _name_stranger(nearest, ordered[reports.index(nearest)], timeout_s=target.timeout_s)
    return nearest


async def _name_stranger(report: Report, probe: ProtocolProbe, *, timeout_s: float) -> None:
    """Replace a handshake that failed without telling by who it is that listens there, if that can be found out."""
    failure = report.failure
    if failure is None or (failure.layer, failure.name) != (Layer.HANDSHAKE, NAME):
        return
    started = time.monotonic()
    who, first = await who_else(str(report.facts["address"]), report.port, timeout_s=timeout_s)
    if who and probe.service.name not in who:
        report.findings[report.findings.index(failure)] = other(
            who, first, probe.service, report.port, failure.ms + since_ms(started)
        )


def _answered(report: Report) -> bool:
    """Whether the peer spoke this protocol, if only to refuse."""
    return any(
        finding.layer is Layer.SESSION or (finding.layer is Layer.HANDSHAKE and finding.verdict is Verdict.OK)
        for finding in report.findings
    )


def _nearest(reports: list[Report]) -> Report:
    nearest = max(reports, key=lambda report: len(report.findings))
    nearest.facts["tried"] = {
        report.protocol: f"port {report.port}: {report.failure.seen}" for report in reports if report.failure
    }
    nearest.protocol = nearest.protocol if len(reports) == 1 else UNKNOWN
    return nearest
