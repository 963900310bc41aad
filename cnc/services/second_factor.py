"""A second factor of a person: enrolled once, shown again for what is dangerous (RFC 6238)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from cnc.domain.base.errors import CncError
from cnc.domain.identity.permissions import EVERYWHERE, Permission
from cnc.domain.identity.totp import matching_step, new_secret, provisioning_uri
from cnc.services.audit import Effect
from cnc.services.caller import Caller

ISSUER = "CNC Copilot"
#: Wrong codes in a row after which none is taken for `LOCK_S`: 5 guesses a day at 2 codes are right once in 270 years.
MOST_MISSES = 5
LOCK_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Factor:
    """`last_step` is the time step of the last code that was taken; 0 while `confirmed` is still open.

    `pending` is the secret of another authenticator that is to replace this one. `recovery` are SHA-256 of recovery
    codes that were not used, `phone` takes codes by SMS, `phone_pending` waits for its first; `sms` is the one on its
    way: "<digest> <ends, epoch s>", and `sms_sent_s` when the last ones were sent.
    """

    secret: bytes
    confirmed: bool = False
    last_step: int = 0
    misses: int = 0
    missed_s: int = 0
    pending: bytes = b""
    recovery: frozenset[str] = frozenset()
    phone: str = ""
    phone_pending: str = ""
    sms: str = ""
    sms_sent_s: tuple[int, ...] = ()


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

    def removing(self, user: str, /) -> Effect: ...


def enrol(
    user: str, *, account: str, factors: Factors, random: Callable[[int], bytes], replace_it: bool = False
) -> str:
    """The `otpauth://` address of a new secret.

    With `replace_it` a confirmed authenticator stays the one that counts until the new one has shown a code.
    Raises CncError `change.state` when one is confirmed already and is not to be replaced.
    """
    held = factors.get(user)
    secret = new_secret(random)
    if held is None or not held.factor.confirmed:
        made = Factor(secret)
    elif replace_it:
        made = replace(held.factor, pending=secret)
    else:
        raise CncError(
            "change.state", seen="a second factor", expected="none yet", todo="Ask an owner or admin to take it away."
        )
    if not factors.put(user, made, seen_version=held.version if held else 0):
        raise busy()
    return provisioning_uri(secret, account=account, issuer=ISSUER)


def may_take_away(user: str, *, by: Caller) -> None:
    """The way back for who lost an authenticator or is locked out: by who manages people everywhere, never alone.

    Raises CncError `auth.forbidden`.
    """
    by.require(Permission.PEOPLE_MANAGE, EVERYWHERE)
    if by.subject == user:
        raise CncError("auth.forbidden", seen="oneself", expected="another person who manages people")


def confirm(user: str, code: str, *, factors: Factors, now_s: int) -> None:
    """The first code of an enrolled secret. Raises CncError `change.second_factor`."""
    _take(user, code, factors=factors, now_s=now_s, confirming=True)


def show(user: str, code: str, *, factors: Factors, now_s: int) -> int:
    """Take a code, once; milliseconds of now. Raises CncError `change.second_factor`."""
    _take(user, code, factors=factors, now_s=now_s, confirming=False)
    return now_s * 1000


def checked(held: HeldFactor | None, *, now_s: int, confirming: bool = False) -> HeldFactor:
    """A factor that may be shown now. Raises CncError `change.second_factor` for none, and while it is locked."""
    if held is None or not (held.factor.confirmed or confirming):
        raise refused("no second factor", "an authenticator that was set up", "Set one up under your account first.")
    factor = held.factor
    if factor.misses >= MOST_MISSES and now_s - factor.missed_s < LOCK_S:
        raise refused(
            "too many wrong codes",
            f"a pause of {LOCK_S // 3600} h",
            "Wait, use a recovery code, or ask an owner or admin to take the factor away.",
        )
    return held


def missed(user: str, held: HeldFactor, *, factors: Factors, now_s: int) -> CncError:
    """Count a wrong code, of whatever kind; the refusal to raise."""
    factor = held.factor
    misses = 1 if factor.misses >= MOST_MISSES else factor.misses + 1
    if not factors.put(user, replace(factor, misses=misses, missed_s=now_s), seen_version=held.version):
        return busy()
    return refused("a code that does not fit", "the newest code of your authenticator", "A code counts once.")


def _take(user: str, code: str, *, factors: Factors, now_s: int, confirming: bool) -> None:
    held = checked(factors.get(user), now_s=now_s, confirming=confirming)
    factor = held.factor
    replacing = confirming and bool(factor.pending)
    secret, last_step = (factor.pending, 0) if replacing else (factor.secret, factor.last_step)
    step = matching_step(secret, code, now_s=now_s, last_step=last_step)
    if step is None:
        raise missed(user, held, factors=factors, now_s=now_s)
    taken = replace(factor, secret=secret, confirmed=True, last_step=step, misses=0)
    if replacing:
        taken = replace(taken, pending=b"")
    if not factors.put(user, taken, seen_version=held.version):
        raise busy()


def refused(seen: str, expected: str, todo: str) -> CncError:
    """The one refusal of everything that is shown as a second factor."""
    return CncError("change.second_factor", seen=seen, expected=expected, todo=todo)


def busy() -> CncError:
    """Somebody else wrote the same factor meanwhile: of two at a time one counts."""
    return refused("another request at the same time", "one request at a time", "Try again.")
