"""Running a diagnosis: the layers below in order, then what the protocol's own probe finds."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from greengrass_components.edge_kit.diagnosis.network import Service, check_name, check_port, check_route
from greengrass_components.edge_kit.diagnosis.report import Finding, Layer, Report, Verdict
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
        report = await diagnose(target, probe, at_ms=at_ms)
        if _answered(report):
            return report
        reports.append(report)
        if report.failure and report.failure.layer in (Layer.NAME, Layer.ROUTE):
            return report
        if target.port and report.failure and report.failure.layer is Layer.PORT:
            break  # no other protocol gets further at the same port
    return _nearest(reports)


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


def refusal(layer: Layer, name: str, seen: str, todo: str, ms: float) -> Finding:
    """A failure, in the order in which a sentence about it is written."""
    return Finding(layer, name, Verdict.FAILED, seen, ms, todo)


def success(layer: Layer, name: str, seen: str, ms: float) -> Finding:
    """What is as it should be."""
    return Finding(layer, name, Verdict.OK, seen, ms)
