"""The certificate authority of the local cloud, its server certificate and the certificates of gateways.

Everything is ECDSA P-256, in the files `cloud.json` names (keys mode 0600), made on first use.
Clients are recognised by the SHA-256 of their certificate, as in AWS.
"""

import hashlib
import ipaddress
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from local_cloud.cloud import Pki, write_private

CA_DAYS = 3650
SERVER_DAYS = 825
CLIENT_DAYS = 365
RENEW_BEFORE = timedelta(days=30)


class BadCsr(ValueError):
    """The signing request cannot be read, is not signed by its key or uses an unsupported key."""


@dataclass(frozen=True, slots=True)
class Authority:
    """The local CA: signs server and client certificates."""

    files: Pki
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

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
        return self._sign(csr.subject, key, days=CLIENT_DAYS, now=now, server=False)

    def new_client(self, *, now: datetime) -> tuple[str, str, str]:
        """(certificate, private key, public key), each as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        pem = self._sign(_name("AWS IoT Certificate"), key.public_key(), days=CLIENT_DAYS, now=now, server=False)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return pem, _pem(key).decode(), public.decode()

    def _sign(
        self, subject: x509.Name, key: CertificateIssuerPublicKeyTypes, *, days: int, now: datetime, server: bool
    ) -> str:
        usage = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = (
            _builder(subject, self.certificate.subject, days=days, now=now)
            .public_key(key)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
        )
        if server:
            names: list[x509.GeneralName] = [x509.DNSName("localhost")]
            names += [x509.IPAddress(ipaddress.ip_address(ip)) for ip in ("127.0.0.1", "::1")]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        signed = builder.sign(self.key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM).decode()


def open_authority(files: Pki, *, now: datetime) -> Authority:
    """The CA kept in `files`, made on first use."""
    if not Path(files.ca_cert).exists():
        _make_authority(files, now=now)
    key = serialization.load_pem_private_key(Path(files.ca_key).read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{files.ca_key}: expected an EC key, got {type(key).__name__}")
    return Authority(files, x509.load_pem_x509_certificate(Path(files.ca_cert).read_bytes()), key)


def server_context(authority: Authority, *, now: datetime) -> ssl.SSLContext:
    """TLS 1.2+ with a required client certificate of this CA; makes or renews the server certificate."""
    files = authority.files
    if not Path(files.server_cert).exists() or _ends_soon(Path(files.server_cert), now=now):
        key = ec.generate_private_key(ec.SECP256R1())
        signed = authority._sign(_name("localhost"), key.public_key(), days=SERVER_DAYS, now=now, server=True)
        _write(Path(files.server_key), _pem(key))
        _write(Path(files.server_cert), signed.encode())
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


def _make_authority(files: Pki, *, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("CNC Copilot local cloud CA")
    certificate = (
        _builder(name, name, days=CA_DAYS, now=now)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(Path(files.ca_key), _pem(key))
    _write(Path(files.ca_cert), certificate.public_bytes(serialization.Encoding.PEM))


def _builder(subject: x509.Name, issuer: x509.Name, *, days: int, now: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
    )


def _ends_soon(certificate: Path, *, now: datetime) -> bool:
    loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
    return loaded.not_valid_after_utc < now + RENEW_BEFORE


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(path, content)
