"""A request with an `Idempotency-Key` is carried out at most once; asked again, it is answered as the first time.

Marks belong to (tenant, actor, route, key) and live a day. A refusal changed nothing and keeps no mark. What an attempt
that was cut off did nobody knows: it is told so, and never carried out a second time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple, Protocol, TypeAlias

from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller

KEPT = timedelta(hours=25)
#: Longer than any function behind HTTP may run: later than this an attempt will never end.
LONGEST_RUN = timedelta(seconds=30)
MOST_CHARACTERS = 255
#: Refusals, and a busy store that says that nothing was lost.
_WITHOUT_EFFECT = (*range(400, 500), 503)

Response: TypeAlias = dict[str, Any]


class Mark(NamedTuple):
    """Where a request is remembered; `secret` opens its answer and stands nowhere."""

    row: str
    secret: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """A mark as stored; `response` is None while the attempt runs, and for good when it was cut off."""

    fingerprint: str
    begun_at: datetime
    response: Response | None


class Marks(Protocol):
    """Marks of the tenant acted for."""

    def begin(self, mark: Mark, *, fingerprint: str, at: datetime, kept: timedelta) -> Held | None:
        """None: the mark is ours, nobody else's attempt began within `kept`."""

    def end(self, mark: Mark, response: Response) -> None: ...
    def forget(self, mark: Mark) -> None: ...


def mark_of(key: str, *, caller: Caller, route: str) -> Mark:
    """Raises CncError(request.invalid) for a key that no header should hold."""
    if not 0 < len(key) <= MOST_CHARACTERS or not key.isascii() or not key.isprintable():
        raise CncError(
            "request.invalid",
            seen=f"an Idempotency-Key of {len(key)} characters",
            expected=f"1 to {MOST_CHARACTERS} printable ASCII characters",
        )
    scope = "\n".join((caller.tenant, caller.kind, caller.subject, route, key)).encode("utf-8", "surrogatepass")
    return Mark(sha256(b"row\n" + scope).hexdigest(), sha256(b"secret\n" + scope).digest())


def once(
    mark: Mark, *, fingerprint: str, answer: Callable[[], Response], marks: Marks, now: Callable[[], datetime]
) -> tuple[Response, bool]:
    """The response, and whether it is that of an earlier attempt.

    Raises CncError: request.key_reused (another body), request.running or request.unfinished.
    """
    at = now()
    held = marks.begin(mark, fingerprint=fingerprint, at=at, kept=KEPT)
    if held is not None:
        return _earlier(held, fingerprint=fingerprint, at=at), True
    response = answer()
    if _status(response) in _WITHOUT_EFFECT:
        marks.forget(mark)
    else:
        marks.end(mark, response)
    return response, False


def _earlier(held: Held, *, fingerprint: str, at: datetime) -> Response:
    if held.fingerprint != fingerprint:
        raise CncError(
            "request.key_reused", expected="the request that the key came with first", todo="Take a new key."
        )
    if held.response is not None:
        return held.response
    if at - held.begun_at < LONGEST_RUN:
        raise CncError("request.running", todo="Wait a second and ask again with the same key.")
    raise CncError("request.unfinished", todo="Look what it did, and take a new key to do it again.")


def _status(response: Mapping[str, Any]) -> int:
    return int(response["statusCode"])
