"""From the text of a credential to the caller it proves: access tokens of our pool, and API keys.

A token says who someone is; which tenant that person works for is a row of the directory, never a claim.
"""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol

import jwt

from cnc.domain.base.clock import from_ms
from cnc.domain.base.errors import CncError
from cnc.domain.identity.permissions import Role
from cnc.domain.identity.sso import Rule, provider_of
from cnc.services.caller import ACTIVE, NEWCOMER, SCREEN, STOPPED, Caller, unpacked_grants
from cnc.services.membership import Membership, memberships_of
from cnc.services.sessions import KIOSK, UNKNOWN, Session, SessionRows, Visit, enter, living

LEEWAY = timedelta(seconds=30)
LONGEST_TOKEN = timedelta(hours=24)
MAX_CREDENTIAL = 8192  # characters

_API_KEY = re.compile(r"cnc_[a-z0-9]{1,24}_[A-Za-z0-9_-]{43}", re.ASCII)
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


class Row(Protocol):
    """What the directory knows about one credential."""

    @property
    def tenant(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, str]: ...


class Memberships(Protocol):
    """The directory: which tenants a person or a key belongs to, and how those stand."""

    def user(self, *, issuer: str, subject: str) -> Row | None: ...
    def api_key(self, key_hash: str, /) -> Row | None: ...
    def tenant(self, tenant: str, /) -> Row | None: ...
    def provider(self, provider: str, /) -> Row | None: ...


class IssuerKeys(Protocol):
    """Public keys of the one issuer that is trusted; None for a key id it does not publish."""

    @property
    def issuer(self) -> str: ...
    def key(self, kid: str, /, *, now: datetime) -> Any | None: ...


@dataclass(frozen=True, slots=True)
class Gate:
    """Everything that verifying a credential needs; one per process."""

    keys: IssuerKeys
    client_ids: frozenset[str]
    memberships: Memberships
    sessions: SessionRows


def caller_of(header: str | None, *, gate: Gate, now: datetime, visit: Visit = UNKNOWN) -> Caller:
    """The caller behind an `Authorization` header; `visit` is what a session that begins here is known by.

    Raises CncError: auth.missing, auth.expired, auth.ended, or auth.invalid for every other reason alike.
    """
    scheme, _, credential = (header or "").strip().partition(" ")
    credential = credential.strip()
    if not scheme or not credential:
        raise CncError("auth.missing", expected="Authorization: Bearer <access token or API key>")
    if scheme.lower() != "bearer" or len(credential) > MAX_CREDENTIAL:
        raise _invalid("a header that is no bearer credential")
    if _API_KEY.fullmatch(credential):
        return _caller_of_key(credential, gate=gate, now=now)
    return _caller_of_token(credential, gate=gate, now=now, visit=visit)


def names_a_key(header: str | None) -> bool:
    """Whether an `Authorization` header brings something of the form of an API key, which costs a look-up."""
    return header is not None and _API_KEY.fullmatch(header.strip().partition(" ")[2].strip()) is not None


def key_hash(key: str) -> str:
    """Under which an API key is stored; the key itself is shown once and kept nowhere."""
    return sha256(key.encode("ascii")).hexdigest()


def _caller_of_key(key: str, *, gate: Gate, now: datetime) -> Caller:
    hashed = key_hash(key)
    row = gate.memberships.api_key(hashed)
    if row is None:
        raise _invalid("an API key that does not exist")
    ends_at_ms = row.facts.get("ends_at_ms", "")
    ends_at = from_ms(int(ends_at_ms)) if ends_at_ms else None
    if ends_at is not None and now >= ends_at:
        raise CncError("auth.expired", todo="Make a new API key.")
    if row.facts.get("session"):
        return _caller_of_screen(row, ends_at, gate=gate, now=now)
    tenant = _tenant(row.tenant, gate)
    return Caller(
        tenant=row.tenant,
        subject=row.facts.get("key", "key"),
        kind="key",
        roles=tuple(filter(None, row.facts.get("roles", "").split(","))),
        scopes=frozenset(re.split(r"[ ,]+", row.facts.get("scopes", "").strip())),
        ends_at=ends_at,
        grants=unpacked_grants(row.facts["grants"]) if row.facts.get("grants") else {},
        status=_status(tenant, "keys"),
        plan=tenant.get("plan", ""),
        login=hashed,
    )


def _caller_of_screen(row: Row, ends_at: datetime | None, *, gate: Gate, now: datetime) -> Caller:
    """A screen on the wall: its token says which, its session whether and where it may still look."""
    session = gate.sessions.get(row.facts["session"])
    if session is None or session.kind != KIOSK or session.tenant != row.tenant:
        raise _invalid("a token of a screen that does not exist")
    living(session, rows=gate.sessions, now=now)
    tenant = _tenant(session.tenant, gate)
    return Caller(
        tenant=session.tenant,
        subject=session.facts["screen"],
        kind=SCREEN,
        ends_at=ends_at,
        grants={session.facts["site"]: (Role.VIEWER,)},
        session=session.id,
        status=_status(tenant, "keys"),
        plan=tenant.get("plan", ""),
    )


def _caller_of_token(token: str, *, gate: Gate, now: datetime, visit: Visit) -> Caller:
    claims = verify_access_token(token, gate=gate, now=now)
    issuer, subject, ends_at = gate.keys.issuer, claims["sub"], from_ms(claims["exp"] * 1000)
    row = gate.memberships.user(issuer=issuer, subject=subject)
    provider = provider_of(str(claims.get("username", "")))
    valid = [one for one in memberships_of(row) if not one.ended(now)]
    if provider:
        owner = gate.memberships.provider(provider)
        if owner is None:
            raise _invalid("a sign-in provider that does not exist")
        # A company's provider vouches for that company alone.
        valid = [one for one in valid if one.tenant == owner.tenant]
    first = valid[0].tenant if valid else ""
    session = enter(claims, tenant=first, visit=visit, rows=gate.sessions, now=now)
    if not valid:
        newcomer = Caller("", subject, NEWCOMER, ends_at=ends_at, issuer=issuer, login=subject, session=session.id)
        return replace(newcomer, provider=provider)
    found, tenant = _entered(valid, session.tenant, provider=provider, gate=gate)
    session = replace(session, tenant=found.tenant)
    return Caller(
        tenant=found.tenant,
        subject=found.user or subject,
        kind="user",
        ends_at=ends_at if found.ends_at is None else min(ends_at, found.ends_at),
        grants=found.grants,
        session=session.id,
        factor_at=session.factor_at,
        factor_due=_factor_due(session, tenant),
        status=_status(tenant, "people"),
        plan=tenant.get("plan", ""),
        issuer=issuer,
        login=subject,
        provider=provider,
    )


def _entered(
    valid: Sequence[Membership], active: str, *, provider: str, gate: Gate
) -> tuple[Membership, Mapping[str, str]]:
    """The membership that this sign-in is good for, the active one if possible, and the facts of its tenant.

    Raises CncError `sso.required` when each is of a company whose people come through its own provider.
    """
    for held in sorted(valid, key=lambda one: one.tenant != active):
        tenant = _tenant(held.tenant, gate)
        rule = Rule.of_text(tenant.get("sso", ""))
        if rule is None or rule.admits(provider=provider, user=held.user, domain=held.domain):
            return held, tenant
    raise CncError("sso.required", todo="Sign in with your company's account.")


def _factor_due(session: Session, tenant: Mapping[str, str]) -> bool:
    """Who has a second factor shows it in each session, and so does everybody where the tenant asks for it."""
    return session.factor_at is None and (session.has_factor or tenant.get("require_factor") == "1")


def _tenant(tenant: str, gate: Gate) -> Mapping[str, str]:
    row = gate.memberships.tenant(tenant)
    return row.facts if row else {}


def _status(tenant: Mapping[str, str], who: str) -> str:
    """How the tenant stands; `off` of its row is the switch for one kind of caller, or for `all`."""
    return STOPPED if tenant.get("off", "") in (who, "all") else tenant.get("status", ACTIVE)


def verify_access_token(token: str, *, gate: Gate, now: datetime) -> dict[str, Any]:
    """Claims of a token that our pool issued to our client for an API. Raises CncError."""
    header = _json_segment(token, 0)
    claims = _json_segment(token, 1)
    if header.get("alg") != "RS256" or "crit" in header:
        raise _invalid("another algorithm than RS256")
    kid = header.get("kid")
    key = gate.keys.key(kid, now=now) if isinstance(kid, str) and 0 < len(kid) <= 128 else None
    if key is None:
        raise _invalid("a key id that the issuer does not publish")
    try:
        jwt.decode(token, key=key, algorithms=["RS256"], options=_SIGNATURE_ONLY)
    except jwt.PyJWTError as error:
        raise _invalid("a signature that does not fit") from error
    _check_purpose(claims, gate)
    _check_times(claims, now)
    return claims


#: Claims are checked here, against the time that is passed in, and on the text that was checked for duplicates.
_SIGNATURE_ONLY: Any = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


def _check_purpose(claims: Mapping[str, Any], gate: Gate) -> None:
    if claims.get("iss") != gate.keys.issuer:
        raise _invalid("another issuer")
    if claims.get("token_use") != "access":
        raise _invalid("a token that is no access token")
    client = claims.get("client_id")
    if not isinstance(client, str) or client not in gate.client_ids:
        raise _invalid("a token for another client")
    audience = claims.get("aud", client)
    named = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(one, str) and one in gate.client_ids for one in named):
        raise _invalid("a token for another audience")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 256 or "#" in subject:
        raise _invalid("a token without a subject")


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    issued, ends = _instant(claims, "iat"), _instant(claims, "exp")
    if issued > now + LEEWAY or (ends - issued) > LONGEST_TOKEN:
        raise _invalid("a token with impossible times")
    if "nbf" in claims and _instant(claims, "nbf") > now + LEEWAY:
        raise _invalid("a token that is not valid yet")
    if now > ends + LEEWAY:
        raise CncError("auth.expired", todo="Sign in again.")


def _instant(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**11:
        raise _invalid(f"a token without {name}")
    return from_ms(value * 1000)


def _json_segment(token: str, number: int) -> dict[str, Any]:
    """Header (0) or claims (1) of a compact token, refused when a name stands in it twice."""
    segments = token.split(".")
    if len(segments) != 3 or not all(_SEGMENT.fullmatch(segment) for segment in segments):
        raise _invalid("no token of three parts")
    text = segments[number]
    try:
        parsed = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)), object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        raise _invalid("a token that cannot be read") from error
    if not isinstance(parsed, dict):
        raise _invalid("a token that holds no object")
    return parsed


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return names


def _invalid(why: str) -> CncError:
    """The caller learns nothing of `why`; it travels as the cause, for the log of the function."""
    error = CncError("auth.invalid", todo="Sign in again or use another API key.")
    error.__cause__ = PermissionError(why)
    return error
