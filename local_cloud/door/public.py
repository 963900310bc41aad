"""Calls that AWS takes without a signature: what a Cognito client does in its own name."""

from collections.abc import Mapping

from local_cloud.door.errors import AwsError

PUBLIC_OPERATIONS = frozenset(
    {
        "AssociateSoftwareToken", "ChangePassword", "ConfirmForgotPassword", "ConfirmSignUp", "ForgotPassword",
        "GetUser", "GlobalSignOut", "InitiateAuth", "ResendConfirmationCode", "RespondToAuthChallenge",
        "RevokeToken", "SignUp", "UpdateUserAttributes", "VerifySoftwareToken", "VerifyUserAttribute",
        "SetUserMFAPreference",
    }
)  # fmt: skip


def service_of_unsigned(headers: Mapping[str, str], raw_target: str) -> str:
    """The service of an unsigned call. Raises AwsError when it is none that AWS would take."""
    if headers.get("x-amz-target", "").startswith("AWSCognitoIdentityProviderService."):
        return "cognito-idp"
    if raw_target.partition("?")[0].endswith("/.well-known/jwks.json"):
        raise AwsError(404, "NotFound", "keys are published at the issuer's jwks_uri, not here")
    raise AwsError(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
