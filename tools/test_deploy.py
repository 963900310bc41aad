"""`make test-deploy`: a second opinion on the template and on the local cloud, from ministack.

The real `cdk deploy` of five stacks, then the conformance suite on its sample stack.
Never beside `make up`: ministack opens an MQTT port of its own.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Any

from tools import conformance
from tools.conformance import Place
from tools.stand_in import MINISTACK, ROOT, cdk_cli, ministack, tool_environment

STACKS = ("CncData", "CncIdentity", "CncIngest", "CncApi", "CncPortal")
_ACCOUNT, _REGION = "000000000000", "us-east-1"
_TIMEOUT_S = 900


def main(arguments: list[str]) -> int:
    """Deploy, ask whether everything is there, run the suite; exit code 1 when something differs that no list knows."""
    parser = argparse.ArgumentParser(prog="make test-deploy")
    parser.add_argument("--record", action="store_true", help="write docs/conformance/ministack-<today>.md")
    parser.add_argument("--suite-alone", action="store_true", help="without the product's own stacks")
    options = parser.parse_args(arguments)
    code = 0
    if not options.suite_alone:
        with ministack() as url:
            code = _product(_environment(url))
    with ministack(auth=True) as url:
        cases = _suite(url)
    code |= conformance.show(cases)
    if options.record:
        path = conformance.record("ministack", cases, where=f"ministack {MINISTACK}", day=conformance.today())
        print(f"written: {path.relative_to(ROOT)}")
    return code


def _environment(url: str) -> dict[str, str]:
    return tool_environment(
        AWS_ENDPOINT_URL=url,
        AWS_ENDPOINT_URL_S3=url,
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",  # noqa: S106 - what ministack expects
        AWS_REGION=_REGION,
        AWS_DEFAULT_REGION=_REGION,
        CDK_DEFAULT_ACCOUNT=_ACCOUNT,
        CDK_DISABLE_VERSION_CHECK="1",
    )


def _clients(url: str) -> conformance.Clients:
    import boto3

    session = boto3.Session("test", "test", region_name=_REGION)
    return lambda service: session.client(service, endpoint_url=url)


def _product(environment: dict[str, str]) -> int:
    packages = _sources_alone(ROOT / ".cache" / "test-deploy")
    _cdk(environment, "bootstrap", f"aws://{_ACCOUNT}/{_REGION}")
    _cdk(environment, "deploy", *STACKS, "--require-approval", "never", "-c", f"cnc:packages={packages}")
    return _verify(_clients(environment["AWS_ENDPOINT_URL"]))


def _cdk(environment: dict[str, str], *arguments: str) -> None:
    out = ROOT / ".cache" / "test-deploy.out"
    command = [str(cdk_cli()), *arguments, "--app", f"{sys.executable} app.py", "--output", str(out)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=_TIMEOUT_S)


def _sources_alone(folder: Path) -> Path:
    """Cut packages without third-party code: what is tried here is the declaration, not the zip."""
    from infra_cdk import manifests, packaging

    for name, manifest in manifests.functions().items():
        packaging.copy_closure(manifest.handler.rpartition(".")[0], folder / name)
    packaging.copy_components(folder / "components")
    return folder


def _verify(clients: conformance.Clients) -> int:
    seen: dict[str, Any] = {
        "tables": len(clients("dynamodb").list_tables()["TableNames"]),
        "functions": len(clients("lambda").list_functions()["Functions"]),
        "rules": len(clients("iot").list_topic_rules()["rules"]),
        "pools": len(clients("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]),
        "apis": len(clients("apigatewayv2").get_apis()["Items"]),
    }
    expected = {"tables": 4, "functions": 13, "rules": 6, "pools": 1, "apis": 2}
    short = {name: seen[name] for name, least in expected.items() if seen[name] < least}
    print(f"deployed: {seen}" if not short else f"deployed {seen}, expected at least {expected}")
    return int(bool(short))


def _suite(url: str) -> list[conformance.Case]:
    place = Place(_REGION, _ACCOUNT, url)
    with conformance.deployed("cnc-conformance", clients=_clients(url), place=place) as facts:
        return conformance.run("ministack", facts=facts, environment=_environment(url))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
