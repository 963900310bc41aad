"""The `cnc` command. Each subcommand imports what it needs when it is called."""

import argparse
import sys
from pathlib import Path

from cli.refusal import CannotStart

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand; exit code 2 and one sentence when it cannot be done here."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except CannotStart as reason:
        print(f"cnc: {reason}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("cnc: stopped before everything was up", file=sys.stderr)
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cnc", description="CNC Copilot on this machine")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="start the whole product with a simulated shop and keep it running")
    up.add_argument("--port", type=_port, default=8080, help="port of the portal (default 8080)")
    up.add_argument("--data", type=Path, default=ROOT / ".local" / "data", help="folder that is kept between runs")
    up.add_argument("--machines", type=_machines, default=None, help="simulate N machines instead of the demo shops")
    up.add_argument("--endpoints", type=Path, default=ROOT / ".local" / "endpoints.json", help=argparse.SUPPRESS)
    up.add_argument("--synthetic", type=_machines, default=0, help="add N machines whose values follow from their time")
    up.add_argument("--synthetic-rate", type=_rate, default=1, help="rows per second of each synthetic machine")
    up.add_argument("--speed", type=_speed, default=1, help="run a new shop up to 20 times faster until it meets now")
    up.add_argument("--since", type=_instant, default=None, help="where a faster shop starts (default 7 days ago)")
    up.add_argument("--repeats", type=_share, default=0.01, help="share of messages repeated, and of those reordered")
    up.add_argument("--no-simulators", action="store_true", help="start the cloud alone, without machines")
    up.add_argument("--no-portal", action="store_true", help="start without building the portal's pages")
    up.add_argument(
        "--no-firewall", action="store_true", help="start without the front's coarse limits, for proofs in a hurry"
    )
    up.add_argument(
        "--loopback-providers",
        action="store_true",
        help="development: let companies' sign-in providers run on this computer",
    )
    up.set_defaults(run=_up)
    probe = commands.add_parser("probe", help="find out what a machine on the network answers, and what to change")
    _probe_arguments(probe)
    probe.set_defaults(run=_probe)
    token = commands.add_parser("enrol-token", help="expect a gateway, and write what its installer takes along")
    _enrol_arguments(token)
    token.set_defaults(run=_enrol_token)
    writing = commands.add_parser("writing", help="stop all writing to machines of all tenants, or allow it again")
    writing.add_argument("what", choices=("stop", "allow"))
    _where_arguments(writing)
    writing.set_defaults(run=_writing)
    audit = commands.add_parser("audit", help="take an audit log along, and prove that it holds")
    _audit_arguments(audit)
    audit.set_defaults(run=_audit)
    quota = commands.add_parser("quota", help="show or change what a tenant may ask for, or keep it out")
    quota.add_argument("--tenant", required=True, help="t_…")
    quota.add_argument("--plan", help='such as "standard" or "standard tenant=9000"')
    quota.add_argument("--off", choices=("keys", "people", "all", "nobody"), help="whom to keep out")
    _where_arguments(quota)
    quota.set_defaults(run=_quota)
    return parser


def _quota(options: argparse.Namespace) -> int:
    from cli.quota import quota

    return quota(options)


def _where_arguments(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--local", action="store_true", help="ask the product that `cnc up` runs here")
    where.add_argument("--stage", help="ask a stage in AWS, with the credentials of the SDK's standard chain")
    parser.add_argument("--endpoints", type=Path, default=ROOT / ".local" / "endpoints.json", help=argparse.SUPPRESS)


def _writing(options: argparse.Namespace) -> int:
    from cli.writing import writing

    return writing(options)


def _enrol_arguments(parser: argparse.ArgumentParser) -> None:
    _where_arguments(parser)
    parser.add_argument("--tenant", required=True, help="t_…")
    parser.add_argument("--site", help="s_…, for a new gateway")
    parser.add_argument("--name", help="what people call the new gateway")
    parser.add_argument("--gateway", help="g_…: a gateway that exists and lost its key, or whose computer is replaced")
    parser.add_argument("--ca", type=Path, help="authority of AWS IoT's servers (AmazonRootCA1.pem)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write, which must not exist")


def _enrol_token(options: argparse.Namespace) -> int:
    from cli.enrol_token import enrol_token

    return enrol_token(options)


def _audit_arguments(parser: argparse.ArgumentParser) -> None:
    from cli.audit import add_arguments

    add_arguments(parser)


def _audit(options: argparse.Namespace) -> int:
    from cli.audit import audit

    return audit(options)


def _probe_arguments(parser: argparse.ArgumentParser) -> None:
    from cli.probe import add_arguments

    add_arguments(parser)


def _probe(options: argparse.Namespace) -> int:
    from cli.probe import probe

    return probe(options)


def _up(options: argparse.Namespace) -> int:
    from cli.up import up

    return up(options)


def _port(text: str) -> int:
    return _whole(text, low=1024, high=65535)


def _rate(text: str) -> int:
    return _whole(text, low=1, high=50)


def _speed(text: str) -> int:
    return _whole(text, low=1, high=20)


def _instant(text: str) -> str:
    from cnc.domain.base.clock import parse_rfc3339, rfc3339, utc_now
    from cnc.domain.base.errors import BadValue

    try:
        since = parse_rfc3339(text)
    except BadValue as reason:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 2026-11-24T19:02:00.000Z") from reason
    if since > utc_now():
        raise argparse.ArgumentTypeError(f"{text!r} lies ahead; no row may be stamped later than now")
    return rfc3339(since)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 0.5:
        raise argparse.ArgumentTypeError(f"{text!r} is no share from 0 to 0.5")
    return share


def _machines(text: str) -> int:
    return _whole(text, low=1, high=500)


def _whole(text: str, *, low: int, high: int) -> int:
    if not text.isdigit() or not low <= int(text) <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {low} to {high}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
