"""The OpenID Connect side: discovery, the way to the provider, its code for tokens."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from local_cloud.oidc.federation import id_token
from local_cloud.oidc.federation.id_token import Expected
from local_cloud.oidc.federation.outgoing import Outgoing
from local_cloud.oidc.federation.refusal import NotTaken

KEPT_S = 300
ASK_AGAIN_S = 30  # an unknown key id asks at most this often
SCOPES = "openid email profile"


@dataclass(frozen=True, slots=True)
class Issuer:
    """What discovery said; every address was checked."""

    issuer: str
    authorize: str
    token: str
    jwks: str
    user_info: str
    algorithm: str
    says_issuer: bool
    basic: bool


@dataclass(frozen=True, slots=True)
class Trip:
    """What one way to the provider and back must bring along."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str


class RelyingParty:
    """Keeps discovery and keys of issuers for five minutes. `clock` is epoch seconds."""

    def __init__(self, outgoing: Outgoing, *, clock: Callable[[], float]) -> None:
        self._outgoing, self._clock = outgoing, clock
        self._issuers: dict[str, tuple[float, Issuer]] = {}
        self._keys: dict[str, tuple[float, list[Any]]] = {}

    async def address(self, details: Mapping[str, str], trip: Trip, *, hint: str, prompt: str) -> str:
        """Where the browser goes. Raises NotTaken."""
        issuer = await self._issuer(details["oidc_issuer"])
        challenge = base64.urlsafe_b64encode(hashlib.sha256(trip.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": details["client_id"],
            "redirect_uri": trip.redirect_uri,
            "scope": details.get("authorize_scopes") or SCOPES,
            "state": trip.state,
            "nonce": trip.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        asked |= {"login_hint": hint} if hint else {}
        asked |= {"prompt": prompt} if prompt else {}
        join = "&" if urlsplit(issuer.authorize).query else "?"
        return f"{issuer.authorize}{join}{urlencode(asked)}"

    async def claims(self, details: Mapping[str, str], trip: Trip, answer: Mapping[str, str]) -> dict[str, Any]:
        """Who signed in, from the answer that the browser brought back. Raises NotTaken."""
        issuer = await self._issuer(details["oidc_issuer"])
        # RFC 9207: an answer of another issuer must not be exchanged at this one.
        if answer.get("iss", issuer.issuer) != issuer.issuer or (issuer.says_issuer and "iss" not in answer):
            raise NotTaken("the answer came from another provider (iss)")
        if "error" in answer:
            raise NotTaken(f"the provider says {answer['error'][:80]}: {answer.get('error_description', '')[:200]}")
        if not answer.get("code"):
            raise NotTaken("the provider sent no code")
        tokens = await self._exchange(issuer, details, trip, answer["code"])
        expected = Expected(issuer.issuer, details["client_id"], trip.nonce, issuer.algorithm, self._clock())
        access = str(tokens.get("access_token", ""))
        token = tokens.get("id_token")
        if not isinstance(token, str):
            raise NotTaken("the provider sent no ID token")
        key = await self._key(issuer, id_token.key_id(token, expected))
        found = id_token.verify(token, key, expected, access_token=access)
        return await self._more(issuer, access, found)

    async def _more(self, issuer: Issuer, access: str, found: dict[str, Any]) -> dict[str, Any]:
        """UserInfo may add to the ID token and never change it (Core 5.3.2)."""
        if not issuer.user_info or not access:
            return found
        told = await self._outgoing.get_json(issuer.user_info, headers={"Authorization": f"Bearer {access}"})
        if told.get("sub") != found["sub"]:
            raise NotTaken("the provider's user info is about somebody else")
        return told | found

    async def _exchange(self, issuer: Issuer, details: Mapping[str, str], trip: Trip, code: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": trip.redirect_uri,
            "code_verifier": trip.verifier,
            "client_id": details["client_id"],
        }
        headers = {}
        if details.get("client_secret") and issuer.basic:
            pair = f"{quote(details['client_id'], safe='')}:{quote(details['client_secret'], safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        elif details.get("client_secret"):
            form["client_secret"] = details["client_secret"]
        return await self._outgoing.post_form(issuer.token, form, headers=headers)

    async def _issuer(self, name: str) -> Issuer:
        kept = self._issuers.get(name)
        if kept is None or self._clock() - kept[0] > KEPT_S:
            document = await self._outgoing.get_json(f"{name.rstrip('/')}/.well-known/openid-configuration")
            kept = (self._clock(), self._read(name, document))
            self._issuers[name] = kept
        return kept[1]

    def _read(self, name: str, document: Mapping[str, Any]) -> Issuer:
        if document.get("issuer") != name:
            raise NotTaken(f"discovery names {str(document.get('issuer'))[:100]!r}, expected {name!r}")

        def address(field: str, *, needed: bool = True) -> str:
            text = document.get(field)
            if not isinstance(text, str) or not text:
                if needed:
                    raise NotTaken(f"discovery of {name} has no {field}")
                return ""
            return self._outgoing.check(text)

        methods = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return Issuer(
            issuer=name,
            authorize=address("authorization_endpoint"),
            token=address("token_endpoint"),
            jwks=address("jwks_uri"),
            user_info=address("userinfo_endpoint", needed=False),
            algorithm=id_token.algorithm_of(document.get("id_token_signing_alg_values_supported") or ["RS256"]),
            says_issuer=document.get("authorization_response_iss_parameter_supported") is True,
            basic="client_secret_post" not in methods,
        )

    async def _key(self, issuer: Issuer, kid: str) -> Any:
        """Raises NotTaken."""
        kept = self._keys.get(issuer.jwks)
        age = self._clock() - kept[0] if kept else KEPT_S + 1
        key = id_token.key_of(kept[1], kid, issuer.algorithm) if kept and age <= KEPT_S else None
        if key is None and age > ASK_AGAIN_S:
            listed = (await self._outgoing.get_json(issuer.jwks)).get("keys")
            keys = listed if isinstance(listed, list) else []
            self._keys[issuer.jwks] = (self._clock(), keys)
            key = id_token.key_of(keys, kid, issuer.algorithm)
        if key is None:
            raise NotTaken("the token is signed with a key that the provider does not publish")
        return key
