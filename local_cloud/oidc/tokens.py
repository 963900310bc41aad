"""Access, ID and refresh tokens of one client, with the claims Cognito gives them."""

import base64
import hashlib
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from local_cloud.oidc.keys import SigningKey
from local_cloud.oidc.request import Client
from local_cloud.oidc.store import Refresh, Store, digest

GROUPS = "cognito:groups"


@dataclass(frozen=True, slots=True)
class Issued:
    """What tokens say. `family` groups all refresh tokens of one code; `login` is the session they hang on."""

    client: Client
    scope: str
    claims: dict[str, Any]
    username: str
    auth_time: float
    family: str
    login: str
    expires: float
    nonce: str = ""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Signs what `issue` is told; times are epoch seconds."""

    key: SigningKey
    store: Store

    def issue(self, what: Issued, *, issuer: str, now: float) -> dict[str, Any]:
        """The token response (OpenID Connect Core 3.1.3.3)."""
        access = self._access(what, issuer=issuer, now=now)
        return {
            "access_token": access,
            "id_token": self._id(what, access, issuer=issuer, now=now),
            "refresh_token": self._refresh(what),
            "token_type": "Bearer",
            "expires_in": what.client.access_s,
            "scope": what.scope,
        }

    def _access(self, what: Issued, *, issuer: str, now: float) -> str:
        groups = {GROUPS: what.claims[GROUPS]} if GROUPS in what.claims else {}
        return self.key.sign(
            {
                **self._common(what, issuer=issuer, now=now, life_s=what.client.access_s),
                **groups,
                "client_id": what.client.id,
                "scope": what.scope,
                "token_use": "access",
                "username": what.username,
                "version": 2,
            }
        )

    def _id(self, what: Issued, access: str, *, issuer: str, now: float) -> str:
        half = hashlib.sha256(access.encode()).digest()[:16]
        nonce = {"nonce": what.nonce} if what.nonce else {}
        return self.key.sign(
            {
                **what.claims,
                **self._common(what, issuer=issuer, now=now, life_s=what.client.id_s),
                **nonce,
                "aud": what.client.id,
                "token_use": "id",
                "cognito:username": what.username,
                "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
            }
        )

    def _common(self, what: Issued, *, issuer: str, now: float, life_s: int) -> dict[str, Any]:
        return {
            "sub": what.claims["sub"],
            "iss": issuer,
            "iat": int(now),
            "exp": int(now) + life_s,
            "auth_time": int(what.auth_time),
            "jti": str(uuid.uuid4()),
            "origin_jti": _origin(what.login),
        }

    def _refresh(self, what: Issued) -> str:
        token = secrets.token_urlsafe(48)
        self.store.add_refresh(
            Refresh(
                digest(token),
                what.login,
                what.family,
                what.client.id,
                what.scope,
                what.expires,
                0.0,
                what.auth_time,
                what.client.pool,
                what.username,
            )
        )
        return token


def _origin(login: str) -> str:
    """One id per sign-in, which every token that came from it carries, as Cognito's do; it tells nothing of `login`."""
    return str(uuid.UUID(bytes=hashlib.sha256(f"origin#{login}".encode()).digest()[:16], version=4))
