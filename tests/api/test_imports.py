"""What a cold start may load. Figures are the benchmark's matter; here is what must never creep in."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {
    "STAGE": "test",
    "AWS_REGION": "eu-central-1",
    "TELEMETRY_TABLE": "telemetry",
    "SHOP_TABLE": "shop",
    "DIRECTORY_TABLE": "directory",
    "TENANT_ROLE_ARN": "arn:aws:iam::000000000000:role/tenant",
    "OIDC_ISSUER": "https://issuer.test/pool",
    "OIDC_CLIENT_ID": "client",
    "ORIGIN_SECRET": "origin",
    "WRITE_SECRET": "write-key",
    "USER_POOL": "eu-central-1_test",
    "KEYS_TABLE": "keys",
    "PERSON_KEY": "arn:aws:kms:eu-central-1:123456789012:key/none",
    "FUNCTION_TENANT_EXPORT": "tenant_export",
    "FUNCTION_TENANT_ERASURE": "tenant_erasure",
    "MAIL_SENDER": "no-reply@cnc.test",
    "AUDIT_TABLE": "audit",
    "BUCKET": "bucket",
    "ANCHOR_BUCKET": "anchors",
    "WEBSOCKET_URL": "http://127.0.0.1:9/live",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "PYTHONPATH": f"{ROOT}:{ROOT / 'graphql'}",
}
#: boto3 and its resources, X-Ray, SDKs and number crunchers. (botocore loads awscrt here; packages have none.)
NEVER = {"boto3", "aws_xray_sdk", "stripe", "numpy", "chalice", "requests"}
ALSO_NEVER = {
    "graphql": {"pydantic", "jwt", "cryptography", "aws_lambda_powertools.event_handler"},
    "graphql_ws": {"pydantic", "aws_lambda_powertools.event_handler"},
    "fan_out": {"pydantic", "jwt", "cryptography", "aws_lambda_powertools.event_handler"},
    "authorizer": {"pydantic", "pynamodb", "strawberry", "graphql", "asyncio"},
    "rest": {"strawberry", "graphql", "jwt", "cryptography"},
}


@pytest.mark.parametrize("function", ALSO_NEVER)
def test_a_cold_start_loads_nothing_it_does_not_need(function: str) -> None:
    code = f"import sys, functions.{function}.handler; print('\\n'.join(sys.modules))"
    environment = {**ENVIRONMENT, "PORTAL_ORIGIN": "https://portal.test", "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (NEVER | ALSO_NEVER[function]) & set(done.stdout.split()) == set()
