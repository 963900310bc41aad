"""What export and erasure may do beyond what other functions may, each by its word in a manifest's access."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import aws_iam as iam

from infra_cdk.acknowledged import acknowledge_tenant_wildcards
from infra_cdk.manifests import FunctionManifest
from infra_cdk.stacks.base import CncStack

#: Word of the access -> what it may be, and the actions that gives.
PRIVACY_ACCESS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "person_keys": {"open": ("kms:GenerateDataKey", "kms:Decrypt")},
    "accounts": {
        "read": ("cognito-idp:AdminGetUser",),
        "erase": ("cognito-idp:AdminGetUser", "cognito-idp:AdminDeleteUser"),
    },
    "dead_letters": {"sift": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility")},
    "bucket_list": {"objects": ("s3:ListBucket",), "versions": ("s3:ListBucket", "s3:ListBucketVersions")},
}
#: Word -> the name that an earlier stack published under, and the variable that the function reads.
_VALUES: Final = {
    "person_keys": ("person-key-arn", "PERSON_KEY"),
    "accounts": ("user-pool-id", "USER_POOL"),
    "dead_letters": ("rule-errors-url", "DEAD_LETTERS"),
}


def allow_privacy(role: iam.Role, stack: CncStack, manifest: FunctionManifest) -> dict[str, str]:
    """Grant what the manifest asks for to the function's own role; the variables that go with it."""
    environment = {}
    for word, (published, variable) in _VALUES.items():
        asked = manifest.access.get(word)
        if asked:
            actions = list(PRIVACY_ACCESS[word][asked])
            role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[_resource(word, stack)]))
            environment[variable] = stack.joined(published)
    return environment


def _resource(word: str, stack: CncStack) -> str:
    match word:
        case "accounts":
            return stack.format_arn(
                service="cognito-idp", resource="userpool", resource_name=stack.joined("user-pool-id")
            )
        case "dead_letters":
            return stack.joined("rule-errors-arn")
    return stack.joined("person-key-arn")


def allow_listing(role: iam.Role, stack: CncStack, asked: str, *, tag: str) -> None:
    """Grant a tenant's role the listing of its own prefix."""
    bucket = f"arn:{stack.partition}:s3:::{stack.joined('bucket')}"
    role.add_to_policy(
        iam.PolicyStatement(
            actions=list(PRIVACY_ACCESS["bucket_list"][asked]),
            resources=[bucket],
            conditions={
                "StringLike": {"s3:prefix": f"tenant={tag}/*"},
                "Null": {"aws:PrincipalTag/tenant": "false", "s3:prefix": "false"},
            },
        )
    )


def allow_wiping(role: iam.Role, stack: CncStack, *, tag: str) -> None:
    """Grant a tenant's role the removal of every version of everything below its own prefix."""
    bucket = f"arn:{stack.partition}:s3:::{stack.joined('bucket')}"
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload"],
            resources=[f"{bucket}/tenant={tag}/*"],
            conditions={"Null": {"aws:PrincipalTag/tenant": "false"}},
        )
    )
    shown = tag.replace("${", "<").replace("}", ">")
    acknowledge_tenant_wildcards(role, f"arn:<AWS::Partition>:s3:::<{stack.joined_id('bucket')}>/tenant={shown}/*")
