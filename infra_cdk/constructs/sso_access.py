"""What setting up companies' own sign-in takes: providers of the user pool, and the client that offers them."""

from aws_cdk import aws_iam as iam

from infra_cdk.manifests import FunctionManifest
from infra_cdk.stacks.base import CncStack

#: What `sso = "manage"` of a manifest's access may do, with the one user pool.
SSO_ACTIONS = (
    "CreateIdentityProvider",
    "DeleteIdentityProvider",
    "DescribeIdentityProvider",
    "DescribeUserPoolClient",
    "UpdateIdentityProvider",
    "UpdateUserPoolClient",
)


def allow_sso(role: iam.Role, stack: CncStack, manifest: FunctionManifest) -> dict[str, str]:
    """Grant it to the function's own role; the variables that go with it."""
    if not manifest.access.get("sso"):
        return {}
    pool = stack.format_arn(service="cognito-idp", resource="userpool", resource_name=stack.joined("user-pool-id"))
    actions = [f"cognito-idp:{action}" for action in SSO_ACTIONS]
    role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[pool]))
    return {
        "OIDC_ISSUER": stack.joined("oidc-issuer"),
        "OIDC_CLIENT_ID": stack.joined("oidc-client-id"),
        "USER_POOL": stack.joined("user-pool-id"),
        "PORTAL_ORIGIN": stack.joined("portal-origin"),
    }
