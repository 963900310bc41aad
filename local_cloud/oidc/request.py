"""An authorization request (OpenID Connect Core 3.1.2, RFC 7636 with S256), checked against the template's client."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.cloud import Resource

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
FIELDS = ("response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
          "code_challenge_method", "prompt", "login_hint", "identity_provider", "idp_identifier")  # fmt: skip
MAX_FIELD = 2048
SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}


class NoRedirect(Exception):
    """Client or redirect address are wrong: the person sees it here, nobody is redirected."""


class Redirected(Exception):
    """An error that goes back to the client; `code` as in RFC 6749 4.1.2.1."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Client:
    """A user pool client of the template."""

    id: str
    pool: str
    callbacks: tuple[str, ...]
    logouts: tuple[str, ...]
    scopes: tuple[str, ...]
    access_s: int
    id_s: int
    refresh_s: int

    @classmethod
    def of(cls, resource: Resource) -> "Client":
        p = resource.properties
        units = p.get("TokenValidityUnits", {})

        def seconds(name: str, unit: str, default: int, default_unit: str) -> int:
            return int(p.get(name, default)) * SECONDS[units.get(unit, default_unit)]

        return cls(
            resource.physical_id,
            p["UserPoolId"],
            tuple(p.get("CallbackURLs", ())),
            tuple(p.get("LogoutURLs", ())),
            tuple(p.get("AllowedOAuthScopes", ())),
            seconds("AccessTokenValidity", "AccessToken", 1, "hours"),
            seconds("IdTokenValidity", "IdToken", 1, "hours"),
            seconds("RefreshTokenValidity", "RefreshToken", 30, "days"),
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that may go on. `fields` are what it came with."""

    client: Client
    redirect_uri: str
    fields: Mapping[str, str]

    @property
    def scope(self) -> str:
        return self.fields["scope"]

    @property
    def prompt(self) -> str:
        return self.fields.get("prompt", "")


def addressed(query: Mapping[str, str], clients: Mapping[str, Client]) -> Asked:
    """Client and redirect address. Raises NoRedirect."""
    client = clients.get(query.get("client_id", ""))
    if client is None:
        raise NoRedirect("This application is not known here.")
    if query.get("redirect_uri", "") not in client.callbacks:
        raise NoRedirect("The address to return to is not one this application registered.")
    fields = {name: query[name] for name in FIELDS if query.get(name)}
    fields.setdefault("scope", "openid")
    return Asked(client, query["redirect_uri"], fields)


def check(asked: Asked, repeated: bool) -> None:
    """All the rest. Raises Redirected."""
    fields: Mapping[str, Any] = asked.fields
    if repeated or any(len(value) > MAX_FIELD for value in fields.values()):
        raise Redirected("invalid_request", "a parameter is repeated or too long")
    if fields.get("response_type") != "code":
        raise Redirected("unsupported_response_type", "expected response_type=code")
    unknown = set(asked.scope.split()) - set(asked.client.scopes)
    if unknown or "openid" not in asked.scope.split():
        raise Redirected("invalid_scope", f"allowed are {' '.join(asked.client.scopes)}, openid is needed")
    if fields.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(fields.get("code_challenge", "")):
        raise Redirected("invalid_request", "expected PKCE: code_challenge with code_challenge_method=S256")
    if asked.prompt not in ("", "none", "login"):
        raise Redirected("invalid_request", "prompt: none and login are known")
