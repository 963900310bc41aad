"""Codes by SMS, as a second channel beside an authenticator and never without one.

A number is a weak proof (it moves with a SIM card), so it is offered only to those who have an authenticator, and goes
with it. Each message costs money: there are caps per person, number and day.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest, digest
from typing import Protocol

from cnc.domain.base.errors import CncError
from cnc.services.second_factor import Factor, Factors, HeldFactor, busy, checked, missed, refused

LIFE_S = 10 * 60
MOST_A_DAY = 5
#: Between two messages to one person; the first may just be late.
PAUSE_S = 60
MOST_A_DAY_TO_A_NUMBER = 10
_DAY_S = 24 * 3600
_NUMBER = re.compile(r"\+[1-9][0-9]{7,14}", re.ASCII)  # E.164


class SmsRefused(Exception):
    """The carrier did not take the message; the text says why, without the number."""


class Sms(Protocol):
    """Sends one text. Raises SmsRefused."""

    def send(self, number: str, text: str, /) -> None: ...


class Tallies(Protocol):
    """Counters that end by themselves; across tenants, by names that tell nobody anything."""

    def count(self, name: str, /, *, now: datetime, window: timedelta) -> int:
        """One more; how many there are in the window of this length that `now` lies in."""
        ...


def add_phone(
    user: str,
    number: str,
    *,
    factors: Factors,
    sms: Sms,
    tallies: Tallies,
    random: Callable[[int], bytes],
    now: datetime,
) -> None:
    """Send the first code to a number; it takes codes once that was shown. Raises CncError."""
    if not _NUMBER.fullmatch(number):
        raise CncError("request.invalid", seen="another form", expected="a number such as +4915112345678")
    held = checked(factors.get(user), now_s=_s(now))
    wanted = HeldFactor(replace(held.factor, phone_pending=number), held.version)
    _send(user, number, wanted, factors=factors, sms=sms, tallies=tallies, random=random, now=now)


def confirm_phone(user: str, code: str, *, factors: Factors, now_s: int) -> None:
    """The first code of a number. Raises CncError `change.second_factor`."""
    held = checked(factors.get(user), now_s=now_s)
    if not held.factor.phone_pending:
        raise refused("no number that waits for a code", "a number that a code was sent to", "Enter the number first.")
    factor = _taken(user, code, held, factors=factors, now_s=now_s)
    if not factors.put(user, replace(factor, phone=factor.phone_pending, phone_pending=""), seen_version=held.version):
        raise busy()


def remove_phone(user: str, *, factors: Factors) -> None:
    """No more codes by SMS; one on its way counts no more."""
    held = factors.get(user)
    if held is None:
        return
    made = replace(held.factor, phone="", phone_pending="", sms="")
    if not factors.put(user, made, seen_version=held.version):
        raise busy()


def send_code(
    user: str, *, factors: Factors, sms: Sms, tallies: Tallies, random: Callable[[int], bytes], now: datetime
) -> None:
    """Send a code to the confirmed number. Raises CncError: change.second_factor, limit.rate or sms.refused."""
    held = checked(factors.get(user), now_s=_s(now))
    if not held.factor.phone:
        raise refused("no number", "a confirmed number", "Use your authenticator or a recovery code.")
    _send(user, held.factor.phone, held, factors=factors, sms=sms, tallies=tallies, random=random, now=now)


def use_sms_code(user: str, code: str, *, factors: Factors, now_s: int) -> None:
    """Take the code of a message, once. Raises CncError `change.second_factor`."""
    held = checked(factors.get(user), now_s=now_s)
    if not held.factor.phone:
        raise refused("no number", "a confirmed number", "Use your authenticator or a recovery code.")
    if not factors.put(user, _taken(user, code, held, factors=factors, now_s=now_s), seen_version=held.version):
        raise busy()


def masked(number: str) -> str:
    """As people know it again, and others do not: the country and the last three digits."""
    return f"{number[:3]}{'•' * max(0, len(number) - 6)}{number[-3:]}" if number else ""


def _send(
    user: str,
    number: str,
    held: HeldFactor,
    *,
    factors: Factors,
    sms: Sms,
    tallies: Tallies,
    random: Callable[[int], bytes],
    now: datetime,
) -> None:
    """Counted and stored before it is sent: a message that nobody counted cannot leave."""
    now_s = _s(now)
    recent = tuple(at for at in held.factor.sms_sent_s if now_s - at < _DAY_S)
    if len(recent) >= MOST_A_DAY or (recent and now_s - recent[-1] < PAUSE_S):
        expected = f"at most {MOST_A_DAY} messages in 24 h, {PAUSE_S} s apart"
        raise CncError("limit.rate", seen=f"{len(recent)} messages", expected=expected)
    name = f"sms#{sha256(number.encode()).hexdigest()}"
    if tallies.count(name, now=now, window=timedelta(days=1)) > MOST_A_DAY_TO_A_NUMBER:
        raise CncError("limit.rate", seen="many messages to this number", expected=f"{MOST_A_DAY_TO_A_NUMBER} in 24 h")
    code = str(int.from_bytes(random(8), "big") % 10**6).zfill(6)
    kept = f"{_digest(held.factor, number, code)} {now_s + LIFE_S}"
    made = replace(held.factor, sms=kept, sms_sent_s=(*recent, now_s))
    if not factors.put(user, made, seen_version=held.version):
        raise busy()
    try:
        sms.send(number, f"CNC Copilot: {code} is your code for the next {LIFE_S // 60} minutes. Tell it to nobody.")
    except SmsRefused as error:
        raise CncError("sms.refused", seen=str(error), todo="Use your authenticator or a recovery code.") from error


def _taken(user: str, code: str, held: HeldFactor, *, factors: Factors, now_s: int) -> Factor:
    """The factor without the code that was right. Raises CncError and counts a miss."""
    factor = held.factor
    number = factor.phone_pending or factor.phone
    kept, _, ends_s = factor.sms.partition(" ")
    fits = bool(kept) and now_s < int(ends_s) and compare_digest(kept, _digest(factor, number, code))
    if not fits:
        raise missed(user, held, factors=factors, now_s=now_s)
    return replace(factor, sms="", misses=0)


def _digest(factor: Factor, number: str, code: str) -> str:
    """Bound to number and secret: six digits alone would be found from any plain hash."""
    return digest(factor.secret, f"sms {number} {code}".encode("utf-8", "replace"), "sha256").hex()


def _s(now: datetime) -> int:
    return int(now.timestamp())
