"""What every stack of the product shares: its stage, its name and the SSM names that join stacks."""

import aws_cdk as cdk
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra_cdk.stage import Stage

#: Noun of the secret that CloudFront shows to the origins, and the header it is shown in.
ORIGIN_SECRET, ORIGIN_HEADER = "origin", "x-cnc-origin"
#: Noun of the secret that the key of write orders is made from.
WRITE_SECRET = "write-key"  # noqa: S105 - a name
#: … and of the one that the key of anchors of audit chains is made from.
ANCHOR_SECRET = "anchor-key"  # noqa: S105 - a name
#: … and of the account of a carrier other than SNS; made by hand where the stage has one.
TWILIO_SECRET = "twilio"  # noqa: S105 - a name


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
        ssm.StringParameter(
            self, f"{_pascal(noun)}Parameter", parameter_name=self.stage.parameter(noun), string_value=value
        )

    def joined(self, noun: str) -> str:
        """A value that an earlier stack published; CloudFormation reads it when it deploys this one."""
        if noun not in self._joined:
            self._joined[noun] = cdk.CfnParameter(
                self,
                self.joined_id(noun),
                type="AWS::SSM::Parameter::Value<String>",
                default=self.stage.parameter(noun),
            ).value_as_string
        return self._joined[noun]

    @staticmethod
    def joined_id(noun: str) -> str:
        """Logical id of the template parameter behind `joined(noun)`."""
        return f"Joined{_pascal(noun)}"

    @property
    def removal(self) -> cdk.RemovalPolicy:
        return cdk.RemovalPolicy.RETAIN if self.stage.keeps_data else cdk.RemovalPolicy.DESTROY


def _pascal(noun: str) -> str:
    return "".join(part.capitalize() for part in noun.split("-"))
