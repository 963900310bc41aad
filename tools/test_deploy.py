"""`make test-deploy`: the real `cdk deploy` of five stacks against ministack, a second opinion on the template.

Never beside `make up`: ministack opens an MQTT port of its own.
"""

import json
import subprocess
import sys
from pathlib import Path

from tools.stand_in import ROOT, cdk_cli, ministack, tool_environment

STACKS = ("CncData", "CncIdentity", "CncIngest", "CncApi", "CncPortal")
_ACCOUNT, _REGION = "000000000000", "us-east-1"
_TIMEOUT_S = 900


def main() -> int:
    """Deploy, then ask the deployed resources whether they are there."""
    with ministack() as url:
        environment = tool_environment(
            AWS_ENDPOINT_URL=url,
            AWS_ENDPOINT_URL_S3=url,
            AWS_ACCESS_KEY_ID="test",
            AWS_SECRET_ACCESS_KEY="test",  # noqa: S106 - what ministack expects
            AWS_REGION=_REGION,
            AWS_DEFAULT_REGION=_REGION,
            CDK_DEFAULT_ACCOUNT=_ACCOUNT,
            CDK_DISABLE_VERSION_CHECK="1",
        )
        packages = _sources_alone(ROOT / ".cache" / "test-deploy")
        _cdk(environment, "bootstrap", f"aws://{_ACCOUNT}/{_REGION}")
        _cdk(environment, "deploy", *STACKS, "--require-approval", "never", "-c", f"cnc:packages={packages}")
        return _verify(environment)


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


def _verify(environment: dict[str, str]) -> int:
    script = (
        "import boto3, json; c = boto3.client;"
        "print(json.dumps({'tables': len(c('dynamodb').list_tables()['TableNames']),"
        "'functions': len(c('lambda').list_functions()['Functions']),"
        "'rules': len(c('iot').list_topic_rules()['rules']),"
        "'pools': len(c('cognito-idp').list_user_pools(MaxResults=10)['UserPools']),"
        "'apis': len(c('apigatewayv2').get_apis()['Items'])}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, check=True, timeout=60, stdout=subprocess.PIPE
    )
    seen = json.loads(done.stdout)
    expected = {"tables": 4, "functions": 13, "rules": 6, "pools": 1, "apis": 2}
    short = {name: seen[name] for name, least in expected.items() if seen[name] < least}
    print(f"deployed: {seen}" if not short else f"deployed {seen}, expected at least {expected}")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
