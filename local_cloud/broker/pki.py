"""Certificates of gateways, signed by the local cloud's authority; recognised by their SHA-256, as in AWS."""

import hashlib
import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from local_cloud.cloud import Pki
from local_cloud.pki import builder, certificate_pem, key_pem

DAYS = 365


class BadCsr(ValueError):
    """The signing request cannot be read, is not signed by its key or uses an unsupported key."""


@dataclass(frozen=True, slots=True)
class Authority:
    """The local CA. Certificates are valid for a year and for client authentication only."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def load(cls, files: Pki) -> Self:
        key = serialization.load_pem_private_key(Path(files.ca_key).read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{files.ca_key}: expected an EC key, got {type(key).__name__}")
        return cls(x509.load_pem_x509_certificate(Path(files.ca_cert).read_bytes()), key)

    def sign_csr(self, pem: str, *, now: datetime) -> str:
        """Answers the certificate as PEM. Raises BadCsr."""
        try:
            csr = x509.load_pem_x509_csr(pem.encode())
            valid = csr.is_signature_valid
            key = csr.public_key()
        except (ValueError, TypeError) as error:
            raise BadCsr(f"the signing request cannot be read: {error}") from error
        if not valid:
            raise BadCsr("the signing request is not signed by its own key")
        if not isinstance(key, (ec.EllipticCurvePublicKey, rsa.RSAPublicKey, ed25519.Ed25519PublicKey)):
            raise BadCsr(f"unsupported key type {type(key).__name__}")
        return self._sign(csr.subject, key, now=now)

    def new_client(self, *, now: datetime) -> tuple[str, str, str]:
        """(certificate, private key, public key), each as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "AWS IoT Certificate")])
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return self._sign(subject, key.public_key(), now=now), key_pem(key).decode(), public.decode()

    def _sign(self, subject: x509.Name, key: CertificateIssuerPublicKeyTypes, *, now: datetime) -> str:
        signed = (
            builder(subject, self.certificate.subject, key, now=now, days=DAYS)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return certificate_pem(signed).decode()


def server_context(files: Pki) -> ssl.SSLContext:
    """TLS 1.2+ that demands a client certificate of the local authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(files.server_cert, files.server_key)
    context.load_verify_locations(files.ca_cert)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def certificate_id(pem: str) -> str:
    """AWS's certificate id: SHA-256 of the DER form, 64 hex digits."""
    der = x509.load_pem_x509_certificate(pem.encode()).public_bytes(serialization.Encoding.DER)
    return hashlib.sha256(der).hexdigest()
