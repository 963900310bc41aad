"""Recovery codes: ten that stand in for a lost authenticator, each once.

A code has 120 random bits (ASVS 5.0, 6.5.2 asks 112), so a plain SHA-256 keeps it: nobody guesses through that.
"""

from base64 import b32encode
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from hmac import compare_digest

from cnc.services.second_factor import Factors, busy, checked, refused

CODES = 10
CODE_BYTES = 15
_GROUP = 4


def make_codes(user: str, *, factors: Factors, random: Callable[[int], bytes]) -> list[str]:
    """Ten new codes in place of all earlier ones, shown this once. Raises CncError `change.second_factor`."""
    held = factors.get(user)
    if held is None or not held.factor.confirmed:
        raise refused("no second factor", "an authenticator that was set up", "Set one up first.")
    codes = [b32encode(random(CODE_BYTES)).decode() for _ in range(CODES)]
    made = replace(held.factor, recovery=frozenset(map(_digest, codes)))
    if not factors.put(user, made, seen_version=held.version):
        raise busy()
    return [_grouped(code) for code in codes]


def use_code(user: str, given: str, *, factors: Factors, now_s: int) -> int:
    """Take a code, once; how many are left. Raises CncError `change.second_factor`.

    It works while the authenticator is locked, and ends the lock: it is the way back.
    """
    held = factors.get(user)
    if held is None or not held.factor.confirmed:
        checked(held, now_s=now_s)
        raise busy()
    digest = _digest("".join(given.split()).replace("-", "").upper())
    found = [kept for kept in held.factor.recovery if compare_digest(kept, digest)]
    if not found:
        raise refused("a code that does not fit", "one of your recovery codes that was not used", "Each counts once.")
    left = held.factor.recovery - {digest}
    if not factors.put(user, replace(held.factor, recovery=left, misses=0), seen_version=held.version):
        raise busy()
    return len(left)


def _digest(code: str) -> str:
    return sha256(code.encode("utf-8", "replace")).hexdigest()


def _grouped(code: str) -> str:
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))
