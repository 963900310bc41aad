"""The gateway's own certificate for signed and encrypted OPC UA: `python -m greengrass_components.opcua.certificate`.

Writes `opcua.der` and `opcua.pem` (the key, mode 0600) once into a folder on the gateway, for the source's settings
`security: {certificate, private_key}`. The server's owner then trusts `opcua.der` there. Never overwrites a key.
"""

import argparse
import asyncio
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from asyncua.crypto.cert_gen import setup_self_signed_certificate
from cryptography.x509.oid import ExtendedKeyUsageOID

from greengrass_components.opcua.driver.session import APPLICATION_URI


async def make_certificate(folder: Path, *, host: str, uri: str = APPLICATION_URI) -> tuple[Path, Path]:
    """(certificate, key); both stay as they are when they exist."""
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = folder / "opcua.der", folder / "opcua.pem"
    usages = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    earlier = os.umask(0o077)
    try:
        await setup_self_signed_certificate(key, certificate, uri, host, usages, {"commonName": "CNC Copilot gateway"})
    finally:
        os.umask(earlier)
    return certificate, key


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 2 when the folder cannot be written."""
    parser = argparse.ArgumentParser(prog="python -m greengrass_components.opcua.certificate")
    parser.add_argument("--out", type=Path, required=True, help="folder on the gateway")
    parser.add_argument("--host", default=socket.gethostname(), help="name of the gateway in the certificate")
    options = parser.parse_args(argv)
    try:
        certificate, key = asyncio.run(make_certificate(options.out, host=options.host))
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"certificate {certificate}\nprivate key {key}\nTrust the certificate on the OPC UA server.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
