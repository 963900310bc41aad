"""Authorize, sign in, token, userInfo, logout: OpenID Connect for the pools and clients of the template."""

import base64
import hashlib
import hmac
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from local_cloud.oidc import cookies, pages, passwords
from local_cloud.oidc.access_token import NoToken, claims_of
from local_cloud.oidc.cookies import SESSION
from local_cloud.oidc.federation.handlers import Federation
from local_cloud.oidc.federation.outgoing import Outgoing
from local_cloud.oidc.flow import AWAY, TOO_LONG, Flow, answering, form_fields
from local_cloud.oidc.pool import MustChoosePassword, PoolAway, WeakPassword
from local_cloud.oidc.request import Asked, Client, NoRedirect, Redirected
from local_cloud.oidc.store import digest
from local_cloud.oidc.tokens import Issued, Tokens

log = logging.getLogger(__name__)
STYLE = Path(__file__).with_name("style.css")
FONT = "archivo-latin-wdth-normal-*.woff2"
NO_COMPANY = "No company has set up its own sign-in for this address. Please use your password."
WRONG = "E-mail or password is not right."


class Front(Flow):
    """The protocol. `assets` is the folder of the built portal's files."""

    def __init__(self, *, outgoing: Outgoing, assets: Path | None = None, **shared: Any) -> None:
        super().__init__(**shared)
        self.tokens = Tokens(self.key, self.store)
        self.assets = assets
        self.federation = Federation(self, outgoing)
        self._more: list[web.RouteDef] = self.federation.routes()

    def add(self, routes: Sequence[web.RouteDef]) -> None:
        """Pages that belong to the sign-in, and the mailbox."""
        self._more += routes

    async def close(self) -> None:
        await self.federation.outgoing.close()
        self.store.close()

    def routes(self) -> list[web.RouteDef]:
        base = "/oidc/{pool}"
        return [
            web.get("/oidc/style.css", self.style),
            web.get("/oidc/font.woff2", self.font),
            web.get(f"{base}/.well-known/openid-configuration", self.discovery),
            web.get(f"{base}/.well-known/jwks.json", self.jwks),
            web.get(f"{base}/oauth2/authorize", self.authorize),
            web.post(f"{base}/login", self.sign_in),
            web.post(f"{base}/oauth2/token", self.token),
            web.get(f"{base}/oauth2/userInfo", self.user_info),
            web.post(f"{base}/oauth2/userInfo", self.user_info),
            web.get(f"{base}/logout", self.logout),
            *self._more,
        ]

    async def style(self, _: web.Request) -> web.StreamResponse:
        return web.FileResponse(STYLE, headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"})

    async def font(self, _: web.Request) -> web.StreamResponse:
        """The typeface of the built portal; the page falls back to the system's without it."""
        found = sorted(self.assets.glob(FONT)) if self.assets else []
        if not found:
            return web.Response(status=404)
        return web.FileResponse(found[0], headers={"Cache-Control": "max-age=3600", "Content-Type": "font/woff2"})

    async def discovery(self, request: web.Request) -> web.Response:
        issuer = self.issuer(request)
        scopes = sorted({scope for client in self.clients.values() for scope in client.scopes})
        return web.json_response(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/oauth2/authorize",
                "token_endpoint": f"{issuer}/oauth2/token",
                "userinfo_endpoint": f"{issuer}/oauth2/userInfo",
                "end_session_endpoint": f"{issuer}/logout",
                "jwks_uri": f"{issuer}/.well-known/jwks.json",
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": scopes,
                "claims_supported": ["sub", "email", "email_verified", "cognito:groups", "cognito:username"],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def jwks(self, request: web.Request) -> web.Response:
        self.issuer(request)
        return web.json_response(self.key.jwks(), headers={"Cache-Control": "public, max-age=300"})

    @answering
    async def authorize(self, request: web.Request) -> web.StreamResponse:
        issuer = self.issuer(request)
        asked = self.asked(request, request.rel_url.raw_query_string)
        login = self.session(request)
        try:
            provider = await self.federation.provider_asked_for(asked)
        except Redirected as error:
            return self.error(asked, issuer, error.code, str(error))
        except PoolAway as away:
            log.warning("authorize: %s", away)
            return self.error(asked, issuer, "temporarily_unavailable", AWAY)
        fits = login is not None and (provider is None or provider.owns(login.username))
        if login is not None and fits and asked.prompt != "login":
            return self.back(asked, issuer, login)
        if asked.prompt == "none":
            return self.error(asked, issuer, "login_required", "nobody is signed in")
        if provider is not None:
            return await self.federation.start(request, asked, provider, hint=asked.fields.get("login_hint", ""))
        return self.form(request, asked, email=asked.fields.get("login_hint", ""))

    @answering
    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        form, asked = await self.form_of(request)
        if not self.is_ours(request, form):
            return self.form(request, asked, error=TOO_LONG, status=403)
        if form.get("way") == "company":
            return await self._company(request, asked, form.get("email", "").strip())
        if form.get("session"):
            return await self._choose(request, asked, form)
        return await self._check(request, asked, form)

    async def token(self, request: web.Request) -> web.Response:
        issuer = self.issuer(request)
        try:
            form = await form_fields(request)
        except NoRedirect:
            return _token_error("invalid_request")
        client = self.clients.get(form.get("client_id", ""))
        if client is None or client.pool != request.match_info["pool"]:
            return _token_error("invalid_client", status=401)
        if form.get("grant_type") == "authorization_code":
            issued = self._from_code(form, client)
        elif form.get("grant_type") == "refresh_token":
            try:
                issued = await self._from_refresh(form, client)
            except PoolAway as away:
                log.warning("refresh: %s", away)
                return _token_error("temporarily_unavailable", status=503)
        else:
            return _token_error("unsupported_grant_type")
        if issued is None:
            return _token_error("invalid_grant")
        answer = self.tokens.issue(issued, issuer=issuer, now=self.clock())
        return web.json_response(answer, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})

    async def user_info(self, request: web.Request) -> web.Response:
        issuer = self.issuer(request)
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            bearer = token if kind.lower() == "bearer" else ""
            claims = claims_of(bearer, key=self.key, issuer=issuer, clients=self.clients, now_s=self.clock())
        except NoToken:
            fields = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            return web.json_response({"error": "invalid_token"}, status=401, headers=fields)
        known = self.store.claims(request.match_info["pool"], claims["username"])
        return web.json_response({**known, "username": claims["username"]}, headers={"Cache-Control": "no-store"})

    async def logout(self, request: web.Request) -> web.StreamResponse:
        self.issuer(request)
        client = self.clients.get(request.query.get("client_id", ""))
        address = request.query.get("logout_uri", "")
        if client is None or client.pool != request.match_info["pool"] or address not in client.logouts:
            return pages.message(
                "This link does not work",
                "The address to return to is not one this application registered.",
                status=400,
            )
        if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
            # A cookie comes along with a link from anywhere; only our own pages sign people out.
            return pages.message("This link does not work", "Sign out on a page of the application.", status=403)
        login = self.session(request)
        if login is not None:
            self.store.sign_out(login.hash)
        answer = web.Response(status=302, headers={"Location": address, "Cache-Control": "no-store"})
        cookies.take(request, answer, SESSION)
        return answer

    # signing in
    async def _company(self, request: web.Request, asked: Asked, email: str) -> web.StreamResponse:
        """To the provider that the address's company has; which addresses exist is not asked."""
        if "@" not in email:
            return self.form(request, asked, email=email, error="Please type your e-mail address first.", status=400)
        try:
            provider = await self.federation.provider_of_address(asked, email)
        except PoolAway as away:
            log.warning("sign-in: %s", away)
            return self.form(request, asked, email=email, error=AWAY, status=503)
        if provider is None:
            return self.form(request, asked, email=email, error=NO_COMPANY, status=400)
        more = urlencode({"identity_provider": provider.name, "login_hint": email})
        kept = {name: value for name, value in asked.fields.items() if name not in ("login_hint", "idp_identifier")}
        return pages.away(f"{self.path(request, 'oauth2/authorize', replace(asked, fields=kept))}&{more}")

    async def _check(self, request: web.Request, asked: Asked, form: Mapping[str, str]) -> web.StreamResponse:
        email, password = form.get("email", "").strip(), form.get("password", "")
        if not email or not password:
            return self.form(
                request, asked, email=email, error="Please type your e-mail and your password.", status=400
            )
        who = f"{asked.client.pool}#{email.casefold()}"
        locked_s = self.store.locked_s(who, now=self.clock())
        if locked_s > 0:
            error = f"Too many attempts. Please wait {max(1, round(locked_s))} s and try again."
            return self.form(request, asked, email=email, error=error, status=429)
        try:
            found = await self.pools[asked.client.pool].check(asked.client.id, email, password)
        except PoolAway as away:
            log.warning("sign-in: %s", away)
            return self.form(request, asked, email=email, error=AWAY, status=503)
        if found is None:
            self.store.failed(who, now=self.clock())
            return self.form(request, asked, email=email, error=WRONG, status=401)
        self.store.succeeded(who)
        if isinstance(found, MustChoosePassword):
            return self._choice(request, asked, found.username, found.session)
        return self.welcome(request, asked, found)

    async def _choose(self, request: web.Request, asked: Asked, form: Mapping[str, str]) -> web.StreamResponse:
        username, session = form.get("username", ""), form["session"]
        weak_because = passwords.weakness(form.get("new_password", ""), about=(username,))
        if weak_because:
            return self._choice(request, asked, username, session, error=weak_because, status=400)
        try:
            pool = self.pools[asked.client.pool]
            found = await pool.choose(asked.client.id, username, session, form.get("new_password", ""))
        except WeakPassword as weak:
            return self._choice(request, asked, username, session, error=str(weak), status=400)
        except PoolAway as away:
            log.warning("first password: %s", away)
            return self._choice(request, asked, username, session, error=AWAY, status=503)
        if found is None:
            return self.form(request, asked, error="Please sign in again.", status=401)
        return self.welcome(request, asked, found)

    def _choice(
        self, request: web.Request, asked: Asked, username: str, session: str, *, error: str = "", status: int = 200
    ) -> web.Response:
        more = {"username": username, "session": session}
        return self.page(
            request,
            asked,
            lambda hidden: pages.choose_password(
                self.path(request, "login"), hidden | more, error=error, status=status
            ),
        )

    # tokens
    def _from_code(self, form: Mapping[str, str], client: Client) -> Issued | None:
        taken = self.store.take_code(form.get("code", ""), now=self.clock())
        if taken is None:
            return None
        login_hash, asked = taken
        login = self.store.login_by_hash(login_hash, now=self.clock())
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        matches = hmac.compare_digest(challenge.rstrip(b"="), asked["code_challenge"].encode())
        same = asked["client_id"] == client.id and asked["redirect_uri"] == form.get("redirect_uri")
        if login is None or not matches or not same:
            return None
        expires = self.clock() + client.refresh_s
        family = digest(form["code"])
        claims = self.store.claims(login.pool, login.username)
        return Issued(
            client,
            asked["scope"],
            claims,
            login.username,
            login.started,
            family,
            login.hash,
            expires,
            asked.get("nonce", ""),
        )

    async def _from_refresh(self, form: Mapping[str, str], client: Client) -> Issued | None:
        """Raises PoolAway."""
        found = self.store.take_refresh(form.get("refresh_token", ""), now=self.clock())
        if found is None or found.client != client.id:
            return None
        enabled = await self.federation.is_enabled(found.pool, client.id, found.username)
        if not (await self.pools[client.pool].is_enabled(found.username) if enabled is None else enabled):
            self.store.end_family(found.family)
            return None
        claims = self.store.claims(found.pool, found.username)
        return Issued(
            client, found.scope, claims, found.username, found.auth_time, found.family, found.login, found.expires
        )


def _token_error(code: str, *, status: int = 400) -> web.Response:
    return web.json_response({"error": code}, status=status, headers={"Cache-Control": "no-store"})
