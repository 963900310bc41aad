"""What the edge stack promises to gateways, and to those who have a claim."""

import json
from typing import Any

import pytest

from tests.infra.test_declaration import Templates, resources

RELEASED = {"focas", "modbus", "mtconnect", "mtconnect_agent", "opcua", "relay", "sparkplug"}


@pytest.fixture
def edge(templates: Templates) -> dict[str, Any]:
    return templates["CncEdge"]


def policy(edge: dict[str, Any], noun: str) -> list[dict[str, Any]]:
    (found,) = (one for one in resources(edge, "AWS::IoT::Policy") if one["PolicyName"].endswith(f"-{noun}"))
    statements: list[dict[str, Any]] = found["PolicyDocument"]["Statement"]
    return statements


def named(resource: Any) -> list[str]:
    """What the ARNs of a statement end in."""
    return [one["Fn::Join"][1][-1] for one in (resource if isinstance(resource, list) else [resource])]


def test_a_claim_may_reach_the_provisioning_topics_and_nothing_else(edge: dict[str, Any]) -> None:
    allowed = [(one["Action"], name) for one in policy(edge, "claim") for name in named(one["Resource"])]
    assert {action for action, _ in allowed} == {"iot:Connect", "iot:Publish", "iot:Subscribe", "iot:Receive"}
    for action, name in allowed:
        known = (":client/enrol-*",) if action == "iot:Connect" else (
            "/$aws/certificates/create-from-csr/json", "/$aws/provisioning-templates/cnc-dev-gateways/provision/json"
        )  # fmt: skip
        assert any(one in name for one in known), name
        assert action == "iot:Connect" or "*" not in name


def test_every_word_of_a_gateway_is_bound_to_its_own_thing(edge: dict[str, Any]) -> None:
    for statement in policy(edge, "gateway"):
        assert statement["Condition"] == {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}
        for name in named(statement["Resource"]):
            assert "*" not in name
            own = "/$aws/certificates/" in name or "/$aws/provisioning-templates/" in name
            assert own or "${iot:Connection.Thing.ThingName}" in name


def test_the_hook_decides_and_only_this_template_may_call_it(edge: dict[str, Any]) -> None:
    (template,) = resources(edge, "AWS::IoT::ProvisioningTemplate")
    body = json.loads(template["TemplateBody"])
    assert "gateway" + "provisioning" in str(template["PreProvisioningHook"]["TargetArn"]).lower()
    thing = body["Resources"]["thing"]["Properties"]
    assert thing["AttributePayload"] == {"tenant": {"Ref": "Tenant"}, "site": {"Ref": "Site"}}
    (permission,) = resources(edge, "AWS::Lambda::Permission")
    assert permission["Principal"] == "iot.amazonaws.com"
    assert permission["SourceArn"]["Fn::Join"][1][-1].endswith(":provisioningtemplate/cnc-dev-gateways")


def test_all_gateways_get_all_components_or_keep_what_they_have(edge: dict[str, Any]) -> None:
    (deployment,) = resources(edge, "AWS::GreengrassV2::Deployment")
    assert deployment["DeploymentPolicies"]["FailureHandlingPolicy"] == "ROLLBACK"
    assert deployment["TargetArn"]["Fn::Join"][1][-1].endswith(":thinggroup/cnc-dev-gateways")
    assert deployment["Components"].keys() == {f"com.cnccopilot.{name}" for name in RELEASED}
    recipes = [json.loads(_flat(one["InlineRecipe"])) for one in resources(edge, "AWS::GreengrassV2::ComponentVersion")]
    assert {one["ComponentName"]: {"ComponentVersion": one["ComponentVersion"]} for one in recipes} == deployment[
        "Components"
    ]


def test_a_gateway_downloads_the_artifacts_of_its_components_and_nothing_else(edge: dict[str, Any]) -> None:
    (alias,) = resources(edge, "AWS::IoT::RoleAlias")
    assert alias["RoleAlias"] == "cnc-dev-gateways"
    (allowed,) = (
        statement
        for one in resources(edge, "AWS::IAM::Policy")
        for statement in one["PolicyDocument"]["Statement"]
        if statement["Action"] == "s3:GetObject"
    )
    assert len(allowed["Resource"]) == len(RELEASED)
    assert not any("*" in _flat(one) for one in allowed["Resource"])


def _flat(value: Any) -> str:
    """A joined text; what is known only when deployed stands as its name."""
    if isinstance(value, str):
        return value
    parts = value["Fn::Join"][1] if "Fn::Join" in value else [value["Fn::Sub"]]
    return "".join(one if isinstance(one, str) else "x" for one in parts)
