"""Who listens there, if not who was thought: a web server or a TLS server says nothing to bytes it does not know.

Asked after a handshake that failed without telling, over connections of its own.
"""

import asyncio
import ssl
from contextlib import suppress
from typing import Final

from greengrass_components.edge_kit.diagnosis.stream import speaker

HTTP: Final = b"GET / HTTP/1.0\r\n\r\n"
MOST_BYTES: Final = 64
#: What OpenSSL says of a peer that speaks something else, or nothing.
NOT_TLS: Final = ("WRONG_VERSION_NUMBER", "UNEXPECTED_EOF_WHILE_READING", "RECORD_LAYER_FAILURE", "HTTP_REQUEST")


async def who_else(address: str, port: int, *, timeout_s: float) -> tuple[str, bytes]:
    """(who, first bytes), both empty when nobody known answers."""
    first = await _http(address, port, timeout_s)
    if speaker(first):
        return speaker(first), first
    if await _tls(address, port, timeout_s):
        return "a TLS server", b""
    return "", b""


async def _http(address: str, port: int, timeout_s: float) -> bytes:
    first = b""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection(address, port)
            try:
                writer.write(HTTP)
                first = await reader.read(MOST_BYTES)
            finally:
                writer.close()
    return first


async def _tls(address: str, port: int, timeout_s: float) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # nothing is said to it, only who it is
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(address, port, ssl=context)
    except ssl.SSLError as error:
        return bool(error.reason) and error.reason not in NOT_TLS
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
