"""CPU of a cold import from the function's own package, against boto3 with a DynamoDB client in the same run.

The package holds the function's own modules (cut by the import graph) and the libraries its manifest names, with
compiled files of the kind that `infra_cdk.packaging` ships. `boto3` and what it needs come with Lambda's Python, so
they lie in a folder of their own that both see, and awscrt lies in neither, as in Lambda.

Beside GraphQL's import stands its first request in the same process, against an AWS that holds nothing: what an import
leaves for later shows there.
"""

import compileall
import json
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import Distribution, distribution
from pathlib import Path
from py_compile import PycInvalidationMode
from statistics import median
from types import MappingProxyType
from typing import Final

from packaging.requirements import Requirement

from benchmarks.empty_aws import empty_aws
from benchmarks.figures import Figure
from infra_cdk.manifests import ROOT, functions
from infra_cdk.packaging import copy_closure

ROUNDS: Final = 9
SITE: Final = Path(sysconfig.get_paths()["purelib"])
LIMITS: Final = {"telemetry_minute": 1.15, "graphql": 1.9}
ENVIRONMENT: Final = {
    "STAGE": "bench",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "TELEMETRY_TABLE": "telemetry",
    "SHOP_TABLE": "shop",
    "KEYS_TABLE": "keys",
    "PERSON_KEY": "alias/person",
    "BUCKET": "bucket",
    "TENANT_ROLE_ARN": "arn:aws:iam::123456789012:role/tenant",
    "FUNCTION_FAN_OUT": "fan_out",
    "IOT_DATA_ENDPOINT": "http://127.0.0.1:9",
}
PEER: Final = "import boto3; boto3.client('dynamodb')"
REPORT: Final = "import time; print(time.process_time())"
QUERY: Final = "{ viewer { tenantName } sites { name machines { name latest { signal } } } machines { id execution } }"
FIRST: Final = f"""
import json, time
from functions.graphql.handler import lambda_handler
facts = {{"tenant": "t_0000000000000001", "subject": "k_0000000000000001", "kind": "key", "scopes": "api"}}
event = {{
    "requestContext": {{"http": {{"method": "POST"}}, "requestId": "1", "authorizer": {{"lambda": facts}}}},
    "headers": {{"content-type": "application/json"}},
    "body": json.dumps({{"query": "{QUERY}"}}),
}}
def ask():
    started = time.process_time()
    answer = json.loads(lambda_handler(event, None)["body"])
    assert answer["data"]["machines"] == [] and "errors" not in answer, answer
    return time.process_time() - started
first, others = ask(), [ask() for _ in range(9)]
print(first, sorted(others)[4])
raise SystemExit
"""


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, empty_aws() as url:
        runtime = Path(folder) / "runtime"
        ship(["boto3"], runtime)
        packages = {name: package(name, Path(folder) / name) for name in LIMITS}
        codes = {name: f"import functions.{name}.handler" for name in LIMITS}
        took: dict[str, list[float]] = {name: [] for name in ("nothing", "peer", *LIMITS)}
        requests: list[tuple[float, float]] = []
        for number in range(ROUNDS + 1):
            found = {
                "nothing": cpu_s("pass", [runtime]),
                "peer": cpu_s(PEER, [runtime]),
                **{name: cpu_s(codes[name], [packages[name], runtime]) for name in LIMITS},
            }
            first, later = cpu_of(FIRST, [packages["graphql"], runtime], {"AWS_ENDPOINT_URL": url})
            if number:
                requests.append((first, later))
                for name, seconds in found.items():
                    took[name].append(seconds)
    bare = median(took["nothing"])
    peer = median(took["peer"]) - bare
    least = {name: min(seconds) - min(took["nothing"]) for name, seconds in took.items()}
    figures = [
        Figure(
            "imports",
            f"{name}, times boto3 + DynamoDB client",
            (median(took[name]) - bare) / peer,
            "x",
            limit,
            note=f"best rounds {least[name] / least['peer']:.2f}x",
        )
        for name, limit in LIMITS.items()
    ]
    figures.append(Figure("imports", "boto3 + DynamoDB client, above the bare interpreter", peer * 1000, "ms"))
    return [*figures, *_requests(requests, peer)]


def _requests(measured: Sequence[tuple[float, float]], peer: float) -> list[Figure]:
    first, later = (median(seconds) for seconds in zip(*measured, strict=True))
    note = f"{first / peer:.2f}x boto3 + client; a later one {later * 1000:.1f} ms"
    return [Figure("imports", "graphql, first request after the import", first * 1000, "ms", note=note)]


def package(name: str, target: Path) -> Path:
    """What the function ships, for this Python."""
    copy_closure(f"functions.{name}.handler", target)
    ship(functions()[name].packages, target)
    return target


def ship(packages: Sequence[str], target: Path) -> None:
    """Copy these distributions and what they need to `target`, and compile everything there."""
    target.mkdir(exist_ok=True)
    waiting, seen = list(packages), set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        found = distribution(name)
        _copy(found, target)
        waiting += _needs(found)
    compileall.compile_dir(target, quiet=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)


def _needs(found: Distribution) -> list[str]:
    required = [Requirement(text) for text in found.requires or ()]
    return [need.name for need in required if need.marker is None or need.marker.evaluate({"extra": ""})]


def _copy(found: Distribution, target: Path) -> None:
    for file in found.files or ():
        source = Path(str(file.locate()))
        if source.suffix == ".pyc" or not source.is_file() or not source.is_relative_to(SITE):
            continue
        place = target / source.relative_to(SITE)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)


def cpu_s(code: str, path: list[Path]) -> float:
    """CPU seconds of a fresh interpreter that sees the standard library and `path` alone."""
    return cpu_of(f"{code}\n{REPORT}", path)[0]


def cpu_of(code: str, path: list[Path], environment: Mapping[str, str] = MappingProxyType({})) -> list[float]:
    """The seconds that `code` prints last, run in such an interpreter."""
    prepare = f"import sys; sys.path[:0] = {json.dumps([str(folder) for folder in path])}"
    command = [sys.executable, "-I", "-S", "-c", f"{prepare}\n{code}"]
    done = subprocess.run(
        command,
        cwd=ROOT.parent,
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{code}: {done.stderr[-2000:]}")
    return [float(text) for text in done.stdout.splitlines()[-1].split()]
