"""What every stack of the product shares: its stage, its name and the SSM names that join stacks."""

import aws_cdk as cdk
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra_cdk.stage import Stage


class CncStack(cdk.Stack):
    """A stack named `cnc-<stage>-<noun>`; environment-agnostic, so that synthesis needs no account."""

    def __init__(self, scope: Construct, noun: str, *, stage: Stage, description: str) -> None:
        super().__init__(
            scope,
            f"Cnc{noun.capitalize()}",
            stack_name=stage.resource(noun),
            description=description,
            termination_protection=stage.keeps_data,
        )
        self.stage = stage
        self._joined: dict[str, str] = {}

    def publish(self, noun: str, value: str) -> None:
        """Make a value known to the stacks that are deployed after this one."""
        name = "".join(part.capitalize() for part in noun.split("-"))
        ssm.StringParameter(self, f"{name}Parameter", parameter_name=self.stage.parameter(noun), string_value=value)

    def joined(self, noun: str) -> str:
        """A value that an earlier stack published."""
        if noun not in self._joined:
            name = self.stage.parameter(noun)
            self._joined[noun] = ssm.StringParameter.value_for_string_parameter(self, name)
        return self._joined[noun]

    @property
    def removal(self) -> cdk.RemovalPolicy:
        return cdk.RemovalPolicy.RETAIN if self.stage.keeps_data else cdk.RemovalPolicy.DESTROY
