"""One Lambda from its manifest: code, role, log, environment and least privilege."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra_cdk import packaging
from infra_cdk.acknowledged import acknowledge
from infra_cdk.constructs.privacy_access import allow_privacy
from infra_cdk.constructs.sso_access import allow_sso
from infra_cdk.constructs.tenant_role import tenant_role
from infra_cdk.manifests import ROOT, FunctionManifest
from infra_cdk.stacks.base import ANCHOR_SECRET, ORIGIN_SECRET, TWILIO_SECRET, WRITE_SECRET, CncStack

#: The one constant that says the Lambda Python; code keeps to the 3.11 grammar.
RUNTIME = lambda_.Runtime.PYTHON_3_13
_DIRECTORY_ACTIONS = {
    "read": ("GetItem",),
    "read-update": ("GetItem", "UpdateItem"),
    "write": ("PutItem", "DeleteItem"),
    "read-write": ("GetItem", "PutItem", "DeleteItem", "UpdateItem"),
    # Whoever finds what belongs to a tenant looks through all of it: export and erasure.
    "whole": ("GetItem", "PutItem", "DeleteItem", "UpdateItem", "Scan"),
}
#: What `things` of a manifest's access may do with things and with the certificates of all of them.
_THING_ACTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "read": {"thing": ("ListThingPrincipals",)},
    "retire": {"thing": ("ListThingPrincipals",), "cert": ("DescribeCertificate", "UpdateCertificate")},
    "erase": {
        "thing": ("ListThingPrincipals", "DetachThingPrincipal", "DeleteThing", "DeleteThingShadow"),
        "cert": ("UpdateCertificate", "DeleteCertificate", "DetachThingPrincipal"),
    },
}
#: `access` of a manifest -> the secret it reads.
_SECRETS = {"origin": ORIGIN_SECRET, "write": WRITE_SECRET, "anchor_key": ANCHOR_SECRET}


class CncFunction(Construct):
    """The Lambda `cnc-<stage>-<name>` and the roles it acts through."""

    def __init__(self, stack: CncStack, manifest: FunctionManifest) -> None:
        super().__init__(stack, manifest.name)
        self.manifest = manifest
        self._stack = stack
        self.role = self._role()
        environment = self._environment() | allow_privacy(self.role, stack, manifest)
        environment |= allow_sso(self.role, stack, manifest)
        if manifest.acts_for_tenants or manifest.access.get("iot_publish"):
            vended = tenant_role(stack, manifest, vendor=self.role)
            environment["TENANT_ROLE_ARN"] = vended.role_arn
            self.role.add_to_policy(
                iam.PolicyStatement(actions=["sts:AssumeRole", "sts:TagSession"], resources=[vended.role_arn])
            )
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=stack.stage.resource(manifest.name),
            description=manifest.purpose,
            runtime=RUNTIME,
            architecture=lambda_.Architecture.ARM_64,
            handler=manifest.handler,
            code=self._code(),
            memory_size=manifest.memory_mb,
            timeout=cdk.Duration.seconds(manifest.timeout_s),
            role=self.role,
            log_group=self._log_group,
            environment=environment,
            reserved_concurrent_executions=stack.stage.reservations.get(manifest.reserved_concurrency or ""),
        )
        acknowledge(self, "L1", "Python 3.13 is the newest runtime that the whole lock was run on.")

    def _code(self) -> lambda_.Code:
        entry = self.manifest.handler.rpartition(".")[0]
        folder: Path = ROOT
        if self.node.try_get_context("cnc:packages"):
            folder = Path(self.node.get_context("cnc:packages")) / self.manifest.name
        return lambda_.Code.from_asset(
            str(folder), asset_hash=packaging.digest(entry), asset_hash_type=cdk.AssetHashType.CUSTOM
        )

    def _role(self) -> iam.Role:
        name = self._stack.stage.resource(self.manifest.name)
        self._log_group = logs.LogGroup(
            self,
            "Log",
            log_group_name=f"/aws/lambda/{name}",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        role = iam.Role(
            self,
            "Role",
            role_name=name,
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"What {self.manifest.name} may do in its own name",
        )
        self._log_group.grant_write(role)
        directory = self.manifest.access.get("directory")
        if directory:
            role.add_to_policy(
                iam.PolicyStatement(
                    actions=[f"dynamodb:{action}" for action in _DIRECTORY_ACTIONS[directory]],
                    resources=[self._table_arn("directory")],
                )
            )
        for access, secret in _SECRETS.items():
            if self.manifest.access.get(access):
                role.add_to_policy(
                    iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[self._secret_arn(secret)])
                )
        if self.manifest.access.get("mail"):
            identity = self._stack.format_arn(
                service="ses", resource="identity", resource_name=self._stack.joined("mail-sender")
            )
            role.add_to_policy(iam.PolicyStatement(actions=["ses:SendEmail"], resources=[identity]))
        if self.manifest.access.get("sms"):
            self._allow_sms(role)
        for kind, actions in _THING_ACTIONS.get(self.manifest.access.get("things", ""), {}).items():
            self._allow_iot(role, kind, actions)
        if self.manifest.trigger.get("schedule") and directory != "whole":
            # A job has no caller to take a tenant from: it lists the tenants and opens one after another.
            role.add_to_policy(iam.PolicyStatement(actions=["dynamodb:Scan"], resources=[self._table_arn("directory")]))
        for callee in self.manifest.access.get("invoke", ()):
            role.add_to_policy(
                iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[self._function_arn(callee)])
            )
        return role

    def _allow_sms(self, role: iam.Role) -> None:
        """Messages to phones, through SNS or through the carrier whose account is in the stage's secret."""
        if self._sms_through() == "twilio":
            actions, resources = ["secretsmanager:GetSecretValue"], [self._secret_arn(TWILIO_SECRET)]
            role.add_to_policy(iam.PolicyStatement(actions=actions, resources=resources))
            return
        # A phone number is no resource, so the right has to be wide; topics, which are, are taken out of it.
        topics = self._stack.format_arn(service="sns", resource="*")
        role.add_to_policy(iam.PolicyStatement(actions=["sns:Publish"], resources=["*"]))
        role.add_to_policy(iam.PolicyStatement(effect=iam.Effect.DENY, actions=["sns:Publish"], resources=[topics]))
        acknowledge(
            role, "IAM5[Resource::*]", "SNS knows no resource for a phone number; publishing to topics is denied."
        )

    def _sms_through(self) -> str:
        through = str(self.node.try_get_context("cnc:sms") or "sns")
        if through not in ("sns", "twilio"):
            raise ValueError(f"context cnc:sms: saw {through!r}, expected sns or twilio")
        return through

    def _allow_iot(self, role: iam.Role, kind: str, actions: tuple[str, ...]) -> None:
        every = self._stack.format_arn(service="iot", resource=kind, resource_name="*")
        role.add_to_policy(iam.PolicyStatement(actions=[f"iot:{action}" for action in actions], resources=[every]))
        acknowledge(
            role,
            f"IAM5[Resource::arn:<AWS::Partition>:iot:<AWS::Region>:<AWS::AccountId>:{kind}/*]",
            "Gateways and their certificates are made after the deployment; which one it is comes from AWS IoT itself.",
        )

    def _environment(self) -> dict[str, str]:
        stack, access = self._stack, self.manifest.access
        settings: dict[str, Any] = {"STAGE": stack.stage.name, "POWERTOOLS_SERVICE_NAME": self.manifest.name}
        for table in ("telemetry", "shop", "audit", "keys", "directory"):
            if table in access:
                settings[f"{table.upper()}_TABLE"] = stack.stage.resource(table)
        if stack.stage.silos and self.manifest.acts_for_tenants:
            settings["SILOS"] = " ".join(f"{tenant}={name}" for tenant, name in sorted(stack.stage.silos.items()))
        if access.get("bucket"):
            settings["BUCKET"] = stack.joined("bucket")
        if access.get("anchors"):
            settings["ANCHOR_BUCKET"] = stack.joined("anchor-bucket")
        for name, secret in _SECRETS.items():
            if access.get(name):
                settings[f"{name.upper()}_SECRET"] = stack.stage.resource(secret)
        if access.get("sms"):
            settings["SMS_THROUGH"] = self._sms_through()
            if self._sms_through() == "twilio":
                settings["SMS_SECRET"] = stack.stage.resource(TWILIO_SECRET)
        if access.get("mail"):
            settings["MAIL_SENDER"] = stack.joined("mail-sender")
            settings["PORTAL_ORIGIN"] = stack.joined("portal-origin")
        for callee in access.get("invoke", ()):
            settings[f"FUNCTION_{callee.upper()}"] = stack.stage.resource(callee)
        if self.manifest.trigger.keys() & {"authorizer", "page", "websocket"}:
            settings["OIDC_ISSUER"] = stack.joined("oidc-issuer")
            settings["OIDC_CLIENT_ID"] = stack.joined("oidc-client-id")
        if self.manifest.trigger.keys() & {"page", "websocket"}:
            settings["PORTAL_ORIGIN"] = stack.joined("portal-origin")
        return settings | self.manifest.environment

    def _table_arn(self, noun: str) -> str:
        return self._stack.format_arn(
            service="dynamodb", resource="table", resource_name=self._stack.stage.resource(noun)
        )

    def _secret_arn(self, noun: str) -> str:
        # Secrets Manager ends the ARN of a secret in six characters of its own.
        return self._stack.format_arn(
            service="secretsmanager",
            resource="secret",
            resource_name=f"{self._stack.stage.resource(noun)}-??????",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )

    def _function_arn(self, name: str) -> str:
        return self._stack.format_arn(
            service="lambda",
            resource="function",
            resource_name=self._stack.stage.resource(name),
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
