"""Credentials that nobody knows: how many of them one address may have looked up, and how many lines they are worth.

A wrong API key costs a read of the directory. Ten thousand of them from one address are guesses, and guesses get no
reads. Keys that were good lately are looked up whatever their neighbours behind the same address do.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Final

from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller
from cnc.services.rates import RateLimited

#: Look-ups of unknown keys that an address has at once, and how fast they come back.
AT_ONCE: Final = 30
PER_S: Final = 1.0
MOST_ADDRESSES: Final = 10_000
MOST_KNOWN: Final = 5_000
_V6_NETWORK_BYTES: Final = 8  # one subscriber has all addresses of a /64


@dataclass(slots=True)
class Strangers:
    """One per process."""

    _left: OrderedDict[bytes, tuple[float, datetime]] = field(default_factory=OrderedDict)
    _known: OrderedDict[bytes, None] = field(default_factory=OrderedDict)

    def checked(self, header: str, *, address: str, now: datetime, verify: Callable[[], Caller]) -> Caller:
        """What `verify` answers. Raises what it raises, and RateLimited instead of asking it for one guess too many."""
        credential = sha256(header.encode("utf-8", "surrogateescape")).digest()
        whose = _whose(address)
        if credential not in self._known:
            self._take(whose, now)
        try:
            caller = verify()
        except CncError as error:
            self._known.pop(credential, None)
            if error.code != "auth.invalid":
                self._give_back(whose, now)
            raise
        if credential not in self._known:
            self._give_back(whose, now)
        self._known[credential] = None
        self._known.move_to_end(credential)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return caller

    def _take(self, whose: bytes, now: datetime) -> None:
        left = self._left_of(whose, now)
        if left < 1:
            raise RateLimited(
                "address",
                seen="many keys that do not exist",
                expected="a key that does",
                retry_after_s=max(1, ceil((1 - left) / PER_S)),
            )
        self._set(whose, left - 1, now)

    def _give_back(self, whose: bytes, now: datetime) -> None:
        self._set(whose, min(AT_ONCE, self._left_of(whose, now) + 1), now)

    def _left_of(self, whose: bytes, now: datetime) -> float:
        left, at = self._left.get(whose, (float(AT_ONCE), now))
        return min(float(AT_ONCE), left + max(0.0, (now - at).total_seconds()) * PER_S)

    def _set(self, whose: bytes, left: float, now: datetime) -> None:
        self._left[whose] = (left, now)
        self._left.move_to_end(whose)
        if len(self._left) > MOST_ADDRESSES:
            self._left.popitem(last=False)


@dataclass(slots=True)
class Sparing:
    """So many lines of one kind in a period, and then one that says how many were left out."""

    most: int = 20
    period: timedelta = timedelta(minutes=1)
    _kinds: dict[str, tuple[datetime, int]] = field(default_factory=dict)

    def left_out(self, kind: str, *, now: datetime) -> int | None:
        """None: leave this line out. Else write it; the number says how many were left out before it."""
        began, count = self._kinds.get(kind, (now, 0))
        if now - began >= self.period:
            self._kinds[kind] = (now, 1)
            return max(0, count - self.most)
        self._kinds[kind] = (began, count + 1)
        return 0 if count < self.most else None


def _whose(address: str) -> bytes:
    try:
        parsed = ip_address(address)
    except ValueError:
        return b""
    return parsed.packed[:_V6_NETWORK_BYTES] if isinstance(parsed, IPv6Address) else parsed.packed
