"""Which access token this front takes for one of its own: as strict as who reads its tokens elsewhere has to be.

RFC 8725 and RFC 9068: the algorithm and the key are ours and never the token's choice, a name that stands twice is
refused, times are whole seconds, and a token of another purpose, client or pool is none.
"""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Collection
from typing import Any

import jwt

from local_cloud.oidc.keys import SigningKey

LONGEST = 8192
LEEWAY_S = 30
LONGEST_LIFE_S = 86_400
_PART = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


class NoToken(ValueError):
    """Not an access token of ours that still lives; the text is for the log."""


def claims_of(token: str, *, key: SigningKey, issuer: str, clients: Collection[str], now_s: float) -> dict[str, Any]:
    """The claims. Raises NoToken."""
    parts = token.split(".")
    if len(token) > LONGEST or len(parts) != 3 or not all(_PART.fullmatch(part) for part in parts):
        raise NoToken("no token of three parts")
    header, claims = _object(parts[0]), _object(parts[1])
    if header.get("alg") != "RS256" or header.get("kid") != key.kid or "crit" in header:
        raise NoToken("another algorithm, key or extension")
    try:
        jwt.decode(token, key.key.public_key(), algorithms=["RS256"], options=_SIGNATURE_ALONE)
    except jwt.PyJWTError as error:
        raise NoToken(str(error)) from error
    _check_purpose(claims, issuer, clients)
    _check_times(claims, now_s)
    return claims


#: Claims are checked here, on the text that was looked at for doubles.
_SIGNATURE_ALONE: Any = {"verify_signature": True} | {
    f"verify_{name}": False for name in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")
}


def _check_purpose(claims: dict[str, Any], issuer: str, clients: Collection[str]) -> None:
    client, subject, username = (claims.get(name) for name in ("client_id", "sub", "username"))
    named = all(isinstance(one, str) and 0 < len(one) <= 256 and "#" not in one for one in (subject, username))
    if claims.get("iss") != issuer or claims.get("token_use") != "access" or not named:
        raise NoToken("another issuer or purpose, or nobody's")
    if not isinstance(client, str) or client not in clients or claims.get("aud", client) != client:
        raise NoToken("another client's")


def _check_times(claims: dict[str, Any], now_s: float) -> None:
    issued, ends, begins = (claims.get(name, 1) for name in ("iat", "exp", "nbf"))
    if any(isinstance(one, bool) or not isinstance(one, int) or not 0 < one < 10**11 for one in (issued, ends, begins)):
        raise NoToken("times that are none")
    if "iat" not in claims or "exp" not in claims or ends - issued > LONGEST_LIFE_S:
        raise NoToken("no time of issue or end, or a life that none has")
    if max(issued, begins) > now_s + LEEWAY_S or now_s > ends + LEEWAY_S:
        raise NoToken("not valid now")


def _object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)), object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        raise NoToken("a part that cannot be read") from error
    if not isinstance(found, dict):
        raise NoToken("a part that is no object")
    return found


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a name stands twice")
    return names
