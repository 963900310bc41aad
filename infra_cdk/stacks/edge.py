"""What a gateway needs from the cloud: the policy of its certificate and the components it runs."""

import tomllib
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import yaml
from aws_cdk import aws_greengrassv2 as greengrass
from aws_cdk import aws_iot as iot
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from infra_cdk import packaging
from infra_cdk.alarms import Alarms
from infra_cdk.constructs.function import CncFunction
from infra_cdk.constructs.provisioning import Provisioning
from infra_cdk.manifests import ROOT, FunctionManifest
from infra_cdk.stacks.base import CncStack
from infra_cdk.stage import Stage

_THING = "${iot:Connection.Thing.ThingName}"
_BASE = "cnc/${iot:Connection.Thing.Attributes[tenant]}/${iot:Connection.Thing.Attributes[site]}/" + _THING
_ATTACHED = {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}
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


class EdgeStack(CncStack):
    """Tenant and site are attributes of the thing, so one policy serves every gateway and no topic is shared."""

    def __init__(self, scope: Construct, *, stage: Stage, functions: dict[str, FunctionManifest]) -> None:
        super().__init__(scope, "edge", stage=stage, description="CNC Copilot: gateway policy and components")
        hook = next(CncFunction(self, one) for one in functions.values() if "provisioning" in one.trigger)
        Alarms(self).of_function(hook)
        policy = stage.resource("gateway")
        self._provisioning = Provisioning(self, hook, gateway_policy=policy)
        iot.CfnPolicy(self, "GatewayPolicy", policy_name=policy, policy_document=self._gateway_document())
        for recipe in sorted(ROOT.glob("greengrass_components/*/recipe.yaml")):
            manifest = tomllib.loads(recipe.with_name("manifest.toml").read_text())
            if manifest.get("released", True):
                self._component(recipe.parent.name, recipe.read_text())

    def _component(self, name: str, recipe: str) -> None:
        """The component with its artifact: the closure of its entry point, which a gateway unpacks by its hash."""
        folder = ROOT
        if self.node.try_get_context("cnc:packages"):
            folder = Path(self.node.get_context("cnc:packages")) / "components" / name
        artifact = s3_assets.Asset(
            self,
            f"{name}Artifact",
            path=str(folder),
            asset_hash=packaging.digest(f"greengrass_components.{name}.__main__"),
            asset_hash_type=cdk.AssetHashType.CUSTOM,
        )
        text = recipe.replace(
            "{artifacts:decompressedPath}/" + name, "{artifacts:decompressedPath}/" + artifact.asset_hash
        )
        document = yaml.safe_load(text)
        document["Manifests"][0]["Artifacts"][0]["Uri"] = artifact.s3_object_url
        greengrass.CfnComponentVersion(self, f"{name}Component", inline_recipe=self.to_json_string(document))

    def _gateway_document(self) -> dict[str, Any]:
        def arn(kind: str, *names: str) -> list[str]:
            return [self.format_arn(service="iot", resource=kind, resource_name=name) for name in names]

        up = [f"$aws/rules/{channel}/{_BASE}/{channel}" for channel in UP_CHANNELS]
        down = [f"{_BASE}/{channel}" for channel in DOWN_CHANNELS]
        statements = [
            ("iot:Connect", arn("client", _THING)),
            ("iot:Publish", arn("topic", *up)),
            ("iot:Subscribe", arn("topicfilter", *down)),
            ("iot:Receive", arn("topic", *down)),
            *self._provisioning.statements(),
        ]
        return {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": action, "Resource": resources, "Condition": _ATTACHED}
                for action, resources in statements
            ],
        }
