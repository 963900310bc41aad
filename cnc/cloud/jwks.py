"""Public keys of the one issuer whose tokens are trusted, found by OpenID discovery and kept for an hour."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address
from threading import Lock
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import jwt

KEPT = timedelta(hours=1)
#: An unknown key id asks the issuer again at most this often: forged ids must not become load.
ASK_AGAIN_AFTER = timedelta(seconds=30)
TIMEOUT_S = 3.0
MAX_BYTES = 65_536
MIN_RSA_BITS = 2048
#: The key id that moto signs with; its private key is public knowledge.
KNOWN_TO_EVERYONE = frozenset({"dummy"})

Fetch = Callable[[str], bytes]


class IssuerUnreachable(Exception):
    """The issuer's keys could not be read; says which address, and why."""


class BadIssuer(Exception):
    """The discovery document is not the one of the configured issuer, or points somewhere unsafe."""


class Jwks:
    """Keys by id. One instance per process; threads share it."""

    def __init__(self, *, issuer: str, fetch: Fetch | None = None) -> None:
        self._issuer = issuer.rstrip("/")
        self._fetch = fetch or fetch_once
        self._keys: dict[str, Any] = {}
        self._read_at: datetime | None = None
        self._lock = Lock()

    @property
    def issuer(self) -> str:
        return self._issuer

    def key(self, kid: str, /, *, now: datetime) -> Any | None:
        """The public key, or None when the issuer does not publish it. Raises IssuerUnreachable, BadIssuer."""
        with self._lock:
            age = None if self._read_at is None else now - self._read_at
            if age is None or age > KEPT or (kid not in self._keys and age > ASK_AGAIN_AFTER):
                self._keys = self._read()
                self._read_at = now
            return self._keys.get(kid)

    def _read(self) -> dict[str, Any]:
        discovery = _json(self._fetch(f"{self._issuer}/.well-known/openid-configuration"))
        if str(discovery.get("issuer", "")).rstrip("/") != self._issuer:
            raise BadIssuer(f"discovery names {discovery.get('issuer')!r}, expected {self._issuer!r}")
        address = str(discovery.get("jwks_uri", ""))
        _check_address(address)
        listed = _json(self._fetch(address)).get("keys", [])
        refused = frozenset() if is_loopback(self._issuer) else KNOWN_TO_EVERYONE
        return {entry["kid"]: key for entry in listed if (key := _rsa_key(entry)) and entry["kid"] not in refused}


def _rsa_key(entry: Any) -> Any | None:
    """The key of one JWK when it is an RSA signing key of at least 2048 bits."""
    if not isinstance(entry, dict) or entry.get("kty") != "RSA" or not isinstance(entry.get("kid"), str):
        return None
    if entry.get("use", "sig") != "sig" or entry.get("alg", "RS256") != "RS256":
        return None
    try:
        key = jwt.PyJWK(entry, algorithm="RS256").key
    except jwt.PyJWTError:
        return None
    return key if key.key_size >= MIN_RSA_BITS else None


def fetch_once(address: str, *, headers: Mapping[str, str] | None = None) -> bytes:
    """GET without redirects or proxies. Raises IssuerUnreachable, BadIssuer."""
    _check_address(address)
    asked = Request(address, headers={"Accept": "application/json", **(headers or {})})  # noqa: S310 - checked above
    opener = build_opener(ProxyHandler({}), _NoRedirect())
    try:
        with opener.open(asked, timeout=TIMEOUT_S) as answer:
            body: bytes = answer.read(MAX_BYTES + 1)
    except (URLError, OSError, ValueError) as error:
        raise IssuerUnreachable(f"{address}: {error}") from error
    if len(body) > MAX_BYTES:
        raise BadIssuer(f"{address} answered more than {MAX_BYTES} bytes")
    return body


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""


def is_loopback(address: str) -> bool:
    """Whether an address names this very computer."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _check_address(address: str) -> None:
    """https everywhere, plain http only to this computer itself."""
    scheme = urlsplit(address).scheme
    if scheme != "https" and not (scheme == "http" and is_loopback(address)):
        raise BadIssuer(f"saw {address!r}, expected https")


def _json(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except ValueError as error:
        raise BadIssuer("the issuer answered no JSON") from error
    if not isinstance(parsed, dict):
        raise BadIssuer(f"the issuer answered {type(parsed).__name__}, expected an object")
    return parsed
