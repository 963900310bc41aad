"""What a gateway needs from the cloud: how it comes to its certificate, and the components it runs."""

from constructs import Construct

from infra_cdk.alarms import Alarms
from infra_cdk.constructs.components import Components
from infra_cdk.constructs.function import CncFunction
from infra_cdk.constructs.provisioning import Provisioning
from infra_cdk.manifests import FunctionManifest
from infra_cdk.stacks.base import CncStack
from infra_cdk.stage import Stage


class EdgeStack(CncStack):
    """Gateways enrol through it and are given what they run."""

    def __init__(self, scope: Construct, *, stage: Stage, functions: dict[str, FunctionManifest]) -> None:
        super().__init__(scope, "edge", stage=stage, description="CNC Copilot: gateways and their components")
        hook = next(CncFunction(self, one) for one in functions.values() if "provisioning" in one.trigger)
        Alarms(self).of_function(hook)
        provisioning = Provisioning(self, hook)
        Components(self, target_arn=provisioning.group_arn).node.add_dependency(provisioning)
