"""Keys that tests sign anchors with."""

from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cnc.domain.audit.anchor import Anchor, SignedAnchor
from tests.audit.chains import ONE


class Key:
    """A key of a test."""

    def __init__(self, seed: str = "one") -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(sha256(seed.encode()).digest())

    def sign(self, text: bytes) -> bytes:
        return self._key.sign(text)

    def public_hex(self) -> str:
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def anchor(self, seq: int, hash_: str, *, tenant: str = ONE) -> SignedAnchor:
        anchor = Anchor(tenant, seq, hash_, 1)
        return SignedAnchor(anchor, self.public_hex(), self.sign(anchor.text()).hex())
