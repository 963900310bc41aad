"""Fleet provisioning by claim: the template, its role, the hook that decides, and the policies of both sides."""

import json

from aws_cdk import aws_iam as iam
from aws_cdk import aws_iot as iot
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra_cdk import gateways
from infra_cdk.acknowledged import acknowledge
from infra_cdk.constructs.function import CncFunction
from infra_cdk.stacks.base import CncStack

_REGISTRATION = "service-role/AWSIoTThingsRegistration"


class Provisioning(Construct):
    """The template and the thing group `cnc-<stage>-gateways`, the policies `-gateway`, `-core` and `-claim`."""

    def __init__(self, stack: CncStack, hook: CncFunction) -> None:
        super().__init__(stack, "Provisioning")
        self._stack = stack
        name = stack.stage.resource("gateways")
        documents = {
            "gateway": gateways.gateway_document(self._arn, template=name),
            "core": gateways.core_document(self._arn, role_alias=name),
            "claim": gateways.claim_document(self._arn, template=name),
        }
        for noun, document in documents.items():
            iot.CfnPolicy(
                self,
                f"{noun.capitalize()}Policy",
                policy_name=stack.stage.resource(noun),
                policy_document=document,
            )
        policies = {noun: stack.stage.resource(noun) for noun in ("gateway", "core")}
        group = iot.CfnThingGroup(self, "Group", thing_group_name=name)
        template = iot.CfnProvisioningTemplate(
            self,
            "Template",
            template_name=name,
            description="A gateway with its one-time token, or one that renews its certificate",
            enabled=True,
            template_type="FLEET_PROVISIONING",
            provisioning_role_arn=self._role().role_arn,
            pre_provisioning_hook=iot.CfnProvisioningTemplate.ProvisioningHookProperty(
                payload_version="2020-04-01", target_arn=hook.function.function_arn
            ),
            template_body=json.dumps(gateways.template_body(policies=policies, group=name), sort_keys=True),
        )
        permission = lambda_.CfnPermission(
            self,
            "HookPermission",
            action="lambda:InvokeFunction",
            function_name=hook.function.function_arn,
            principal="iot.amazonaws.com",
            source_arn=self._arn("provisioningtemplate", name),
        )
        for earlier in (group, permission):
            template.add_resource_dependency(earlier)
        self.group_arn = self._arn("thinggroup", name)

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
