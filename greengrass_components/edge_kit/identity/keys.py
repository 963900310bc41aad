"""Private keys, which are made on the gateway and never leave it, and what is asked of the cloud for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

#: Certificates of AWS IoT end in 2049; ones of the local cloud after a year. A key is in use for a year at most.
RENEW_AFTER: Final = timedelta(days=330)
RENEW_BEFORE_END: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A certificate and its private key, each as PEM."""

    certificate: str
    key: str

    def fits(self) -> bool:
        """Whether the certificate is for this key."""
        try:
            held = serialization.load_pem_private_key(self.key.encode(), password=None).public_key()
            return _public(held) == _public(x509.load_pem_x509_certificate(self.certificate.encode()).public_key())
        except (ValueError, TypeError):
            return False


def new_key() -> str:
    """A private key (P-256) as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode()


def signing_request(key: str) -> str:
    """A PEM signing request. Its subject says nothing: who the gateway is, is the cloud's to say."""
    held = serialization.load_pem_private_key(key.encode(), password=None)
    if not isinstance(held, ec.EllipticCurvePrivateKey):
        raise ValueError(f"expected an EC key, got {type(held).__name__}")
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CNC Copilot gateway")])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(held, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


def renew_at(certificate: str) -> datetime:
    """From when on a certificate is to be replaced; the last third of a short life, so that a new one never is at once.

    Raises ValueError for what is no certificate.
    """
    held = x509.load_pem_x509_certificate(certificate.encode())
    begins_at, ends_at = held.not_valid_before_utc, held.not_valid_after_utc
    return min(begins_at + RENEW_AFTER, ends_at - min(RENEW_BEFORE_END, (ends_at - begins_at) / 3))


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of the file as it is."""
    return sha256(certificate).hexdigest()


def _public(key: object) -> bytes:
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError(f"expected an EC key, got {type(key).__name__}")
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
