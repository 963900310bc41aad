"""An issuer with a real RSA key, and every kind of token it, or somebody else, could have made."""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

ISSUER = "https://issuer.test/pool-1"
CLIENT_ID = "client-1"
KID = "key-1"


@dataclass(frozen=True)
class Issuer:
    key: rsa.RSAPrivateKey
    other: rsa.RSAPrivateKey

    @classmethod
    def fresh(cls) -> "Issuer":
        return cls(_rsa(), _rsa())

    def fetch(self, address: str) -> bytes:
        """What `GET` answers at the issuer."""
        if address.endswith("/.well-known/openid-configuration"):
            return json.dumps({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}).encode()
        assert address == f"{ISSUER}/jwks"
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        entry = {**public, "kid": KID, "use": "sig", "alg": "RS256"}
        return json.dumps({"keys": [entry, {**entry, "kid": "dummy"}]}).encode()

    def token(self, subject: str, *, kid: str = KID, foreign: bool = False, **changed: Any) -> str:
        """A good access token unless something is changed; a claim that is changed to None is left out."""
        claims = {name: value for name, value in (good_claims(subject) | changed).items() if value is not None}
        return jwt.encode(claims, self.other if foreign else self.key, algorithm="RS256", headers={"kid": kid})

    def public_pem(self) -> bytes:
        return self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


def good_claims(subject: str) -> dict[str, Any]:
    """Of a sign-in of its own, unless `origin_jti` is given."""
    now = int(datetime.now(UTC).timestamp())
    return {
        "iss": ISSUER,
        "sub": subject,
        "client_id": CLIENT_ID,
        "token_use": "access",
        "iat": now,
        "exp": now + 3600,
        "auth_time": now,
        "origin_jti": str(uuid4()),
        "jti": str(uuid4()),
    }


def raw_token(header: str, claims: str, signature: bytes = b"") -> str:
    """A token of exactly these texts."""
    return ".".join(_encode(part) for part in (header.encode(), claims.encode(), signature))


def signed_raw(issuer: Issuer, header: str, claims: str) -> str:
    """A token of exactly these texts with a good RS256 signature."""
    algorithm = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
    text = f"{_encode(header.encode())}.{_encode(claims.encode())}"
    return f"{text}.{_encode(algorithm.sign(text.encode(), issuer.key))}"


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
