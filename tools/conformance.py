"""The conformance suite against a target: deploy its one stack, run the cases, say what came of each.

`make conformance` runs it on the local cloud; tools.test_deploy and tools.test_aws bring their own targets.
"""

import argparse
import contextlib
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tests.conformance.template import Names, template
from tools.stand_in import CACHE, ROOT, tool_environment

RESULTS = ROOT / "docs" / "conformance"
PASSED, DIFFERENT, FAILED, SKIPPED = "as AWS documents it", "known difference", "FAILED", "SKIPPED"
_SUITE_TIMEOUT_S, _POLL_S, _MOST_POLLS = 1800, 5, 120
_ACCOUNT = re.compile(r"\b\d{12}\b")
Clients = Callable[[str], Any]


class NotDeployed(RuntimeError):
    """CloudFormation could not make or remove the stack; the text has its name and its own reasons."""


@dataclass(frozen=True)
class Case:
    """One case and what became of it; `detail` is the known difference, or how it failed."""

    name: str
    outcome: str
    detail: str = ""


@dataclass(frozen=True)
class Place:
    """Where a stack stands; without `endpoint_url` that is AWS itself."""

    region: str
    account: str
    endpoint_url: str | None = None


@contextmanager
def deployed(prefix: str, *, clients: Clients, place: Place) -> Iterator[Path]:
    """The sample stack under this name, removed afterwards; yields the file that `--deployed` wants.

    Raises NotDeployed, also when the stack could not be removed, and ClientError when it could not be asked for.
    """
    cloudformation = clients("cloudformation")
    _ask_for(cloudformation, prefix)
    try:
        bucket = _made(cloudformation, prefix)
        facts = {"prefix": prefix, "bucket": bucket, "region": place.region, "account": place.account}
        CACHE.mkdir(exist_ok=True)
        path = CACHE / f"{prefix}.json"
        path.write_text(json.dumps(facts | {"endpoint_url": place.endpoint_url}))
        yield path
    finally:
        (CACHE / f"{prefix}.json").unlink(missing_ok=True)
        _destroy(cloudformation, clients("s3"), prefix)


def _ask_for(cloudformation: Any, stack: str) -> None:
    cloudformation.create_stack(
        StackName=stack,
        TemplateBody=json.dumps(template(Names(stack))),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Tags=[{"Key": "purpose", "Value": "conformance"}],
    )


def _made(cloudformation: Any, stack: str) -> str:
    """Name of the bucket, once everything is there."""
    from botocore.exceptions import WaiterError

    try:
        _wait(cloudformation, "stack_create_complete", stack)
    except WaiterError as error:
        raise NotDeployed(f"{stack}: {error}; {_reasons(cloudformation, stack)}") from error
    outputs = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    return str({one["OutputKey"]: one["OutputValue"] for one in outputs}["Bucket"])


def _destroy(cloudformation: Any, s3: Any, stack: str) -> None:
    """CloudFormation removes no bucket that holds something."""
    from botocore.exceptions import ClientError, WaiterError

    try:
        for resource in cloudformation.describe_stack_resources(StackName=stack)["StackResources"]:
            if resource["ResourceType"] == "AWS::S3::Bucket" and "PhysicalResourceId" in resource:
                _empty(s3, resource["PhysicalResourceId"])
        cloudformation.delete_stack(StackName=stack)
        _wait(cloudformation, "stack_delete_complete", stack)
    except (ClientError, WaiterError) as error:
        raise NotDeployed(f"the stack {stack} may still be there: delete it by hand ({error})") from error


def _empty(s3: Any, bucket: str) -> None:
    with contextlib.suppress(s3.exceptions.NoSuchBucket):
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            keys = [{"Key": one["Key"]} for one in page.get("Contents", [])]
            if keys:
                s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})


def _wait(cloudformation: Any, event: str, stack: str) -> None:
    config = {"Delay": _POLL_S, "MaxAttempts": _MOST_POLLS}
    cloudformation.get_waiter(event).wait(StackName=stack, WaiterConfig=config)


def _reasons(cloudformation: Any, stack: str) -> str:
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    failed = [one for one in events if one["ResourceStatus"].endswith("FAILED")]
    return "; ".join(f"{one['LogicalResourceId']}: {one.get('ResourceStatusReason', '?')}" for one in failed)


def run(target: str, *, facts: Path | None = None, environment: Mapping[str, str] | None = None) -> list[Case]:
    """Every case of the suite on the target, in its order. Raises RuntimeError when pytest itself could not run."""
    CACHE.mkdir(exist_ok=True)
    report = CACHE / f"conformance-{target}.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "tests/conformance", "-q", f"--target={target}", f"--junitxml={report}"]
    command += [f"--deployed={facts}"] if facts else []
    done = subprocess.run(
        command, cwd=ROOT, env=dict(environment or tool_environment()), timeout=_SUITE_TIMEOUT_S, check=False
    )
    if done.returncode not in (0, 1) or not report.is_file():
        raise RuntimeError(f"pytest ended with code {done.returncode}, so nothing is known of {target}")
    return read(report.read_text())


def read(junit: str) -> list[Case]:
    """Cases of a JUnit report as pytest writes it; those of the tools' own tests ask no target and are left out."""
    found = [_case(element) for element in ET.fromstring(junit).iter("testcase")]  # noqa: S314 - pytest wrote it
    return [case for case in found if not case.name.startswith("test_tools::")]


def _case(element: ET.Element) -> Case:
    name = f"{element.get('classname', '').rpartition('.')[2]}::{element.get('name', '')}"
    for child in element:
        said = (child.get("message") or "").strip().partition("\n")[0]
        if child.tag in ("failure", "error"):
            return Case(name, FAILED, said)
        if child.tag == "skipped":
            return Case(name, DIFFERENT if child.get("type") == "pytest.xfail" else SKIPPED, said)
    return Case(name, PASSED)


def summary(cases: Sequence[Case]) -> str:
    """One line: how many of what."""
    counted = Counter(case.outcome for case in cases)
    return f"{len(cases)} cases: " + ", ".join(f"{count} {outcome}" for outcome, count in counted.most_common())


def show(cases: Sequence[Case]) -> int:
    """Print every case; the exit code is 1 when one failed, was skipped, or none ran."""
    for case in cases:
        print(f"  {case.outcome:<20} {case.name}" + (f": {case.detail}" if case.detail else ""))
    print(summary(cases))
    return int(not cases or any(case.outcome in (FAILED, SKIPPED) for case in cases))


def record(target: str, cases: Sequence[Case], *, where: str, day: date, folder: Path = RESULTS) -> Path:
    """Write the dated page of one run; `where` says what answered. Account ids stay out of it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{target}-{day.isoformat()}.md"
    rows = [f"| {case.name} | {case.outcome} | {case.detail.replace('|', '/')} |" for case in cases]
    head = [f"# Conformance: {target}, {day.isoformat()}", "", f"Asked of {where}. {summary(cases)}.", ""]
    text = "\n".join([*head, "| case | answer | instead |", "|---|---|---|", *rows, ""])
    path.write_text(_ACCOUNT.sub("<account>", text))
    return path


def today() -> date:
    return datetime.now(UTC).date()


def main(arguments: list[str]) -> int:
    """The suite on the local cloud."""
    parser = argparse.ArgumentParser(prog="make conformance")
    parser.add_argument("--record", action="store_true", help="write docs/conformance/local-<today>.md")
    options = parser.parse_args(arguments)
    cases = run("local")
    code = show(cases)
    if options.record:
        where = "the local cloud of this repository"
        print(f"written: {record('local', cases, where=where, day=today()).relative_to(ROOT)}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
