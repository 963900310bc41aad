"""The second wall: a role that reaches one tenant's keys, whichever tenant its session is tagged with."""

from aws_cdk import aws_iam as iam

from infra_cdk.acknowledged import acknowledge_tenant_wildcards
from infra_cdk.constructs.privacy_access import allow_listing, allow_wiping
from infra_cdk.manifests import FunctionManifest
from infra_cdk.stacks.base import CncStack

_TENANT = "${aws:PrincipalTag/tenant}"
#: A gateway that was away finds these when it returns.
_RETAINED = {"config"}
_READ = ("GetItem", "BatchGetItem", "Query")
_WRITE = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")
_TABLE_ACTIONS = {
    "read": _READ,
    "write": _WRITE,
    "read-write": (*_READ, *_WRITE),
    "append": ("GetItem", "Query", "PutItem"),
    "whole": (*_READ, *_WRITE),
    "erase": ("Query", "BatchWriteItem"),
}
_OBJECT_ACTIONS = {
    "read": ("GetObject",),
    "write": ("PutObject",),
    "read-write": ("GetObject", "PutObject"),
    "all": ("GetObject", "PutObject", "DeleteObject", "AbortMultipartUpload"),
}


def tenant_role(stack: CncStack, manifest: FunctionManifest, *, vendor: iam.Role) -> iam.Role:
    """The role that `vendor`, the function's own role, assumes with the session tag `tenant`."""
    role = _tagged_role(stack, manifest.name, vendor=iam.ArnPrincipal(vendor.role_arn))
    for table, access in manifest.tenant_tables().items():
        role.add_to_policy(_leading_keys(stack, table, access))
    if manifest.access.get("counts"):
        role.add_to_policy(_counts(stack))
    tag = _TENANT.replace("${", "<").replace("}", ">")
    for kind, access in manifest.access.get("bucket", {}).items():
        role.add_to_policy(_objects(stack, kind, access))
        bucket = f"<{stack.joined_id('bucket')}>"
        acknowledge_tenant_wildcards(role, f"arn:<AWS::Partition>:s3:::{bucket}/tenant={tag}/kind={kind}/*")
    if manifest.access.get("bucket_list"):
        allow_listing(role, stack, manifest.access["bucket_list"], tag=_TENANT)
    if manifest.access.get("bucket_list") == "versions":
        allow_wiping(role, stack, tag=_TENANT)
    if manifest.access.get("anchors"):
        for statement in _anchors(stack, manifest.access["anchors"]):
            role.add_to_policy(statement)
        bucket = f"<{stack.joined_id('anchor-bucket')}>"
        acknowledge_tenant_wildcards(role, f"arn:<AWS::Partition>:s3:::{bucket}/tenant={tag}/anchor/*")
    for channel in manifest.access.get("iot_publish", ()):
        role.add_to_policy(_down_channel(stack, channel))
        topic = f"arn:<AWS::Partition>:iot:<AWS::Region>:<AWS::AccountId>:topic/cnc/{tag}/*/*/{channel}"
        acknowledge_tenant_wildcards(role, topic)
    return role


def operator_role(stack: CncStack) -> iam.Role:
    """What `cnc` on an operator's desk acts through to make tenants, machines and gateways."""
    role = _tagged_role(stack, "operator", vendor=iam.AccountRootPrincipal())
    for table, access in (("shop", "read-write"), ("audit", "append"), ("keys", "read-write")):
        role.add_to_policy(_leading_keys(stack, table, access))
    tag = _TENANT.replace("${", "<").replace("}", ">")
    for channel in ("cmd", "config"):
        role.add_to_policy(_down_channel(stack, channel))
        topic = f"arn:<AWS::Partition>:iot:<AWS::Region>:<AWS::AccountId>:topic/cnc/{tag}/*/*/{channel}"
        acknowledge_tenant_wildcards(role, topic)
    return role


def _tagged_role(stack: CncStack, name: str, *, vendor: iam.PrincipalBase) -> iam.Role:
    trusted = iam.PrincipalWithConditions(vendor, {"StringLike": {"aws:RequestTag/tenant": "t_????????????????"}})
    return iam.Role(
        stack,
        f"{name}TenantRole",
        role_name=stack.stage.resource(f"{name}-tenant"),
        description=f"One tenant's share of what {name} may reach",
        assumed_by=iam.SessionTagsPrincipal(trusted),
    )


def _leading_keys(stack: CncStack, table: str, access: str) -> iam.PolicyStatement:
    # ForAllValues is true for a request without leading keys, so Null asks that there be some.
    return iam.PolicyStatement(
        actions=[f"dynamodb:{action}" for action in _TABLE_ACTIONS[access]],
        resources=_tables(stack, table),
        conditions={
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"T#{_TENANT}#*"]},
            "Null": {"dynamodb:LeadingKeys": "false", "aws:PrincipalTag/tenant": "false"},
        },
    )


def _tables(stack: CncStack, noun: str) -> list[str]:
    """The pool's table and those of silos: leading keys say whose rows, wherever they lie."""
    return [
        stack.format_arn(service="dynamodb", resource="table", resource_name=name) for name in stack.stage.tables(noun)
    ]


def _counts(stack: CncStack) -> iam.PolicyStatement:
    """What was spent and used, of a function that may write nothing else of the shop table."""
    return iam.PolicyStatement(
        actions=["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
        resources=_tables(stack, "shop"),
        conditions={
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"T#{_TENANT}#N", f"T#{_TENANT}#NU"]},
            "Null": {"dynamodb:LeadingKeys": "false", "aws:PrincipalTag/tenant": "false"},
        },
    )


def _objects(stack: CncStack, kind: str, access: str) -> iam.PolicyStatement:
    bucket = f"arn:{stack.partition}:s3:::{stack.joined('bucket')}"
    return iam.PolicyStatement(
        actions=[f"s3:{action}" for action in _OBJECT_ACTIONS[access]],
        resources=[f"{bucket}/tenant={_TENANT}/kind={kind}/*"],
        conditions={"Null": {"aws:PrincipalTag/tenant": "false"}},
    )


def _anchors(stack: CncStack, access: str) -> list[iam.PolicyStatement]:
    """Anchors are read by version and put where none is; nobody has a right to change or remove one."""
    bucket = f"arn:{stack.partition}:s3:::{stack.joined('anchor-bucket')}"
    tagged = {"Null": {"aws:PrincipalTag/tenant": "false"}}
    prefix = f"tenant={_TENANT}/anchor/"
    actions = {"read": ["s3:GetObjectVersion"], "write": ["s3:GetObjectVersion", "s3:PutObject"]}[access]
    listed = {"StringLike": {"s3:prefix": f"{prefix}*"}, **tagged}
    return [
        iam.PolicyStatement(actions=actions, resources=[f"{bucket}/{prefix}*"], conditions=tagged),
        iam.PolicyStatement(actions=["s3:ListBucketVersions"], resources=[bucket], conditions=listed),
    ]


def _down_channel(stack: CncStack, channel: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=["iot:Publish", "iot:RetainPublish"] if channel in _RETAINED else ["iot:Publish"],
        resources=[stack.format_arn(service="iot", resource="topic", resource_name=f"cnc/{_TENANT}/*/*/{channel}")],
        conditions={"Null": {"aws:PrincipalTag/tenant": "false"}},
    )
