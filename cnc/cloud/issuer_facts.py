"""What our own issuer answers beside its keys: who a token belongs to, and where providers send people back to."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from cnc.cloud.jwks import BadIssuer, Fetch, IssuerUnreachable, fetch_once
from cnc.domain.base.errors import CncError

FetchAs = Callable[[str, Mapping[str, str]], bytes]


class IssuerFacts:
    """One per process; the discovery document is read once."""

    def __init__(self, *, issuer: str, fetch: Fetch = fetch_once, fetch_as: FetchAs | None = None) -> None:
        self._issuer = issuer.rstrip("/")
        self._fetch = fetch
        self._fetch_as = fetch_as or (lambda address, headers: fetch_once(address, headers=headers))
        self._document: Mapping[str, Any] = {}

    def redirect_addresses(self) -> tuple[str, str]:
        """What is entered at a provider: the redirect address (OpenID Connect), the assertion consumer (SAML)."""
        base = str(self._read()["authorization_endpoint"]).removesuffix("/oauth2/authorize")
        return f"{base}/oauth2/idpresponse", f"{base}/saml2/idpresponse"

    def entity_id(self) -> str:
        """Who we are to a SAML provider: Cognito's name of the pool, the last part of its issuer."""
        return f"urn:amazon:cognito:sp:{self._issuer.rpartition('/')[2]}"

    def claims(self, access_token: str) -> dict[str, Any]:
        """Of the person an access token of ours was made for. Raises CncError `auth.invalid`."""
        address = str(self._read()["userinfo_endpoint"])
        try:
            found = json.loads(self._fetch_as(address, {"Authorization": f"Bearer {access_token}"}))
        except (IssuerUnreachable, BadIssuer, ValueError) as error:
            raise CncError("auth.invalid", todo="Sign in again.") from error
        return dict(found)

    def _read(self) -> Mapping[str, Any]:
        """Raises CncError `issuer.unreachable`."""
        if not self._document:
            try:
                self._document = json.loads(self._fetch(f"{self._issuer}/.well-known/openid-configuration"))
            except (IssuerUnreachable, BadIssuer, ValueError) as error:
                raise CncError("issuer.unreachable", todo="Try again in a moment.") from error
        return self._document
