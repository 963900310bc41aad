"""`cnc probe`: what is at an address, layer by layer, and what to change where.

    cnc probe 10.0.0.5                          every known protocol at its usual port
    cnc probe mill3:8193 --protocol focas       one protocol, one port
    cnc probe 10.0.0.5 --watch 60 --pmc D100:2  ways to count parts, watched for a minute
    cnc probe --scan 10.0.0.0/28                addresses of a network, only those named

Exit code 0: nothing failed; 10 name, 11 route, 12 port, 13 handshake, 14 session, 15 function; 2 wrong arguments.
"""

import argparse
import asyncio
import ipaddress
import json
import sys
from collections.abc import Sequence
from typing import Any, Final

from cnc.domain.base.clock import to_ms, utc_now
from greengrass_components.edge_kit.diagnosis import modbus, mtconnect, opcua
from greengrass_components.edge_kit.diagnosis.probe import ProtocolProbe, Target, diagnose, guess
from greengrass_components.edge_kit.diagnosis.report import Counter, Finding, Report, Verdict
from greengrass_components.edge_kit.diagnosis.scan import BadScan, addresses, scan
from greengrass_components.focas.counting import BadMethod, counter
from greengrass_components.focas.diagnosis import PROBE as FOCAS
from greengrass_components.focas.protocol.session import MODERN

PROBES: Final[dict[str, ProtocolProbe]] = {
    probe.protocol: probe for probe in (FOCAS, modbus.PROBE, mtconnect.PROBE, opcua.PROBE)
}
MARKS: Final = {Verdict.OK: "✓", Verdict.FAILED: "✗", Verdict.ABSENT: "–"}
PLAIN_MARKS: Final = {Verdict.OK: "ok", Verdict.FAILED: "FAILED", Verdict.ABSENT: "absent"}
MOST_TIMEOUT_S: Final = 60.0
NOTHING_FOUND: Final = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the subcommand."""
    parser.add_argument("target", nargs="?", metavar="HOST[:PORT]", help="name or address of a machine")
    parser.add_argument("--protocol", choices=sorted(PROBES), help="what it speaks (default: find out)")
    parser.add_argument("--path", type=int, default=1, help="path of a FANUC control with several (default 1)")
    parser.add_argument("--unit", type=int, default=1, help="unit number of a Modbus device (default 1)")
    parser.add_argument("--watch", type=float, default=0.0, metavar="S", help="watch the part counters for S seconds")
    parser.add_argument("--pmc", action="append", default=[], metavar="D100:2", help="a PMC cell that counts parts")
    parser.add_argument("--timeout", type=float, default=3.0, metavar="S", help="wait S seconds a step (default 3)")
    parser.add_argument("--scan", metavar="10.0.0.0/28", help="look through these addresses instead of one host")
    parser.add_argument("--port", type=int, default=0, help="port to scan (default: the usual ones)")
    parser.add_argument("--json", action="store_true", help="write the report as JSON")


def probe(options: argparse.Namespace) -> int:
    """Run the subcommand; the exit code says which layer failed first."""
    try:
        target = _target(options)
        hosts = addresses(options.scan) if options.scan else []
    except (BadScan, BadMethod, ValueError) as wrong:
        print(f"cnc probe: {wrong}", file=sys.stderr)
        return 2
    try:
        if hosts:
            return asyncio.run(_scan(hosts, target, options))
        report = asyncio.run(_one(target, options.protocol))
    except KeyboardInterrupt:
        print("cnc probe: stopped", file=sys.stderr)
        return 130
    _write(report, as_json=options.json)
    return report.exit_code


def _target(options: argparse.Namespace) -> Target:
    """Raises ValueError with a sentence."""
    if bool(options.target) == bool(options.scan):
        raise ValueError("give either HOST[:PORT] or --scan with addresses")
    if not 0 < options.timeout <= MOST_TIMEOUT_S:
        raise ValueError(f"--timeout {options.timeout:g}: expected more than 0 and at most {MOST_TIMEOUT_S:g} seconds")
    for cell in options.pmc:
        counter(f"PMC {cell}", dialect=MODERN)
    asked: dict[str, Any] = {
        "path": options.path, "unit": options.unit, "watch_s": options.watch, "pmc": tuple(options.pmc),
    }  # fmt: skip
    host, port = split(options.target) if options.target else ("", 0)
    return Target(host, port or _port(str(options.port), allow_zero=True), options.timeout, asked)


def split(text: str) -> tuple[str, int]:
    """`host`, `host:port`, an IPv6 address or `[address]:port`. Raises ValueError."""
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        if not host or not closed or (rest and not rest.startswith(":")):
            raise ValueError(f"{text!r} is no target; expected such as [fd00::5]:8193")
        return host, _port(rest[1:]) if rest else 0
    try:
        return str(ipaddress.ip_address(text)), 0
    except ValueError:
        pass
    host, colon, port = text.rpartition(":")
    if not colon:
        return text, 0
    if not host:
        raise ValueError(f"{text!r} is no target; expected HOST or HOST:PORT")
    return host, _port(port)


def _port(text: str, *, allow_zero: bool = False) -> int:
    if not text.isascii() or not text.isdigit() or not (0 if allow_zero else 1) <= int(text) <= 65535:
        raise ValueError(f"port {text!r}: expected a whole number from 1 to 65535")
    return int(text)


async def _one(target: Target, protocol: str | None) -> Report:
    at_ms = to_ms(utc_now())
    if protocol:
        return await diagnose(target, PROBES[protocol], at_ms=at_ms)
    return await guess(target, list(PROBES.values()), at_ms=at_ms)


async def _scan(hosts: Sequence[str], target: Target, options: argparse.Namespace) -> int:
    probes = [PROBES[options.protocol]] if options.protocol else list(PROBES.values())
    found = 0
    async for report in scan(hosts, probes, target=target, at_ms=to_ms(utc_now())):
        found += 1
        if options.json:
            print(json.dumps(report.document(), sort_keys=True), flush=True)
        else:
            _say(_summary(report))
    if not options.json:
        print(f"{found} of {len(hosts)} addresses answered")
    return 0 if found else NOTHING_FOUND


def _summary(report: Report) -> str:
    failure = report.failure
    what = failure.seen if failure else report.facts.get("model") or report.findings[-1].seen
    return f"{report.host}:{report.port}  {report.protocol}  {what}"


def _write(report: Report, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report.document(), sort_keys=True, indent=2))
        return
    _say(f"{report.host}:{report.port}  {report.protocol}")
    for finding in report.findings:
        _say(_line(finding))
    if report.counters:
        _say("\nWays to count parts:")
        for counter in report.counters:
            _say(_counter(counter))
    if "recommended_period_ms" in report.facts:
        calls = report.facts["call_ms"]
        _say(f"\nA call takes {calls['median']} ms; read it every {report.facts['recommended_period_ms']} ms.")
    for protocol, met in report.facts.get("tried", {}).items():
        _say(f"  tried {protocol}: {met}")


def _line(finding: Finding) -> str:
    mark = (MARKS if _can_say("✓✗–") else PLAIN_MARKS)[finding.verdict]
    head = f"{mark} {finding.layer:<9} {finding.name:<30} {finding.ms:8.1f} ms  {finding.seen}"
    return f"{head}\n    {'→' if _can_say('→') else '->'} {finding.todo}" if finding.todo else head


def _counter(counter: Counter) -> str:
    value = "-" if counter.value is None else f"{counter.value:g}"
    moved = "" if counter.counted is None else f"{counter.counted:+g} while watched"
    return (
        f"  {counter.method:<16} {value:>12}  {moved:<20} {counter.meaning}{f' ({counter.why})' if counter.why else ''}"
    )


def _can_say(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _say(text: str) -> None:
    encoding = sys.stdout.encoding or "ascii"
    print(text.encode(encoding, "replace").decode(encoding))
