"""Who may sign in: one user pool, one public client for the portal with code and PKCE."""

import aws_cdk as cdk
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_ses as ses
from constructs import Construct

from infra_cdk.acknowledged import acknowledge
from infra_cdk.stacks.base import CncStack
from infra_cdk.stage import Stage


class IdentityStack(CncStack):
    """The stateful stack of people. Tenant and roles are never attributes here: they are membership rows."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(scope, "identity", stage=stage, description="CNC Copilot: user pool and portal client")
        origin = cdk.CfnParameter(
            self,
            "PortalOrigin",
            type="String",
            default="http://localhost:8080",
            allowed_pattern=r"https?://[a-z0-9.-]+(:[0-9]+)?",
            description="Scheme, host and port at which people open the portal",
        ).value_as_string
        pool = self._pool()
        acknowledge(pool, "COG2", "A second factor is offered to everyone; each tenant decides whether to require it.")
        acknowledge(pool, "COG8", "Lockout and replay protection are ours; the paid tier would bill per active user.")
        client = self._client(pool, origin)
        cognito.UserPoolDomain(
            self,
            "Domain",
            user_pool=pool,
            cognito_domain=cognito.CognitoDomainOptions(domain_prefix=stage.resource(f"portal-{cdk.Aws.ACCOUNT_ID}")),
        )
        self.publish("user-pool-id", pool.user_pool_id)
        # The pool's ProviderURL written out: engines other than AWS know the pool's id, not all of its attributes.
        issuer = f"https://cognito-idp.{self.region}.{self.url_suffix}/{pool.user_pool_id}"
        self.publish("oidc-issuer", issuer)
        self.publish("oidc-client-id", client.user_pool_client_id)
        self.publish("portal-origin", origin)
        self.publish("mail-sender", self._sender())

    def _sender(self) -> str:
        sender = cdk.CfnParameter(
            self,
            "MailSender",
            type="String",
            default="no-reply@cnc-copilot.localhost",
            allowed_pattern=r"[A-Za-z0-9._-]+@[a-z0-9.-]+",
            description="The address that invitations and notices are sent from; SES asks its owner to confirm it",
        ).value_as_string
        ses.CfnEmailIdentity(self, "Sender", email_identity=sender)
        return sender

    def _pool(self) -> cognito.UserPool:
        return cognito.UserPool(
            self,
            "Users",
            user_pool_name=self.stage.resource("users"),
            self_sign_up_enabled=True,
            user_verification=cognito.UserVerificationConfig(
                email_style=cognito.VerificationEmailStyle.CODE,
                email_subject="Create an account · CNC Copilot",
                email_body="Your code to create an account at CNC Copilot: {####}",
            ),
            auto_verify=cognito.AutoVerifiedAttrs(email=True),
            sign_in_aliases=cognito.SignInAliases(email=True),
            sign_in_case_sensitive=False,
            standard_attributes=cognito.StandardAttributes(
                email=cognito.StandardAttribute(required=True, mutable=True)
            ),
            # What a company's provider says of its people beside their address: Microsoft's directory and object, and
            # Google's hosted domain. Mapped attributes must be mutable; only people without a password have them.
            custom_attributes={name: cognito.StringAttribute(mutable=True) for name in ("tid", "oid", "hd")},
            password_policy=cognito.PasswordPolicy(
                min_length=12,
                require_digits=True,
                require_lowercase=True,
                require_uppercase=True,
                require_symbols=True,
                temp_password_validity=cdk.Duration.days(3),
            ),
            mfa=cognito.Mfa.OPTIONAL,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            deletion_protection=self.stage.keeps_data,
            removal_policy=self.removal,
        )

    def _client(self, pool: cognito.UserPool, origin: str) -> cognito.UserPoolClient:
        return pool.add_client(
            "Portal",
            user_pool_client_name=self.stage.resource("portal"),
            generate_secret=False,
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            auth_flows=cognito.AuthFlow(user_password=True, user_srp=True),
            access_token_validity=cdk.Duration.hours(1),
            id_token_validity=cdk.Duration.hours(1),
            refresh_token_validity=cdk.Duration.hours(12),
            supported_identity_providers=[cognito.UserPoolClientIdentityProvider.COGNITO],
            # A person may rewrite what the client may write: neither tenant nor role is among it.
            # A provider's sign-in writes what is mapped, so the client may; of people with passwords it is not read.
            write_attributes=cognito.ClientAttributes()
            .with_standard_attributes(email=True, fullname=True)
            .with_custom_attributes("tid", "oid", "hd"),
            o_auth=cognito.OAuthSettings(
                flows=cognito.OAuthFlows(authorization_code_grant=True),
                scopes=[cognito.OAuthScope.OPENID, cognito.OAuthScope.EMAIL, cognito.OAuthScope.PROFILE],
                callback_urls=[f"{origin}/callback"],
                logout_urls=[f"{origin}/"],
            ),
        )
