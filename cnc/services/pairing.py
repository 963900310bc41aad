"""Screens on the wall: paired by a code, read-only, for the boards of one site, until somebody takes them away.

    screen                          here                                  somebody who may pair
    asks                ->   a code to show, a secret in a cookie
    shows code and QR                                           <-  code, site, name
    asks for a token    ->   short-lived, held in memory

The secret is 256 random bits that no script of the page sees; the row of the screen is found by its hash. A code is
worth nothing to who guesses it from the screen's side, since the secret stays with the screen that asked.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from cnc.domain.audit.entry import Action
from cnc.domain.base.clock import to_ms
from cnc.domain.base.errors import CncError
from cnc.domain.base.ids import new_id
from cnc.domain.identity.permissions import Permission
from cnc.services.audit import AuditLog, note, refusals_noted
from cnc.services.caller import Caller
from cnc.services.sessions import KIOSK, Session, SessionRows, Visit, living
from cnc.services.sms import Tallies

#: No vowels, so that no code is a word; 20 letters: 64 million codes of six.
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH = 6
LIFE = timedelta(minutes=10)
SECRET_BYTES = 32
TOKEN_LIFE = timedelta(hours=1)
#: Codes that one address may ask for, and codes that one person may try, in ten minutes.
MOST_ASKED, MOST_TRIED = 20, 20
MOST_TOKENS_AN_HOUR = 120
#: A screen that asks with the wrong letters must not be told from one that never asked.
_TODO = "Read the code on the screen again; it changes every ten minutes."


@dataclass(frozen=True, slots=True)
class Pairing:
    """A screen that shows a code. `screen` is the hash of its secret."""

    screen: str
    visit: Visit
    asked_ms: int
    approved: bool = False


@dataclass(frozen=True, slots=True)
class Screen:
    """A paired screen of the tenant acted for: `id` is `k_…`, `session` the row that lets it in."""

    id: str
    name: str
    site: str
    session: str
    paired_by: str
    paired_ms: int
    device: str = ""
    address: str = ""


class Pairings(Protocol):
    """Codes that are shown now, and the tokens of screens; rows of the directory that end by themselves."""

    def ask(self, code_hash: str, pairing: Pairing, /, *, now: datetime, ends_at: datetime) -> bool:
        """False when the code is shown by another screen."""
        ...

    def shown(self, code_hash: str, /, *, now: datetime) -> Pairing | None: ...
    def approve(self, code_hash: str, /, *, now: datetime) -> bool:
        """The first one gets it, while it is shown."""
        ...

    def add_token(self, token_hash: str, /, *, tenant: str, screen: str, session: str, ends_at: datetime) -> None: ...


class Screens(Protocol):
    """Rows of the tenant acted for."""

    def put(self, screen: Screen, /) -> None: ...
    def get(self, screen: str, /) -> Screen | None: ...
    def all(self) -> Sequence[Screen]: ...
    def remove(self, screen: str, /) -> None: ...


class Sites(Protocol):
    def site(self, site: str, /) -> object | None: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What a new screen gets: the code to show, and the secret for its cookie."""

    code: str
    secret: str = field(repr=False)
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """Opens the boards until it ends. `text` is stored as its hash."""

    text: str = field(repr=False)
    ends_at: datetime


def ask(
    *, visit: Visit, source: str, pairings: Pairings, tallies: Tallies, random: Callable[[int], bytes], now: datetime
) -> Asked:
    """A code and a secret for a screen that nobody knows yet. `source` is its address, for the limit alone.

    Raises CncError `limit.rate`.
    """
    if tallies.count(f"pair#{_hash(source)}", now=now, window=LIFE) > MOST_ASKED:
        raise CncError("limit.rate", seen="many screens from one address", expected=f"at most {MOST_ASKED} in 10 min")
    secret = _text(random)
    pairing = Pairing(_hash(secret), visit, to_ms(now))
    for _ in range(10):
        code = _code(random)
        if pairings.ask(_hash(code), pairing, now=now, ends_at=now + LIFE):
            return Asked(code, secret, now + LIFE)
    raise CncError("limit.rate", seen="no free code", expected="fewer screens that wait")


def look(code: str, *, caller: Caller, pairings: Pairings, tallies: Tallies, now: datetime) -> Pairing:
    """The screen that shows this code, so that who approves sees which one it is.

    Raises CncError: auth.forbidden, limit.rate or pairing.not_found.
    """
    caller.require(Permission.KIOSK_PAIR)
    tried = tallies.count(f"try#{caller.tenant}#{caller.subject}", now=now, window=LIFE)
    if tried > MOST_TRIED:
        raise CncError("limit.rate", seen=f"{tried} codes", expected=f"at most {MOST_TRIED} in 10 min")
    found = pairings.shown(_hash(_plain(code)), now=now)
    if found is None or found.approved:
        raise CncError("pairing.not_found", todo=_TODO)
    return found


def approve(
    code: str,
    *,
    site: str,
    name: str,
    caller: Caller,
    pairings: Pairings,
    screens: Screens,
    sites: Sites,
    sessions: SessionRows,
    tallies: Tallies,
    audit: AuditLog,
    random: Callable[[int], bytes],
    now: datetime,
) -> Screen:
    """Let the screen in that shows this code, for one site. The screen comes to life last.

    Raises CncError: auth.forbidden, limit.rate, pairing.not_found or site.not_found.
    """
    action = Action(caller.subject, "screen.pair", site, "done", to_ms(now))
    with refusals_noted(action, log=audit):
        if not caller.sees(site) or sites.site(site) is None:
            raise CncError("site.not_found", todo="Take the id from the list of sites.")
        caller.require(Permission.KIOSK_PAIR, site)
        found = look(code, caller=caller, pairings=pairings, tallies=tallies, now=now)
        if not pairings.approve(_hash(_plain(code)), now=now):
            raise CncError("pairing.not_found", todo=_TODO)
    screen = Screen(
        new_id("k", random),
        name,
        site,
        found.screen,
        caller.subject,
        to_ms(now),
        device=found.visit.device,
        address=found.visit.address,
    )
    note(Action(caller.subject, "screen.pair", screen.id, "done", to_ms(now)), log=audit)
    screens.put(screen)
    sessions.add(_session(screen, tenant=caller.tenant))
    return screen


def token(
    secret: str,
    *,
    pairings: Pairings,
    sessions: SessionRows,
    tallies: Tallies,
    random: Callable[[int], bytes],
    now: datetime,
) -> Token | None:
    """A token for the screen of this secret; None while nobody has let it in.

    Raises CncError: `auth.ended` for a screen that was taken away, `limit.rate`.
    """
    session = sessions.get(_hash(secret))
    if session is None or session.kind != KIOSK:
        return None
    living(session, rows=sessions, now=now)
    if tallies.count(f"screen#{session.id}", now=now, window=TOKEN_LIFE) > MOST_TOKENS_AN_HOUR:
        raise CncError("limit.rate", seen="many tokens", expected=f"at most {MOST_TOKENS_AN_HOUR} an hour")
    text, ends_at = f"cnc_screen_{_text(random)}", now + TOKEN_LIFE
    pairings.add_token(
        _hash(text), tenant=session.tenant, screen=session.facts["screen"], session=session.id, ends_at=ends_at
    )
    return Token(text, ends_at)


def take_away(
    screen: str, *, caller: Caller, screens: Screens, sessions: SessionRows, audit: AuditLog, now: datetime
) -> Session | None:
    """End a screen; its session as it was, with the connections to close. Raises CncError `kiosk.not_found`."""
    found = screens.get(screen)
    if found is None or not caller.sees(found.site):
        raise CncError("kiosk.not_found", todo="Take the id from the list of screens.")
    action = Action(caller.subject, "screen.take_away", screen, "done", to_ms(now))
    with refusals_noted(action, log=audit):
        caller.require(Permission.KIOSK_PAIR, found.site)
    note(action, log=audit)
    ended = sessions.end(found.session, now_ms=to_ms(now))
    screens.remove(screen)
    return ended


def _session(screen: Screen, *, tenant: str) -> Session:
    return Session(
        id=screen.session,
        tenant=tenant,
        issuer="",
        subject="",
        auth_ms=screen.paired_ms,
        created_ms=screen.paired_ms,
        seen_ms=screen.paired_ms,
        kind=KIOSK,
        device=screen.device,
        address=screen.address,
        facts={"screen": screen.id, "site": screen.site},
    )


def _code(random: Callable[[int], bytes]) -> str:
    """Every letter equally likely: bytes from 240 on would favour the first ones."""
    letters = ""
    while len(letters) < LENGTH:
        letters += "".join(LETTERS[byte % len(LETTERS)] for byte in random(LENGTH) if byte < 240)
    return letters[:LENGTH]


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").upper()


def _text(random: Callable[[int], bytes]) -> str:
    return urlsafe_b64encode(random(SECRET_BYTES)).rstrip(b"=").decode()


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()
