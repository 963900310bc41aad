"""`make test-aws STAGE=… CONFIRM=<account id>`: the conformance suite in a real account.

Deploys the small sample stack alone, under a name that nothing else has, runs the cases, removes the stack and writes
docs/conformance/aws-<today>.md. Credentials and region come from the SDK's standard chain.

With an endpoint of one's own (AWS_ENDPOINT_URL) it is a rehearsal: whatever answers there is not AWS, so the
differences of ministack hold and nothing is recorded.
"""

import argparse
import re
import secrets
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tools import conformance
from tools.conformance import Place
from tools.stand_in import ROOT, tool_environment

_STAGE = re.compile(r"[a-z][a-z0-9]{1,11}")


class Refused(RuntimeError):
    """It does not run; the text says why and what to do."""


@dataclass(frozen=True)
class Asked:
    """What the command line says. `confirm` repeats the account that a stack will be made in."""

    stage: str
    confirm: str


def asked(arguments: list[str]) -> Asked:
    """Raises Refused for a stage that no name can be made of."""
    parser = argparse.ArgumentParser(prog="make test-aws STAGE=… CONFIRM=<account id>")
    parser.add_argument("stage")
    parser.add_argument("--confirm", default="", help="the account id: a stack is made there, and removed")
    options = parser.parse_args(arguments)
    if not _STAGE.fullmatch(options.stage):
        raise Refused(f"STAGE {options.stage!r}: expected 2-12 of a-z and 0-9 that start with a letter")
    return Asked(options.stage, options.confirm)


def place(found: Asked, *, identity: Any, region: str | None, environment: Mapping[str, str]) -> Place:
    """Where the stack will stand; `identity` is an STS client. Raises Refused unless the account was confirmed."""
    if not region:
        raise Refused("no region: set AWS_REGION, or one in the profile")
    halves = sorted(name for name in environment if name.startswith("AWS_ENDPOINT_URL_"))
    if halves:
        raise Refused(f"{halves[0]} is set: one service alone would be asked elsewhere; unset it")
    account = str(identity.get_caller_identity()["Account"])
    if found.confirm != account:
        said = f"it says {found.confirm!r}" if found.confirm else "it was not given"
        raise Refused(f"a stack would be made in account {account}, {region}: repeat that id as CONFIRM ({said})")
    url = str(identity.meta.endpoint_url)
    return Place(region, account, None if _of_aws(url) else url)


def _of_aws(url: str) -> bool:
    """Whether a client speaks to AWS: an endpoint of one's own may come from the environment or from a profile."""
    return (urlsplit(url).hostname or "").endswith((".amazonaws.com", ".amazonaws.com.cn"))


def main(arguments: list[str]) -> int:
    """Exit code 0 when every case passed, 1 when one did not or the stack could not be made or removed.

    2 when it was refused before anything was made.
    """
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    session = boto3.Session()
    environment = tool_environment()
    try:
        found = asked(arguments)
        where = place(found, identity=session.client("sts"), region=session.region_name, environment=environment)
    except (Refused, BotoCoreError, ClientError) as reason:
        print(f"test-aws: {reason}", file=sys.stderr)
        return 2
    # A terminal that closes must not leave the stack behind.
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda number, _frame: sys.exit(128 + number))
    try:
        return _run(f"cnc-{found.stage}-conf-{secrets.token_hex(3)}", where, session.client, environment)
    except (conformance.NotDeployed, BotoCoreError, ClientError) as reason:
        print(f"test-aws: {reason}", file=sys.stderr)
        return 1


def _run(stack: str, where: Place, clients: conformance.Clients, environment: dict[str, str]) -> int:
    target = "ministack" if where.endpoint_url else "aws"
    print(f"{stack}: deploying to {where.endpoint_url or f'account {where.account}, {where.region}'}", flush=True)
    with conformance.deployed(stack, clients=clients, place=where) as facts:
        cases = conformance.run(target, facts=facts, environment=environment)
    print(f"{stack}: removed")
    code = conformance.show(cases)
    if where.endpoint_url:
        print(f"A rehearsal against {where.endpoint_url}: this was not AWS, so nothing is recorded.")
        return code
    said = f"AWS, {where.region}, an account that ends in {where.account[-4:]}"
    path = conformance.record("aws", cases, where=said, day=conformance.today())
    print(f"written: {path.relative_to(ROOT)}; commit it")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
