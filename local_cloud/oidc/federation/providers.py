"""The providers of a pool, as CreateIdentityProvider and the client's SupportedIdentityProviders declare them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.oidc.pool import Pool

OIDC, SAML = "OIDC", "SAML"
MAX_VALUE = 2048  # characters of an attribute, as in Cognito


@dataclass(frozen=True, slots=True)
class Provider:
    """`mapping` is attribute of the pool -> claim of the provider."""

    name: str
    kind: str
    details: Mapping[str, str]
    mapping: Mapping[str, str]
    identifiers: tuple[str, ...]

    def owns(self, username: str) -> bool:
        return username.startswith(f"{self.name}_")

    def username(self, subject: str) -> str:
        return f"{self.name}_{subject}"

    def claims(self, pool: str, subject: str, said: Mapping[str, Any], *, issuer: str) -> dict[str, Any]:
        """What the pool says about somebody whom the provider vouched for, without `sub`, which is the pool's."""
        mapped: dict[str, Any] = {}
        for attribute, name in self.mapping.items():
            value = said.get(name)
            if attribute == "email_verified":
                mapped[attribute] = value is True or value == "true"
            elif attribute != "username" and value is not None and len(str(value)) <= MAX_VALUE:
                mapped[attribute] = str(value)
        identity = {"userId": subject, "providerName": self.name, "providerType": self.kind, "issuer": issuer}
        return {
            "email_verified": False,
            **mapped,
            "cognito:groups": [f"{pool}_{self.name}"],
            "identities": [{**identity, "primary": "true"}],
        }


@dataclass(frozen=True, slots=True)
class Providers:
    """Read anew each time: a provider that was removed or changed a second ago must not sign anybody in."""

    pool: Pool

    async def of_client(self, client: str, name: str) -> Provider | None:
        """The provider if this client may use it. Raises PoolAway."""
        found = await self.pool.describe("DescribeUserPoolClient", "UserPoolClient", ClientId=client)
        if found is None or name not in (found.get("SupportedIdentityProviders") or ()):
            return None
        return await self._one(name)

    async def by_identifier(self, client: str, identifier: str) -> Provider | None:
        """The provider that an e-mail domain belongs to. Raises PoolAway."""
        found = await self.pool.describe("DescribeUserPoolClient", "UserPoolClient", ClientId=client)
        for name in (found or {}).get("SupportedIdentityProviders") or ():
            provider = await self._one(name) if name != "COGNITO" else None
            if provider is not None and identifier and identifier in provider.identifiers:
                return provider
        return None

    async def _one(self, name: str) -> Provider | None:
        found = await self.pool.describe("DescribeIdentityProvider", "IdentityProvider", ProviderName=name)
        if found is None or found.get("ProviderType") not in (OIDC, SAML):
            return None
        return Provider(
            name=str(found["ProviderName"]),
            kind=str(found["ProviderType"]),
            details={key: str(value) for key, value in _object(found.get("ProviderDetails")).items()},
            mapping={key: str(value) for key, value in _object(found.get("AttributeMapping")).items()},
            identifiers=tuple(found.get("IdpIdentifiers") or ()),
        )


def _object(value: Any) -> dict[str, Any]:
    found = json.loads(value) if isinstance(value, str) else value
    return found if isinstance(found, dict) else {}
