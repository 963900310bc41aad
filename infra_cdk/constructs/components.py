"""The components of gateways as AWS IoT Greengrass knows them, and their deployment to all gateways of the stage."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_greengrassv2 as greengrass
from aws_cdk import aws_iam as iam
from aws_cdk import aws_iot as iot
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from infra_cdk import components, packaging
from infra_cdk.manifests import ROOT
from infra_cdk.stacks.base import CncStack

#: How long a component may take to come to rest before it is replaced.
_UPDATE_TIMEOUT_S = 60
#: Of a thousand gateways ten are first; a tenth of them failing stops the rest.
_ROLLOUT = greengrass.CfnDeployment.DeploymentIoTJobConfigurationProperty(
    job_executions_rollout_config=greengrass.CfnDeployment.IoTJobExecutionsRolloutConfigProperty(
        exponential_rate=greengrass.CfnDeployment.IoTJobExponentialRolloutRateProperty(
            base_rate_per_minute=10, increment_factor=2, rate_increase_criteria={"NumberOfSucceededThings": 10}
        ),
        maximum_per_minute=100,
    ),
    abort_config=greengrass.CfnDeployment.IoTJobAbortConfigProperty(
        criteria_list=[
            greengrass.CfnDeployment.IoTJobAbortCriteriaProperty(
                action="CANCEL", failure_type="FAILED", min_number_of_executed_things=5, threshold_percentage=10
            )
        ]
    ),
)


class Components(Construct):
    """One version of every released component, in one deployment: a gateway gets all of them or keeps what it has."""

    def __init__(self, stack: CncStack, *, target_arn: str) -> None:
        super().__init__(stack, "Components")
        self._stack = stack
        released = components.released()
        self._artifacts: list[s3_assets.Asset] = []
        made = [self._component(name) for name in released]
        self._may_download()
        deployment = greengrass.CfnDeployment(
            self,
            "Deployment",
            target_arn=target_arn,
            deployment_name=stack.stage.resource("gateways"),
            components={components.full_name(name): {"componentVersion": components.version()} for name in released},
            deployment_policies=greengrass.CfnDeployment.DeploymentPoliciesProperty(
                failure_handling_policy="ROLLBACK",
                component_update_policy=greengrass.CfnDeployment.DeploymentComponentUpdatePolicyProperty(
                    action="NOTIFY_COMPONENTS", timeout_in_seconds=_UPDATE_TIMEOUT_S
                ),
            ),
            iot_job_configuration=_ROLLOUT,
        )
        for one in made:
            deployment.add_resource_dependency(one)

    def _component(self, name: str) -> greengrass.CfnComponentVersion:
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
        self._artifacts.append(artifact)
        recipe: dict[str, Any] = components.recipe(name, uri=artifact.s3_object_url, folder=artifact.asset_hash)
        return greengrass.CfnComponentVersion(
            self, f"{name}Component", inline_recipe=self._stack.to_json_string(recipe)
        )

    def _may_download(self) -> None:
        """What a nucleus exchanges its certificate for: to read the artifacts, and nothing else."""
        stack = self._stack
        role = iam.Role(
            self,
            "ArtifactRole",
            role_name=stack.stage.resource("gateway-artifacts"),
            description="What gateways download their components with",
            assumed_by=iam.ServicePrincipal("credentials.iot.amazonaws.com"),
        )
        objects = [f"arn:{stack.partition}:s3:::{one.s3_bucket_name}/{one.s3_object_key}" for one in self._artifacts]
        role.add_to_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=objects))
        iot.CfnRoleAlias(self, "Alias", role_alias=stack.stage.resource("gateways"), role_arn=role.role_arn)
