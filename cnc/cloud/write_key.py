"""The key orders are signed with: Ed25519, from the secret of the stage.

Secrets Manager makes random texts and no keys, so the seed is the SHA-256 of the secret's text.
"""

from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class WriteKey:
    """Signs with the key of one stage; the secret is read at the first signature and kept by the process."""

    def __init__(self, secrets: Any, *, secret_id: str) -> None:
        self._read = lru_cache(1)(lambda: _key(secrets.get_secret_value(SecretId=secret_id)["SecretString"]))

    def sign(self, text: bytes) -> bytes:
        """64 bytes."""
        return self._read().sign(text)

    def public_hex(self) -> str:
        """The public half, 64 hex digits: what a gateway's bootstrap holds as `write_key`."""
        return self._read().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def _key(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(secret.encode()).digest())
