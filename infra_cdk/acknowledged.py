"""Findings of cdk-nag's AwsSolutions pack that stay, each with the reason a reviewer would ask for."""

import aws_cdk as cdk
from constructs import IConstruct

_PACK = "AwsSolutions::AwsSolutions-"


def acknowledge(scope: IConstruct, rule: str, reason: str) -> None:
    """Accept one finding at one place. The prefix keeps the acceptance visible in the report."""
    cdk.Validations.of(scope).acknowledge(cdk.Acknowledgment(id=f"{_PACK}{rule}", reason=reason))


def acknowledge_tenant_wildcards(scope: IConstruct, *resources: str) -> None:
    """Wildcards below a tenant's own prefix: the session tag in the middle of the ARN is the wall."""
    for resource in resources:
        acknowledge(
            scope,
            f"IAM5[Resource::{resource}]",
            "The wildcard lies below ${aws:PrincipalTag/tenant}: a session reaches its own tenant's names only.",
        )
