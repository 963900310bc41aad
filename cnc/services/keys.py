"""API keys: made with no more than their maker holds, shown once, replaced with an overlap, revoked within seconds.

Only the SHA-256 of a key is kept. The directory is written last when a key begins and first when it ends: what lets
somebody in never stands without its entry of the audit log.
"""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Protocol

from cnc.domain.base.clock import to_ms
from cnc.domain.base.errors import BadValue, CncError
from cnc.domain.base.ids import check_id, new_id
from cnc.domain.identity.permissions import EVERYWHERE, SCOPES, Permission, permissions_of_scopes
from cnc.domain.rates.plans import plan_or_usual
from cnc.services.audit import Action, AuditLog, Effect
from cnc.services.caller import Caller, packed_grants
from cnc.services.shop import ApiKey, Site

USUAL_LIFE: Final = timedelta(days=365)
LONGEST_LIFE: Final = timedelta(days=730)
USUAL_OVERLAP: Final = timedelta(hours=24)
LONGEST_OVERLAP: Final = timedelta(days=7)
#: How long a revoked or ended key is still shown.
SHOWN_AFTER_END: Final = timedelta(days=90)
BYTES: Final = 32
SHOWN_CHARACTERS: Final = 4


class Shop(Protocol):
    """Rows of the tenant acted for."""

    def api_key(self, key: str, /) -> ApiKey | None: ...
    def api_keys(self) -> Sequence[ApiKey]: ...
    def putting_api_key(self, key: ApiKey, /) -> Effect: ...
    def site(self, site: str, /) -> Site | None: ...


class KeyDirectory(Protocol):
    """Where a key is turned into its tenant."""

    def add_api_key(self, key_hash: str, *, tenant: str, facts: Mapping[str, str]) -> None: ...
    def end_api_key(self, key_hash: str, *, ends_at: datetime) -> None: ...
    def remove_api_key(self, key_hash: str) -> None: ...


@dataclass(frozen=True, slots=True)
class KeyDesk:
    """What making and ending keys needs, for one tenant."""

    shop: Shop
    directory: KeyDirectory
    audit: AuditLog
    random: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Wish:
    """A key somebody wants. `sites` empty: the whole shop."""

    name: str
    scopes: tuple[str, ...]
    sites: tuple[str, ...] = ()
    life: timedelta = USUAL_LIFE


@dataclass(frozen=True, slots=True)
class MadeKey:
    """`secret` is shown once."""

    key: ApiKey
    secret: str = field(repr=False)


def keys_of(caller: Caller, *, desk: KeyDesk, now: datetime) -> list[ApiKey]:
    """Keys that live, newest first, then those that ended lately. Raises CncError `auth.forbidden`."""
    caller.require(Permission.KEY_MANAGE)
    shown = [key for key in desk.shop.api_keys() if now - (_ended_at(key) or now) < SHOWN_AFTER_END]
    return sorted(shown, key=lambda key: (not lives(key, now), -to_ms(key.created_at), key.id))


def lives(key: ApiKey, now: datetime) -> bool:
    """Whether anybody gets in with it."""
    ended = _ended_at(key)
    return ended is None or now < ended


def make_key(wish: Wish, *, by: Caller, desk: KeyDesk, now: datetime) -> MadeKey:
    """Raises CncError: auth.forbidden, key.beyond, key.too_many, site.not_found, value.out_of_range."""
    by.require(Permission.KEY_MANAGE)
    _check(wish)
    _check_held(wish, by)
    for site in wish.sites:
        if desk.shop.site(check_id("s", site)) is None:
            raise CncError("site.not_found", seen=site)
    most = plan_or_usual(by.plan).keys
    if sum(lives(key, now) for key in desk.shop.api_keys()) >= most:
        raise CncError("key.too_many", seen=f"{most} keys", expected=f"at most {most}", todo="Revoke one first.")
    return _made(wish, by=by, desk=desk, now=now, action="key.created", of="")


def rotate_key(
    key: str, *, by: Caller, desk: KeyDesk, now: datetime, overlap: timedelta = USUAL_OVERLAP
) -> tuple[MadeKey, ApiKey]:
    """A key like this one for the same length of life; the old one ends after the overlap.

    Raises CncError: auth.forbidden, key.not_found, key.ended, key.beyond, value.out_of_range.
    """
    by.require(Permission.KEY_MANAGE)
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise BadValue(seen=str(overlap), expected="an overlap of 0 to 7 days")
    held = _held(key, desk)
    if not lives(held, now):
        raise CncError("key.ended", seen=held.name, expected="a key that lives", todo="Make a new key.")
    life = min(held.ends_at - held.created_at, LONGEST_LIFE) if held.ends_at else USUAL_LIFE
    wish = Wish(held.name, held.scopes, held.sites, life)
    _check_held(wish, by)
    made = _made(wish, by=by, desk=desk, now=now, action="key.rotated", of=held.id)
    ends_at = min(now + overlap, held.ends_at or now + overlap)
    desk.directory.end_api_key(held.key_hash, ends_at=ends_at)
    old = held._replace(ends_at=ends_at)
    desk.audit.commit(_action(by, "key.superseded", held.id, now), [desk.shop.putting_api_key(old)])
    return made, old


def revoke_key(key: str, *, by: Caller, desk: KeyDesk, now: datetime) -> ApiKey:
    """End a key now; every process has noticed within 5 s. Raises CncError: auth.forbidden, key.not_found."""
    by.require(Permission.KEY_MANAGE)
    held = _held(key, desk)
    desk.directory.remove_api_key(held.key_hash)
    if held.revoked_at is not None:
        return held
    ended = held._replace(revoked_at=now)
    desk.audit.commit(_action(by, "key.revoked", held.id, now), [desk.shop.putting_api_key(ended)])
    return ended


def may_give(by: Caller) -> tuple[str, ...]:
    """Scopes that this person can give to a key, by name."""
    held = by.permissions
    return tuple(sorted(scope for scope in SCOPES if permissions_of_scopes((scope,)) - _OF_EVERY_KEY <= held))


#: Every key has these whatever its scopes: they say who it is, not what it may read.
_OF_EVERY_KEY: Final = permissions_of_scopes(())


def _made(wish: Wish, *, by: Caller, desk: KeyDesk, now: datetime, action: str, of: str) -> MadeKey:
    hint = re.sub(r"[^a-z0-9]", "", wish.scopes[0])[:24]
    secret = f"cnc_{hint}_{urlsafe_b64encode(desk.random(BYTES)).rstrip(b'=').decode()}"
    key = ApiKey(
        id=new_id("k", desk.random),
        name=wish.name.strip(),
        key_hash=sha256(secret.encode()).hexdigest(),
        scopes=wish.scopes,
        roles=(),
        created_at=now,
        ends_at=now + wish.life,
        prefix=secret[: len(f"cnc_{hint}_") + SHOWN_CHARACTERS],
        sites=wish.sites,
        created_by=by.subject,
    )
    desk.audit.commit(_action(by, action, of or key.id, now), [desk.shop.putting_api_key(key)])
    desk.directory.add_api_key(key.key_hash, tenant=by.tenant, facts=_facts(key))
    return MadeKey(key, secret)


def _facts(key: ApiKey) -> dict[str, str]:
    facts = {"key": key.id, "scopes": " ".join(key.scopes), "roles": ""}
    if key.ends_at is not None:
        facts["ends_at_ms"] = str(to_ms(key.ends_at))
    if key.sites:
        facts["grants"] = packed_grants(dict.fromkeys(key.sites, ()))
    return facts


def _check(wish: Wish) -> None:
    if not 1 <= len(wish.name.strip()) <= 100:
        raise BadValue(seen=wish.name, expected="a name of 1 to 100 characters")
    unknown = sorted(set(wish.scopes) - SCOPES.keys())
    if unknown or not wish.scopes or len(set(wish.scopes)) != len(wish.scopes):
        raise BadValue(seen=", ".join(unknown or wish.scopes), expected=f"each once, of {', '.join(SCOPES)}")
    if not timedelta(minutes=1) <= wish.life <= LONGEST_LIFE:
        raise BadValue(seen=str(wish.life), expected="a life of 1 minute to 730 days")
    if len(wish.sites) > 50 or len(set(wish.sites)) != len(wish.sites):
        raise BadValue(seen=f"{len(wish.sites)} sites", expected="at most 50, each once")


def _check_held(wish: Wish, by: Caller) -> None:
    """Nobody gives what they do not have, there where they have it."""
    wanted = permissions_of_scopes(wish.scopes) - _OF_EVERY_KEY
    for site in wish.sites or (EVERYWHERE,):
        beyond = wanted - by.permissions_at(site)
        if beyond:
            where = "" if site == EVERYWHERE else f" at {site}"
            raise CncError("key.beyond", seen=", ".join(sorted(beyond)) + where, expected="what you may do yourself")


def _held(key: str, desk: KeyDesk) -> ApiKey:
    held = desk.shop.api_key(check_id("k", key))
    if held is None:
        raise CncError("key.not_found", todo="Take the id from /v1/keys.")
    return held


def _ended_at(key: ApiKey) -> datetime | None:
    return min((at for at in (key.ends_at, key.revoked_at) if at is not None), default=None)


def _action(by: Caller, action: str, subject: str, now: datetime) -> Action:
    return Action(by.subject, action, subject, "done", to_ms(now))
