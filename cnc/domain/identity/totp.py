"""Time-based one-time codes (RFC 6238: HMAC-SHA-1, 30 s, 6 digits), as every authenticator app makes them."""

import hmac
from base64 import b32encode
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

STEP_S: Final = 30
DIGITS: Final = 6
SECRET_BYTES: Final = 20
#: A code may have been read just before its step ended (RFC 6238, 5.2); none is taken before its step begins.
_LATE_STEPS: Final = 1


def new_secret(random: Callable[[int], bytes]) -> bytes:
    """20 unpredictable bytes; `random` is `secrets.token_bytes`."""
    return random(SECRET_BYTES)


def code(secret: bytes, *, step: int) -> str:
    """The six digits of time step `step` (RFC 4226, 5.3)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 15
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def matching_step(secret: bytes, given: str, *, now_s: int, last_step: int) -> int | None:
    """The step `given` is the code of, or None. Steps up to `last_step` were used and never match again."""
    now = now_s // STEP_S
    found = None
    for step in range(now - _LATE_STEPS, now + 1):
        same = hmac.compare_digest(code(secret, step=step).encode(), given.encode())
        if same and step > last_step:
            found = step
    return found


def provisioning_uri(secret: bytes, *, account: str, issuer: str) -> str:
    """The `otpauth://` address an authenticator reads from a QR code."""
    label = f"{quote(issuer)}:{quote(account)}"
    return f"otpauth://totp/{label}?secret={b32encode(secret).decode().rstrip('=')}&issuer={quote(issuer)}"
