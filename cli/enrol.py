"""A gateway's own key and signing request; the key never leaves the gateway's folder."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class GatewayFolder:
    """Where one gateway keeps what it is."""

    path: Path

    @property
    def key(self) -> Path:
        return self.path / "private.pem.key"

    @property
    def certificate(self) -> Path:
        return self.path / "certificate.pem.crt"

    @property
    def bootstrap(self) -> Path:
        return self.path / "bootstrap.toml"

    def signing_request(self, name: str) -> str:
        """Make the key and answer a PEM signing request for it."""
        key = ec.generate_private_key(ec.SECP256R1())
        self.path.mkdir(parents=True, exist_ok=True)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        _write_private(self.key, pem)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
        return request.public_bytes(serialization.Encoding.PEM).decode()

    def write_bootstrap(
        self,
        *,
        endpoint: str,
        port: int,
        ca: Path,
        thing: str,
        tenant: str,
        site: str,
        write_key: str,
        template: str = "",
        shop_clock: Mapping[str, int] | None = None,
    ) -> None:
        """The TOML that holds all a gateway needs before it has met the cloud."""
        lines = {
            "endpoint": endpoint,
            "ca": str(ca),
            "cert": str(self.certificate),
            "key": str(self.key),
            "thing": thing,
            "tenant": tenant,
            "site": site,
            "data": str(self.path),
            "write_key": write_key,
            "template": template,
        }
        text = "".join(f'{name} = "{value}"\n' for name, value in lines.items())
        clock = "".join(f"{name} = {value}\n" for name, value in (shop_clock or {}).items())
        table = f"\n[shop_clock]\n{clock}" if clock else ""
        self.bootstrap.write_text(f"{text}port = {port}\n{table}")


def _write_private(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
