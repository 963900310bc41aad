"""Providers in the user pool, and which of them the portal's client may use, with the function's own role.

UpdateUserPoolClient sets whatever it is not told back to its default, so the client is read and written as a whole.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnc.domain.identity.sso import Settings

#: What DescribeUserPoolClient answers beside what UpdateUserPoolClient takes.
_READ_ONLY = ("ClientSecret", "LastModifiedDate", "CreationDate")
SCOPES = "openid email profile"


@dataclass(frozen=True, slots=True)
class IdentityProviders:
    """`pool` makes the client of the service; `client_id` is the portal's."""

    pool: Callable[[], Any]
    pool_id: str
    client_id: str

    def put(self, provider: str, settings: Settings, /, *, secret: str | None, identifiers: Sequence[str]) -> None:
        """Make it or change it. `secret` None: the one that is kept there."""
        pool = self.pool()
        kept = self._describe(pool, provider)
        said = {
            "UserPoolId": self.pool_id,
            "ProviderName": provider,
            "ProviderDetails": _details(settings, secret, kept.get("ProviderDetails", {})),
            "AttributeMapping": settings.mapping,
            "IdpIdentifiers": list(identifiers),
        }
        if kept:
            pool.update_identity_provider(**said)
        else:
            pool.create_identity_provider(**said, ProviderType="SAML" if settings.is_saml else "OIDC")
        self._offer(pool, provider, offered=True)

    def remove(self, provider: str, /) -> None:
        """From now on nobody signs in through it. Again is harmless."""
        pool = self.pool()
        self._offer(pool, provider, offered=False)
        if self._describe(pool, provider):
            pool.delete_identity_provider(UserPoolId=self.pool_id, ProviderName=provider)

    def _describe(self, pool: Any, provider: str) -> Mapping[str, Any]:
        try:
            answer = pool.describe_identity_provider(UserPoolId=self.pool_id, ProviderName=provider)
        except pool.exceptions.ResourceNotFoundException:
            return {}
        found: Mapping[str, Any] = answer["IdentityProvider"]
        return found

    def _offer(self, pool: Any, provider: str, *, offered: bool) -> None:
        answer = pool.describe_user_pool_client(UserPoolId=self.pool_id, ClientId=self.client_id)
        client = {name: value for name, value in answer["UserPoolClient"].items() if name not in _READ_ONLY}
        now = list(client.get("SupportedIdentityProviders") or ["COGNITO"])
        then = [one for one in now if one != provider] + ([provider] if offered else [])
        if sorted(then) != sorted(now):
            pool.update_user_pool_client(**{**client, "SupportedIdentityProviders": then})


def _details(settings: Settings, secret: str | None, kept: Mapping[str, str]) -> dict[str, str]:
    if settings.is_saml:
        where = {"MetadataURL": settings.metadata_url} if settings.metadata_url else {"MetadataFile": settings.metadata}
        return {**where, "IDPSignout": "false"}
    return {
        "client_id": settings.client_id,
        "client_secret": kept.get("client_secret", "") if secret is None else secret,
        "oidc_issuer": settings.issuer,
        "authorize_scopes": SCOPES,
        "attributes_request_method": "GET",
    }
