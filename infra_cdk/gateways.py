"""What certificates of gateways and claims may do, and what makes a gateway of a certificate: documents alone.

Tenant and site are attributes of the thing, so one policy serves every gateway and no topic is shared.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

#: (kind, name) -> ARN of an AWS IoT resource.
Arn = Callable[[str, str], str]

UP_CHANNELS = (
    "telemetry_minute",
    "telemetry_backlog",
    "telemetry_events",
    "telemetry_live",
    "receipt",
    "edge_health",
    "machine_report",
    "gateway_identity",
)
DOWN_CHANNELS = ("receipt", "config", "cmd")
CREATE = "$aws/certificates/create-from-csr/json"
#: No thing is called so: a claim can never end the connection of a gateway.
CLAIM_CLIENTS = "enrol-*"
_THING = "${iot:Connection.Thing.ThingName}"
_BASE = "cnc/${iot:Connection.Thing.Attributes[tenant]}/${iot:Connection.Thing.Attributes[site]}/" + _THING
_ATTACHED = {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}


def gateway_document(arn: Arn, *, template: str) -> dict[str, Any]:
    """The policy of every gateway: its own channels, and a new certificate for itself."""
    up = [f"$aws/rules/{channel}/{_BASE}/{channel}" for channel in UP_CHANNELS]
    down = [f"{_BASE}/{channel}" for channel in DOWN_CHANNELS]
    ask, answers = _provisioning_topics(template)
    return _document(
        [
            ("iot:Connect", _arns(arn, "client", [_THING])),
            ("iot:Publish", _arns(arn, "topic", [*up, *ask])),
            ("iot:Subscribe", _arns(arn, "topicfilter", [*down, *answers])),
            ("iot:Receive", _arns(arn, "topic", [*down, *answers])),
        ],
        {"Condition": _ATTACHED},
    )


def claim_document(arn: Arn, *, template: str) -> dict[str, Any]:
    """The policy of a claim: it may ask for a certificate for its own key, and register it by the one template."""
    ask, answers = _provisioning_topics(template)
    return _document(
        [
            ("iot:Connect", _arns(arn, "client", [CLAIM_CLIENTS])),
            ("iot:Publish", _arns(arn, "topic", ask)),
            ("iot:Subscribe", _arns(arn, "topicfilter", answers)),
            ("iot:Receive", _arns(arn, "topic", answers)),
        ],
        {},
    )


def core_document(arn: Arn, *, role_alias: str) -> dict[str, Any]:
    """What a Greengrass nucleus needs beside the channels: its own jobs and shadow, deployments and artifacts.

    AWS IoT Greengrass V2 developer guide, "Minimal AWS IoT policy for AWS IoT Greengrass V2 core devices". Its HTTPS
    calls have no connection, so no variable of one can stand in them.
    """
    own = f"$aws/things/{_THING}"
    topics = [f"{own}/greengrassv2/health/json", f"{own}/greengrass/health/json", f"{own}/jobs/*", f"{own}/shadow/*"]
    greengrass = ("GetComponentVersionArtifact", "ResolveComponentCandidates", "GetDeploymentConfiguration",
                  "ListThingGroupsForCoreDevice")  # fmt: skip
    held = _document(
        [
            ("iot:Publish", _arns(arn, "topic", topics)),
            ("iot:Subscribe", _arns(arn, "topicfilter", [f"{own}/jobs/*", f"{own}/shadow/*"])),
            ("iot:Receive", _arns(arn, "topic", topics)),
        ],
        {"Condition": _ATTACHED},
    )
    free = [("iot:AssumeRoleWithCertificate", [arn("rolealias", role_alias)])]
    free += [(f"greengrass:{action}", ["*"]) for action in greengrass]
    held["Statement"] += _document(free, {})["Statement"]
    return held


def template_body(*, policies: Mapping[str, str], group: str) -> dict[str, Any]:
    """The provisioning template; `policies` by logical id.

    All parameters but the token are the hook's to say, whatever the device sends.
    """
    attributes = {"tenant": _ref("Tenant"), "site": _ref("Site")}
    thing = {"ThingName": _ref("ThingName"), "AttributePayload": attributes, "ThingGroups": [group]}
    certificate = {"CertificateId": _ref("AWS::IoT::Certificate::Id"), "Status": "ACTIVE"}
    said = ("ThingName", "Tenant", "Site", "AWS::IoT::Certificate::Id")
    return {
        "Parameters": {
            **{name: {"Type": "String"} for name in said},
            "Token": {"Type": "String", "Default": ""},
        },
        "Resources": {
            "thing": {
                "Type": "AWS::IoT::Thing",
                "OverrideSettings": {"AttributePayload": "REPLACE", "ThingGroups": "DO_NOTHING"},
                "Properties": thing,
            },
            "certificate": {"Type": "AWS::IoT::Certificate", "Properties": certificate},
            **{
                logical_id: {"Type": "AWS::IoT::Policy", "Properties": {"PolicyName": name}}
                for logical_id, name in policies.items()
            },
        },
        "DeviceConfiguration": {"thing": _ref("ThingName"), "tenant": _ref("Tenant"), "site": _ref("Site")},
    }


def _provisioning_topics(template: str) -> tuple[list[str], list[str]]:
    """What is asked, and what is answered."""
    ask = [CREATE, f"$aws/provisioning-templates/{template}/provision/json"]
    return ask, [f"{topic}/{verdict}" for topic in ask for verdict in ("accepted", "rejected")]


def _document(statements: Iterable[tuple[str, list[str]]], more: dict[str, Any]) -> dict[str, Any]:
    rows = [{"Effect": "Allow", "Action": action, "Resource": resources, **more} for action, resources in statements]
    return {"Version": "2012-10-17", "Statement": rows}


def _arns(arn: Arn, kind: str, names: Iterable[str]) -> list[str]:
    return [arn(kind, name) for name in names]


def _ref(name: str) -> dict[str, str]:
    return {"Ref": name}
