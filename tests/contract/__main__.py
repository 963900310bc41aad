"""`make schemathesis`: the running product, asked at least 50,000 cases by schemathesis, all phases, two people.

First everything that leaves the two people who ask able to ask on; then, one by one and each with a fresh sign-in,
what ends sessions, takes rights away, or closes the company.
"""

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.contract.asking import LAST, Run, asked, read_document
from tests.product.people import sign_in
from tests.product.running import Product, running

WANTED = 50_000
TENANTS = {"ours": 0, "theirs": 1}
RUN_WITHIN_S, ONE_WITHIN_S = 5400.0, 600.0


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--examples", type=int, default=700, help="cases of the fuzzing phase per operation, at most")
    options.add_argument("--minutes", type=float, default=0, help="go on for so long, whatever --examples says")
    options.add_argument(
        "--lanes", type=int, default=1, help="runs beside each other; one may end what another one made"
    )
    options.add_argument("--seed", type=int, default=int(time.time()))
    options.add_argument("--folder", type=Path, help="keeps what schemathesis printed")
    chosen = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the product ends with this command
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="schemathesis-"))
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, running(Path(data), "--machines", "2", "--no-simulators") as product:
        widen(product)
        runs = all_runs(product, chosen, folder)
    cases, failed = sum(run.cases for run in runs.values()), [name for name, run in runs.items() if run.failures]
    print(f"\n{cases} cases with seed {chosen.seed}, {len(failed)} runs with findings: {', '.join(failed)}")
    print(f"all that was printed: {folder}")
    return 1 if failed or cases < WANTED else 0


def all_runs(product: Product, chosen: argparse.Namespace, folder: Path) -> dict[str, Run]:
    first = sign_in(product, "owner")
    document = read_document(first.origin, first.token)
    known = operations(document)
    last = [one for one in LAST if one in known]
    share = str(max(1, chosen.examples // chosen.lanes))
    budget = ("--max-time", str(int(60 * chosen.minutes))) if chosen.minutes else ()

    def everything(lane: int) -> Run:
        options = ("--seed", str(chosen.seed + lane), "--max-examples", share, *budget)
        place = folder / f"all-{lane}"
        return one_run(product, place, *options, document=document, without=last, within_s=RUN_WITHIN_S)

    with ThreadPoolExecutor(chosen.lanes) as beside:  # threads of one schemathesis trip over each other in Python 3.11
        runs = {f"all-{lane}": run for lane, run in enumerate(beside.map(everything, range(chosen.lanes)))}
    for name in last:
        place = folder / name.replace(" ", "-").replace("/", "_")
        only = ("--include-name", name, "--seed", str(chosen.seed), "--max-examples", str(min(chosen.examples, 60)))
        runs[name] = one_run(product, place, *only, document=document, within_s=ONE_WITHIN_S)
    return runs


def one_run(
    product: Product, folder: Path, *options: str, document: bytes, within_s: float, without: Sequence[str] = ()
) -> Run:
    begun = time.monotonic()
    signed_in = {who: sign_in(product, "owner", tenant=tenant) for who, tenant in TENANTS.items()}
    people = {who: person.token for who, person in signed_in.items()}
    address = product.endpoints["rest"].rstrip("/").removesuffix("/v1")
    how = (*options, *past(product))
    run = asked(address, people, *how, folder=folder, within_s=within_s, without=without, document=document)
    (folder / "said.txt").write_text(run.said)
    if without and signed_in["ours"].rest("GET", "/status")[0] != 200:
        run.code = 1  # whoever asked was refused in the end: what came after that proves nothing
        run.said += "\n= SUMMARY =\nthe sign-in ended before the run did: fewer examples, or a quieter machine\n"
    verdict = "kept its document" if not run.failures else f"FINDINGS in {folder / 'said.txt'}\n{run.summary}"
    print(f"{folder.name}: {run.cases} cases in {time.monotonic() - begun:.0f} s, {verdict}", flush=True)
    return run


def past(product: Product) -> tuple[str, ...]:
    """To the API by its own name, showing what the front shows it.

    The firewall of the front stops whoever asks thousands of times a minute, and has tests of its own.
    """
    resources = json.loads((product.data / "cloud.json").read_bytes())["resources"]
    apis = (one for one in resources if one["type"] == "AWS::ApiGatewayV2::Api")
    name = next(one["physical_id"] for one in apis if one["properties"]["ProtocolType"] == "HTTP")
    secrets = product.aws("secretsmanager")
    found = next(one["Name"] for one in secrets.list_secrets()["SecretList"] if one["Name"].endswith("-origin"))
    shown = secrets.get_secret_value(SecretId=found)["SecretString"]
    return ("--header", f"Host:{name}.execute-api.localhost", "--header", f"x-cnc-origin:{shown}")


def operations(document: bytes) -> set[str]:
    paths: dict[str, dict[str, Any]] = json.loads(document)["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def widen(product: Product) -> None:
    """Give both companies the plan of proofs: rate limits have tests of their own."""
    directory: Any = product.aws("dynamodb")
    table = next(name for name in directory.list_tables()["TableNames"] if name.endswith("directory"))
    for tenant in product.tenants():
        directory.update_item(
            TableName=table,
            Key={"p": {"S": f"N#{tenant}"}},
            UpdateExpression="SET #plan = :plan",
            ExpressionAttributeNames={"#plan": "plan"},
            ExpressionAttributeValues={":plan": {"S": "roomy"}},
        )


if __name__ == "__main__":
    sys.exit(main())
