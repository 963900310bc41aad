"""The order to write: one change, one machine, used once, for at most 60 seconds.

The text that is signed is the text that is checked: a gateway verifies the signature over the bytes it was given and
only then reads them.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from cnc.domain.base.errors import MalformedMessage
from cnc.domain.base.ids import check_id
from cnc.domain.programs.targets import Target, target_from, target_to

#: What an operator of the whole product stops: all machines of all tenants.
EVERYONE: Final = "everyone"
LIFE_MS: Final = 60_000
MOST_BYTES: Final = 8192
APPROVERS: Final = 2
NONCE_BYTES: Final = 16

_HEX32: Final = re.compile(r"[0-9a-f]{32}\Z")
_HEX64: Final = re.compile(r"[0-9a-f]{64}\Z")
_IDS: Final = {
    "id": "o", "tenant": "t", "site": "s", "thing": "g", "machine": "m", "source": "d", "change": "c",
}  # fmt: skip
_KEYS: Final = frozenset(
    {*_IDS, "v", "serial", "operation", "target", "sha256", "present_sha256", "approvers", "nonce"}
    | {"not_before_ms", "expires_ms"}
)

#: Whether a signature over these bytes is one of the stage's key.
Verify = Callable[[bytes, bytes], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Times are wall time, milliseconds UTC. `present_sha256` is "" when the target must not exist yet."""

    id: str
    tenant: str
    site: str
    thing: str
    machine: str
    source: str
    serial: str
    change: str
    operation: str
    target: Target
    sha256: str
    present_sha256: str
    approvers: tuple[str, str]
    nonce: str
    not_before_ms: int
    expires_ms: int

    def text(self) -> str:
        """What is signed: JSON with sorted keys."""
        body = {name: getattr(self, name) for name in self.__slots__}
        body |= {"v": 1, "target": target_to(self.target), "approvers": list(self.approvers)}
        return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


@dataclass(frozen=True, slots=True)
class Place:
    """What a gateway knows of itself and of the control it reads."""

    tenant: str
    site: str
    thing: str
    machine: str
    source: str
    serial: str


def read_order(text: bytes, signature: bytes, *, verify: Verify) -> Order:
    """The order in a signed text. Raises MalformedMessage, also when the signature is not the stage's."""
    if len(text) > MOST_BYTES:
        raise MalformedMessage(seen=f"{len(text)} bytes", expected=f"an order of at most {MOST_BYTES} bytes")
    if not verify(text, signature):
        raise MalformedMessage(seen="another signature", expected="an order signed with the write key of the stage")
    return _parse(text)


def reasons_against(order: Order, *, place: Place, now_ms: int) -> tuple[str, ...]:
    """Why this gateway must not carry the order out now; empty when it may. `now_ms` is wall time."""
    reasons = [
        f"{name} is {getattr(order, name)!r}; here it is {getattr(place, name)!r}."
        for name in Place.__slots__
        if getattr(order, name) != getattr(place, name)
    ]
    if now_ms < order.not_before_ms:
        reasons.append(f"The order begins in {order.not_before_ms - now_ms} ms.")
    if now_ms >= order.expires_ms:
        reasons.append(f"The order expired {now_ms - order.expires_ms} ms ago.")
    return tuple(reasons)


def _parse(text: bytes) -> Order:
    try:
        body: Any = json.loads(text)
    except ValueError as error:
        raise MalformedMessage(seen=str(error)[:80], expected="JSON") from error
    except RecursionError as error:
        raise MalformedMessage(seen="nested too deep", expected="JSON") from error
    if not isinstance(body, dict) or body.keys() != _KEYS or body["v"] != 1:
        raise MalformedMessage(seen=str(body)[:80], expected=f"an order with {', '.join(sorted(_KEYS))}")
    for name, letter in _IDS.items():
        check_id(letter, body[name])
    begins, ends = body["not_before_ms"], body["expires_ms"]
    approvers = body["approvers"]
    _want(_is_ms(begins) and _is_ms(ends) and 0 < ends - begins <= LIFE_MS, "times", f"a life of at most {LIFE_MS} ms")
    _want(isinstance(approvers, list) and len(approvers) == APPROVERS, "approvers", "two people")
    for person in approvers:
        check_id("u", person)
    _want(approvers[0] != approvers[1], "approvers", "two different people")
    _want(_is(_HEX32, body["nonce"]), "nonce", "32 hex digits")
    _want(_is(_HEX64, body["sha256"]), "sha256", "64 hex digits")
    _want(
        body["present_sha256"] == "" or _is(_HEX64, body["present_sha256"]), "present_sha256", "64 hex digits or none"
    )
    _want(isinstance(body["serial"], str) and 0 < len(body["serial"]) <= 64, "serial", "1 to 64 characters")
    made = {name: body[name] for name in _KEYS - {"v", "target", "approvers"}}
    target = target_from(body["operation"], body["target"])
    return Order(target=target, approvers=(approvers[0], approvers[1]), **made)


def _want(sound: bool, name: str, expected: str) -> None:
    if not sound:
        raise MalformedMessage(seen=name, expected=expected)


def _is(form: re.Pattern[str], given: Any) -> bool:
    return isinstance(given, str) and form.match(given) is not None


def _is_ms(given: Any) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and given >= 0
