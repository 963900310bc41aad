"""Fleet provisioning by claim: the template, its role, the hook that decides, and the policy of a claim."""

import json
from typing import Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_iot as iot
from constructs import Construct

from infra_cdk.acknowledged import acknowledge
from infra_cdk.constructs.function import CncFunction
from infra_cdk.stacks.base import CncStack

_REGISTRATION = "service-role/AWSIoTThingsRegistration"
#: Parameters of the template; all but the token are the hook's to say.
_FROM_DEVICE, _FROM_HOOK = ("Token",), ("ThingName", "Tenant", "Site")
CREATE = "$aws/certificates/create-from-csr/json"


def provision(template: str) -> str:
    """The topic on which a gateway registers its certificate."""
    return f"$aws/provisioning-templates/{template}/provision/json"


class Provisioning(Construct):
    """The template `cnc-<stage>-gateways`, the group of the same name, the policy `cnc-<stage>-claim`."""

    def __init__(self, stack: CncStack, hook: CncFunction, *, gateway_policy: str) -> None:
        super().__init__(stack, "Provisioning")
        self._stack = stack
        self.template = stack.stage.resource("gateways")
        iot.CfnThingGroup(self, "Group", thing_group_name=self.template)
        iot.CfnProvisioningTemplate(
            self,
            "Template",
            template_name=self.template,
            description="A gateway with its one-time token, or one that renews its certificate",
            enabled=True,
            template_type="FLEET_PROVISIONING",
            provisioning_role_arn=self._role().role_arn,
            pre_provisioning_hook=iot.CfnProvisioningTemplate.ProvisioningHookProperty(
                payload_version="2020-04-01", target_arn=hook.function.function_arn
            ),
            template_body=json.dumps(self._body(gateway_policy), sort_keys=True),
        )
        hook.function.add_permission(
            "Template",
            principal=iam.ServicePrincipal("iot.amazonaws.com"),
            source_arn=self._arn("provisioningtemplate", self.template),
        )
        iot.CfnPolicy(
            self, "ClaimPolicy", policy_name=stack.stage.resource("claim"), policy_document=self._claim_document()
        )

    @property
    def group_arn(self) -> str:
        return self._arn("thinggroup", self.template)

    def statements(self) -> list[tuple[str, list[str]]]:
        """What any certificate needs to be given a new one, as (action, resources)."""
        ask = (CREATE, provision(self.template))
        answers = [f"{topic}/{verdict}" for topic in ask for verdict in ("accepted", "rejected")]
        return [
            ("iot:Publish", [self._arn("topic", topic) for topic in ask]),
            ("iot:Subscribe", [self._arn("topicfilter", topic) for topic in answers]),
            ("iot:Receive", [self._arn("topic", topic) for topic in answers]),
        ]

    def _claim_document(self) -> dict[str, Any]:
        # A client id that no thing has: a claim can never end the connection of a gateway.
        connect = ("iot:Connect", [self._arn("client", "enrol-*")])
        return {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": action, "Resource": resources}
                for action, resources in (connect, *self.statements())
            ],
        }

    def _body(self, gateway_policy: str) -> dict[str, Any]:
        def ref(name: str) -> dict[str, str]:
            return {"Ref": name}

        attributes = {"tenant": ref("Tenant"), "site": ref("Site")}
        thing = {"ThingName": ref("ThingName"), "AttributePayload": attributes, "ThingGroups": [self.template]}
        certificate = {"CertificateId": ref("AWS::IoT::Certificate::Id"), "Status": "ACTIVE"}
        return {
            "Parameters": {name: {"Type": "String"} for name in (*_FROM_HOOK, "AWS::IoT::Certificate::Id")}
            | {name: {"Type": "String", "Default": ""} for name in _FROM_DEVICE},
            "Resources": {
                "thing": {
                    "Type": "AWS::IoT::Thing",
                    "OverrideSettings": {"AttributePayload": "REPLACE", "ThingGroups": "REPLACE"},
                    "Properties": thing,
                },
                "certificate": {"Type": "AWS::IoT::Certificate", "Properties": certificate},
                "policy": {"Type": "AWS::IoT::Policy", "Properties": {"PolicyName": gateway_policy}},
            },
            "DeviceConfiguration": {"thing": ref("ThingName"), "tenant": ref("Tenant"), "site": ref("Site")},
        }

    def _role(self) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            role_name=self._stack.stage.resource("provisioning"),
            description="What AWS IoT makes things and attaches certificates with",
            assumed_by=iam.ServicePrincipal("iot.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(_REGISTRATION)],
        )
        reason = "AWS keeps this list in step with what registering a thing from a template needs."
        acknowledge(role, f"IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{_REGISTRATION}]", reason)
        return role

    def _arn(self, kind: str, name: str) -> str:
        return self._stack.format_arn(service="iot", resource=kind, resource_name=name)
