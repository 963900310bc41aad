"""The registry that trained models are versioned in; endpoints join it with the models that earn one."""

from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from infra_cdk.stacks.base import CncStack
from infra_cdk.stage import Stage


class MlStack(CncStack):
    """Model lineage, kept apart from what serves requests."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(scope, "ml", stage=stage, description="CNC Copilot: model registry")
        sagemaker.CfnModelPackageGroup(
            self,
            "Models",
            model_package_group_name=stage.resource("models"),
            model_package_group_description="Every model version that a machine was ever judged by",
        )
