"""The signing key of this installation: RSA 2048, made on first use, mode 0600, never a well-known one."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from local_cloud.cloud import write_private

BITS = 2048


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`kid` is a hash of the public key."""

    key: rsa.RSAPrivateKey
    kid: str

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.kid})

    def verify(self, token: str, *, issuer: str) -> dict[str, Any]:
        """Claims of a token of ours that still lives. Raises jwt.PyJWTError."""
        return jwt.decode(
            token,
            self.key.public_key(),
            algorithms=["RS256"],
            issuer=issuer,
            options={"require": ["exp", "iat", "iss", "sub", "token_use"], "verify_aud": False},
        )

    def jwks(self) -> dict[str, Any]:
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        kept = {name: public[name] for name in ("kty", "n", "e")}
        return {"keys": [{**kept, "kid": self.kid, "use": "sig", "alg": "RS256"}]}


def open_key(path: Path) -> SigningKey:
    """Raises TypeError when the file holds another kind of key."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
        pem = made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_private(path, pem)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{path}: expected an RSA key, got {type(key).__name__}")
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return SigningKey(key, hashlib.sha256(der).hexdigest()[:32])
