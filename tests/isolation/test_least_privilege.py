"""What roles may do: by name, on named things, and for a tenant only below its own tag."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra_cdk import packaging
from infra_cdk.least_privilege import TooMuch, check
from infra_cdk.manifests import FunctionManifest, functions
from local_cloud.cloud import Resource
from tests.isolation.stage import Stage

TAG = "${aws:PrincipalTag/tenant}"
ROOT = Path(__file__).resolve().parents[2]
#: What a function's own code, or what it imports, must speak of when its manifest asks for it.
WORDS = {
    "telemetry": "telemetry_table",
    "shop": "shop_table",
    "audit": "audit_table",
    "keys": "keys_table",
    "directory": "directory_table",
    "bucket": "bucket",
    "iot_publish": "iot-data",
    "things": '"iot"',
    "websocket": "websocket_url",
    "write": "write_secret",
    "origin": "origin_secret",
    "anchors": "anchor_bucket",
    "anchor_key": "anchor_key_secret",
    "mail": "ses",
    "sms": "sns",
    "accounts": "cognito-idp",
    "person_keys": "kms",
    "dead_letters": "sqs",
}


def statements(stage: Stage, *, of_tenants: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """(role, statement) of the template."""
    for one in stage.cloud.of("AWS::IAM::Policy"):
        for role in one.properties.get("Roles", []):
            if role.endswith("-tenant") == of_tenants:
                for statement in one.properties["PolicyDocument"]["Statement"]:
                    yield role, statement


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_every_grant_of_a_tenant_role_ends_at_the_tenants_own_things(stage: Stage) -> None:
    seen = 0
    for role, statement in statements(stage, of_tenants=True):
        actions, resources = listed(statement["Action"]), listed(statement["Resource"])
        condition, seen = statement.get("Condition", {}), seen + 1
        assert not [one for one in (*actions, *resources) if one == "*" or one.endswith(":*")], (role, statement)
        assert condition.get("Null", {}).get("aws:PrincipalTag/tenant") == "false", (role, statement)
        service = actions[0].partition(":")[0]
        if service == "dynamodb":
            leading = listed(condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"])
            assert leading, role
            assert all(text.startswith(f"T#{TAG}#") and len(text) > len(f"T#{TAG}#") for text in leading), role
            assert condition["Null"]["dynamodb:LeadingKeys"] == "false", role
        elif any("List" in action for action in actions):
            prefixes = listed(condition["StringLike"]["s3:prefix"])
            assert prefixes, (role, statement)
            assert all(text.startswith(f"tenant={TAG}/") for text in prefixes), (role, statement)
        else:
            within = f":topic/cnc/{TAG}/" if service == "iot" else f"/tenant={TAG}/"
            assert all(within in resource for resource in resources), (role, statement)
    assert seen > 20


def test_a_tenant_role_is_taken_by_its_own_function_with_a_tenant_tag_alone(stage: Stage) -> None:
    roles: dict[str, Resource] = {one.physical_id: one for one in stage.cloud.of("AWS::IAM::Role")}
    tagged = {name: role for name, role in roles.items() if name.endswith("-tenant")}
    assert len(tagged) > 10
    for name, role in tagged.items():
        for statement in role.properties["AssumeRolePolicyDocument"]["Statement"]:
            assert statement["Condition"]["StringLike"]["aws:RequestTag/tenant"] == "t_????????????????", name
            (principal,) = listed(statement["Principal"]["AWS"])
            vendor = principal.rpartition("/")[2]
            assert vendor == name.removesuffix("-tenant") or name == stage.resource("operator-tenant"), name


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::1:role/x"},
        {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b"},
        {"Effect": "Allow", "Action": ["s3:GetObject", "dynamodb:*"], "Resource": "arn:aws:s3:::b"},
        {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"},
        {"Effect": "Allow", "Action": "dynamodb:Scan", "Resource": "arn:aws:dynamodb:r:1:table/t"},
        {"Effect": "Allow", "Action": "dynamodb:PartiQLSelect", "Resource": "arn:aws:dynamodb:r:1:table/t"},
    ],
)
def test_what_is_too_much_is_refused_when_the_template_is_made(statement: dict[str, Any]) -> None:
    with pytest.raises(TooMuch):
        check(statement, where="local/restTenantRole/DefaultPolicy")


@pytest.mark.parametrize("manifest", functions().values(), ids=lambda manifest: manifest.name)
def test_what_a_manifest_asks_for_its_code_speaks_of(manifest: FunctionManifest) -> None:
    """A right that nothing in the closure of the function can use is named here, and is to be taken away."""
    sources = packaging.closure(manifest.handler.rpartition(".")[0]).values()
    text = "\n".join(path.read_text() for path in sources)
    own = (ROOT / "functions" / manifest.name).glob("*.py")
    settings = "\n".join(path.read_text() for path in own)
    unused = [noun for noun, word in WORDS.items() if manifest.access.get(noun) and word not in text + settings]
    unused += [
        f"invoke {callee}"
        for callee in manifest.access.get("invoke", ())
        if f"function_{callee}" not in text and f"FUNCTION_{callee.upper()}" not in text
    ]
    unused += [
        f"iot_publish {channel}"
        for channel in manifest.access.get("iot_publish", ())
        if f'channel="{channel}"' not in text
    ]
    unused += [f"bucket {kind}" for kind in manifest.access.get("bucket", {}) if kind not in text]
    assert unused == []


@pytest.mark.parametrize("rule", sorted(ROOT.glob("iot_rules/*/rule.sql")), ids=lambda path: path.parent.name)
def test_every_rule_says_whose_connection_a_message_came_over(rule: Path) -> None:
    assert "clientid() AS client" in rule.read_text()
