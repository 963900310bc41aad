"""Whether a signature of Ed25519 fits."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def fits(key: str, signature: bytes, signed: bytes) -> bool:
    """`key` is the public key in hex; one that is none fits nothing."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True
