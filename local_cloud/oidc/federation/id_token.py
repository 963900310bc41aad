"""ID tokens of providers (OpenID Connect Core 3.1.3.7, RFC 8725): one algorithm per issuer, keys of its JWKS alone."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt

from local_cloud.oidc.federation.refusal import NotTaken

#: In the order in which we would have them; the first that the provider offers is the only one that is taken.
ALGORITHMS = ("RS256", "ES256", "PS256", "RS384", "RS512", "ES384", "EdDSA")
HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}
LEEWAY_S = 60
OLDEST_S = 600  # since it was issued: it comes straight from the token endpoint
MOST_TOKEN = 32 * 1024  # characters
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_SIGNATURE_ONLY: Any = {"verify_" + name: False for name in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}


@dataclass(frozen=True, slots=True)
class Expected:
    """What an ID token must say; `now` is epoch seconds."""

    issuer: str
    client_id: str
    nonce: str
    algorithm: str
    now: float


def algorithm_of(offered: Sequence[str]) -> str:
    """The one algorithm of an issuer. Raises NotTaken."""
    for name in ALGORITHMS:
        if name in offered:
            return name
    seen, wanted = ", ".join(map(str, offered))[:80], ", ".join(ALGORITHMS)
    raise NotTaken(f"the provider signs with {seen}, expected one of {wanted}")


def key_id(token: str, expected: Expected) -> str:
    """Which key the token names. Raises NotTaken."""
    header = _segment(token, 0)
    if header.get("alg") != expected.algorithm or "crit" in header:
        raise NotTaken(f"the token is signed with {header.get('alg')!r}, expected {expected.algorithm}")
    kid = header.get("kid", "")
    if not isinstance(kid, str) or len(kid) > 256:
        raise NotTaken("the token names no key")
    return kid


def key_of(keys: Sequence[Any], kid: str, algorithm: str) -> Any | None:
    """The key with this id, or the only fitting one for a token that names none; None when there is none."""
    fitting = []
    for entry in keys:
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig" or entry.get("alg", algorithm) != algorithm:
            continue
        if "d" in entry or entry.get("kty") == "oct" or (kid and entry.get("kid") != kid):
            continue
        try:
            fitting.append(jwt.PyJWK(entry, algorithm=algorithm).key)
        except (jwt.PyJWTError, ValueError):
            continue
    return fitting[0] if len(fitting) == 1 else None


def verify(token: str, key: Any, expected: Expected, *, access_token: str = "") -> dict[str, Any]:
    """The claims. Raises NotTaken."""
    claims = _segment(token, 1)
    if getattr(key, "key_size", 4096) < 2048 and expected.algorithm[:2] in ("RS", "PS"):
        raise NotTaken("the provider's key is shorter than 2048 bits")
    try:
        jwt.decode(token, key, algorithms=[expected.algorithm], options=_SIGNATURE_ONLY)
    except (jwt.PyJWTError, TypeError, ValueError) as error:
        raise NotTaken("the signature of the token does not fit") from error
    _check_parties(claims, expected)
    _check_times(claims, expected.now)
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), expected.nonce.encode()):
        raise NotTaken("the token was made for another sign-in (nonce)")
    if "at_hash" in claims and claims["at_hash"] != _half_hash(access_token, expected.algorithm):
        raise NotTaken("the token belongs to another access token (at_hash)")
    return claims


def _check_parties(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise NotTaken(f"the token is from {str(claims.get('iss'))[:100]!r}, expected {expected.issuer!r}")
    audience = claims.get("aud")
    several = audience if isinstance(audience, list) else [audience]
    if expected.client_id not in several:
        raise NotTaken("the token is for another application (aud)")
    if (len(several) > 1 or "azp" in claims) and claims.get("azp") != expected.client_id:
        raise NotTaken("the token is for another application (azp)")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
        raise NotTaken("the token names nobody (sub)")


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    times = {name: claims.get(name) for name in ("exp", "iat")}
    for name, value in times.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 10**11:
            raise NotTaken(f"the token has no {name}")
    if now > times["exp"] + LEEWAY_S:  # type: ignore[operator]
        raise NotTaken("the token has expired")
    if not now - OLDEST_S <= times["iat"] <= now + LEEWAY_S:  # type: ignore[operator]
        raise NotTaken("the token was not issued just now")
    if "nbf" in claims and not (isinstance(claims["nbf"], int | float) and claims["nbf"] <= now + LEEWAY_S):
        raise NotTaken("the token is not valid yet")


def _half_hash(text: str, algorithm: str) -> str:
    digest = HASHES.get(algorithm[-3:], hashlib.sha512)(text.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def _segment(token: str, number: int) -> dict[str, Any]:
    """Header (0) or claims (1), refused when a name stands in it twice."""
    segments = token.split(".")
    if len(token) > MOST_TOKEN or len(segments) != 3 or not all(map(_SEGMENT.fullmatch, segments)):
        raise NotTaken("the provider sent no signed token")
    text = segments[number]
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        raise NotTaken("the token cannot be read") from error
    if not isinstance(found, dict):
        raise NotTaken("the token holds no object")
    return found


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return names
