"""A second factor of a person: enrolled once, shown again for what is dangerous (RFC 6238)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Protocol

from cnc.domain.base.errors import CncError
from cnc.domain.identity.totp import matching_step, new_secret, provisioning_uri

ISSUER = "CNC Copilot"
RESETTERS = frozenset({"owner", "admin"})
#: Wrong codes in a row after which none is taken for `LOCK_S`: 5 guesses a day at 2 codes are right once in 270 years.
MOST_MISSES = 5
LOCK_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Factor:
    """`last_step` is the time step of the last code that was taken; 0 while `confirmed` is still open."""

    secret: bytes
    confirmed: bool = False
    last_step: int = 0
    misses: int = 0
    missed_s: int = 0


@dataclass(frozen=True, slots=True)
class HeldFactor:
    factor: Factor
    version: int


class Factors(Protocol):
    """Factors of people of the tenant acted for."""

    def get(self, user: str, /) -> HeldFactor | None: ...
    def put(self, user: str, factor: Factor, /, *, seen_version: int) -> bool:
        """False when somebody else stored another version."""
        ...

    def remove(self, user: str, /) -> None: ...


def enrol(user: str, *, account: str, factors: Factors, random: Callable[[int], bytes]) -> str:
    """The `otpauth://` address of a new secret. Raises CncError `change.state` when one is confirmed already."""
    held = factors.get(user)
    if held is not None and held.factor.confirmed:
        raise CncError(
            "change.state", seen="a second factor", expected="none yet", todo="Ask an owner or admin to take it away."
        )
    secret = new_secret(random)
    if not factors.put(user, Factor(secret), seen_version=held.version if held else 0):
        raise _busy()
    return provisioning_uri(secret, account=account, issuer=ISSUER)


def may_take_away(user: str, *, by: str, roles: Collection[str]) -> None:
    """The way back for who lost an authenticator or is locked out: by an owner or admin, never for themselves.

    Raises CncError `auth.forbidden`.
    """
    if not RESETTERS & set(roles) or by == user:
        seen = "oneself" if by == user else ", ".join(sorted(roles)) or "no role"
        raise CncError("auth.forbidden", seen=seen, expected=f"another person who is {' or '.join(sorted(RESETTERS))}")


def confirm(user: str, code: str, *, factors: Factors, now_s: int) -> None:
    """The first code of an enrolled secret. Raises CncError `change.second_factor`."""
    _take(user, code, factors=factors, now_s=now_s, confirming=True)


def show(user: str, code: str, *, factors: Factors, now_s: int) -> int:
    """Take a code, once; milliseconds of now. Raises CncError `change.second_factor`."""
    _take(user, code, factors=factors, now_s=now_s, confirming=False)
    return now_s * 1000


def _take(user: str, code: str, *, factors: Factors, now_s: int, confirming: bool) -> None:
    held = factors.get(user)
    if held is None or not (held.factor.confirmed or confirming):
        raise _refused("no second factor", "an authenticator that was set up", "Set one up under your account first.")
    factor = held.factor
    locked = factor.misses >= MOST_MISSES and now_s - factor.missed_s < LOCK_S
    if locked:
        raise _refused(
            "too many wrong codes",
            f"a pause of {LOCK_S // 3600} h",
            "Wait, or ask an owner or admin to take the factor away.",
        )
    step = matching_step(factor.secret, code, now_s=now_s, last_step=factor.last_step)
    if step is None:
        misses = 1 if factor.misses >= MOST_MISSES else factor.misses + 1
        if not factors.put(user, replace(factor, misses=misses, missed_s=now_s), seen_version=held.version):
            raise _busy()
        raise _refused("a code that does not fit", "the newest code of your authenticator", "A code counts once.")
    taken = replace(factor, confirmed=True, last_step=step, misses=0)
    if not factors.put(user, taken, seen_version=held.version):
        raise _busy()


def _refused(seen: str, expected: str, todo: str) -> CncError:
    return CncError("change.second_factor", seen=seen, expected=expected, todo=todo)


def _busy() -> CncError:
    return _refused("another request at the same time", "one request at a time", "Try again.")
