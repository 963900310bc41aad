"""Authorize, sign in, token, userInfo, logout: OpenID Connect for the pools and clients of the template."""

import base64
import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import jwt
from aiohttp import web

from local_cloud.oidc import cookies, pages
from local_cloud.oidc.cookies import FORM, SESSION
from local_cloud.oidc.keys import SigningKey
from local_cloud.oidc.pool import MustChoosePassword, Person, Pool, PoolAway, WeakPassword
from local_cloud.oidc.request import Asked, Client, NoRedirect, Redirected, addressed, check
from local_cloud.oidc.store import ABSOLUTE_S, Login, Store, digest
from local_cloud.oidc.tokens import Issued, Tokens

log = logging.getLogger(__name__)
STYLE = Path(__file__).with_name("style.css")
FONT = "archivo-latin-wdth-normal-*.woff2"
WRONG = "E-mail or password is not right."
AWAY = "Sign-in is not available right now. Please try again in a moment."
FORM_BYTES = 64 * 1024


class Front:
    """All pools of one origin. `clock` is epoch seconds; `assets` is the folder of the built portal's files."""

    def __init__(
        self,
        *,
        origin: str,
        clients: Mapping[str, Client],
        pools: Mapping[str, Pool],
        key: SigningKey,
        store: Store,
        form_key: bytes,
        assets: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.origin, self.clients, self.pools = origin, clients, pools
        self.key, self.store, self.form_key, self.clock = key, store, form_key, clock
        self.tokens = Tokens(key, store)
        self.assets = assets

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
        issuer = self._issuer(request)
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
        self._issuer(request)
        return web.json_response(self.key.jwks(), headers={"Cache-Control": "public, max-age=300"})

    async def authorize(self, request: web.Request) -> web.StreamResponse:
        issuer = self._issuer(request)
        try:
            asked = self._asked(request, request.rel_url.raw_query_string)
            login = self._login(request)
            if login is not None and asked.prompt != "login":
                return self._back(asked, issuer, login)
            if asked.prompt == "none":
                return self._error(asked, issuer, "login_required", "nobody is signed in")
            return self._form(request, asked, email=asked.fields.get("login_hint", ""))
        except NoRedirect as error:
            return pages.message("This link does not work", str(error), status=400)
        except _Back as back:
            return self._error(back.asked, issuer, back.error.code, str(back.error))

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        issuer = self._issuer(request)
        try:
            form = await _form_fields(request)
            query = form.get("request", "")
            asked = self._asked(request, query)
        except NoRedirect as error:
            return pages.message("This link does not work", str(error), status=400)
        except _Back as back:
            return self._error(back.asked, issuer, back.error.code, str(back.error))
        if not self._is_ours(request, form, query):
            return self._form(
                request, asked, error="This page was open for too long. Please sign in again.", status=403
            )
        if form.get("session"):
            return await self._choose(request, asked, form)
        return await self._check(request, asked, form)

    async def token(self, request: web.Request) -> web.Response:
        issuer = self._issuer(request)
        try:
            form = await _form_fields(request)
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
        issuer = self._issuer(request)
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            claims = self.key.verify(token if kind.lower() == "bearer" else "", issuer=issuer)
        except jwt.PyJWTError:
            claims = {}
        if claims.get("token_use") != "access":
            fields = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            return web.json_response({"error": "invalid_token"}, status=401, headers=fields)
        known = self.store.claims(request.match_info["pool"], claims["username"])
        return web.json_response({**known, "username": claims["username"]}, headers={"Cache-Control": "no-store"})

    async def logout(self, request: web.Request) -> web.StreamResponse:
        self._issuer(request)
        client = self.clients.get(request.query.get("client_id", ""))
        address = request.query.get("logout_uri", "")
        if client is None or client.pool != request.match_info["pool"] or address not in client.logouts:
            return pages.message(
                "This link does not work",
                "The address to return to is not one this application registered.",
                status=400,
            )
        login = self._login(request)
        if login is not None:
            self.store.sign_out(login.hash)
        answer = web.Response(status=302, headers={"Location": address, "Cache-Control": "no-store"})
        cookies.take(request, answer, SESSION)
        return answer

    # signing in
    async def _check(self, request: web.Request, asked: Asked, form: Mapping[str, str]) -> web.StreamResponse:
        email, password = form.get("email", "").strip(), form.get("password", "")
        if not email or not password:
            return self._form(
                request, asked, email=email, error="Please type your e-mail and your password.", status=400
            )
        who = f"{asked.client.pool}#{email.casefold()}"
        locked_s = self.store.locked_s(who, now=self.clock())
        if locked_s > 0:
            error = f"Too many attempts. Please wait {max(1, round(locked_s))} s and try again."
            return self._form(request, asked, email=email, error=error, status=429)
        try:
            found = await self.pools[asked.client.pool].check(asked.client.id, email, password)
        except PoolAway as away:
            log.warning("sign-in: %s", away)
            return self._form(request, asked, email=email, error=AWAY, status=503)
        if found is None:
            self.store.failed(who, now=self.clock())
            return self._form(request, asked, email=email, error=WRONG, status=401)
        self.store.succeeded(who)
        if isinstance(found, MustChoosePassword):
            return self._choice(request, asked, found.username, found.session)
        return self._welcome(request, asked, found)

    async def _choose(self, request: web.Request, asked: Asked, form: Mapping[str, str]) -> web.StreamResponse:
        username, session = form.get("username", ""), form["session"]
        try:
            pool = self.pools[asked.client.pool]
            found = await pool.choose(asked.client.id, username, session, form.get("new_password", ""))
        except WeakPassword as weak:
            return self._choice(request, asked, username, session, error=str(weak), status=400)
        except PoolAway as away:
            log.warning("first password: %s", away)
            return self._choice(request, asked, username, session, error=AWAY, status=503)
        if found is None:
            return self._form(request, asked, error="Please sign in again.", status=401)
        return self._welcome(request, asked, found)

    def _welcome(self, request: web.Request, asked: Asked, person: Person) -> web.Response:
        old = self._login(request)
        if old is not None:
            self.store.sign_out(old.hash)
        now = self.clock()
        secret = self.store.sign_in(asked.client.pool, person.username, person.claims, now=now)
        login = self.store.login(secret, asked.client.pool, now=now)
        if login is None:
            raise RuntimeError("a session just made is gone")
        answer = self._back(asked, self._issuer(request), login)
        cookies.give(request, answer, SESSION, secret, max_age=ABSOLUTE_S)
        cookies.take(request, answer, FORM)
        return answer

    def _form(
        self, request: web.Request, asked: Asked, *, email: str = "", error: str = "", status: int = 200
    ) -> web.Response:
        hidden, cookie = self._hidden(request, asked)
        answer = pages.sign_in(self._action(request), hidden, email=email, error=error, status=status)
        cookies.give(request, answer, FORM, cookie)
        return answer

    def _choice(
        self, request: web.Request, asked: Asked, username: str, session: str, *, error: str = "", status: int = 200
    ) -> web.Response:
        hidden, cookie = self._hidden(request, asked)
        hidden |= {"username": username, "session": session}
        answer = pages.choose_password(self._action(request), hidden, error=error, status=status)
        cookies.give(request, answer, FORM, cookie)
        return answer

    def _hidden(self, request: web.Request, asked: Asked) -> tuple[dict[str, str], str]:
        """Fields of the form and the cookie they belong to."""
        cookie = cookies.read(request, FORM) or secrets.token_urlsafe(24)
        query = urlencode(asked.fields)
        return {"request": query, "token": self._proof(cookie, query)}, cookie

    def _is_ours(self, request: web.Request, form: Mapping[str, str], query: str) -> bool:
        """The form came from our page in this browser."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            return False
        if request.headers.get("Origin", self.origin) != self.origin:
            return False
        cookie = cookies.read(request, FORM)
        wanted = self._proof(cookie, query)
        return bool(cookie) and hmac.compare_digest(wanted.encode(), form.get("token", "").encode())

    def _proof(self, cookie: str, query: str) -> str:
        return hmac.new(self.form_key, f"{cookie}\n{query}".encode(), "sha256").hexdigest()

    # answers
    def _back(self, asked: Asked, issuer: str, login: Login) -> web.Response:
        code = self.store.add_code(login.hash, dict(asked.fields), now=self.clock())
        return self._redirect(asked, {"code": code, "iss": issuer})

    def _error(self, asked: Asked, issuer: str, code: str, message: str) -> web.Response:
        return self._redirect(asked, {"error": code, "error_description": message, "iss": issuer})

    def _redirect(self, asked: Asked, fields: dict[str, str]) -> web.Response:
        state = {"state": asked.fields["state"]} if "state" in asked.fields else {}
        join = "&" if "?" in asked.redirect_uri else "?"
        address = f"{asked.redirect_uri}{join}{urlencode(fields | state)}"
        headers = {"Location": address, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        return web.Response(status=303, headers=headers)

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
        if not await self.pools[client.pool].is_enabled(found.username):
            self.store.end_family(found.family)
            return None
        claims = self.store.claims(found.pool, found.username)
        return Issued(
            client, found.scope, claims, found.username, found.auth_time, found.family, found.login, found.expires
        )

    # requests
    def _asked(self, request: web.Request, query: str) -> Asked:
        """Raises NoRedirect and _Back."""
        pairs = parse_qsl(query, keep_blank_values=True)
        asked = addressed(dict(pairs), self.clients)
        if asked.client.pool != request.match_info["pool"]:
            raise NoRedirect("This application is not known here.")
        try:
            check(asked, repeated=len({name for name, _ in pairs}) != len(pairs))
        except Redirected as error:
            raise _Back(asked, error) from error
        return asked

    def _login(self, request: web.Request) -> Login | None:
        secret = cookies.read(request, SESSION)
        return self.store.login(secret, request.match_info["pool"], now=self.clock()) if secret else None

    def _issuer(self, request: web.Request) -> str:
        pool = request.match_info["pool"]
        if pool not in self.pools:
            raise web.HTTPNotFound(text="no such user pool")
        return f"{self.origin}/oidc/{pool}"

    def _action(self, request: web.Request) -> str:
        return f"/oidc/{request.match_info['pool']}/login"


class _Back(Exception):
    """An error of a request whose client and address are right."""

    def __init__(self, asked: Asked, error: Redirected) -> None:
        super().__init__(str(error))
        self.asked, self.error = asked, error


async def _form_fields(request: web.Request) -> dict[str, str]:
    """Raises NoRedirect when the body is no form of a sensible size."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise NoRedirect("A form was expected.")
    body = await request.content.read(FORM_BYTES + 1)
    if len(body) > FORM_BYTES:
        raise NoRedirect("The form is too large.")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=50)
    except ValueError as error:
        raise NoRedirect("The form cannot be read.") from error
    return dict(pairs)


def _token_error(code: str, *, status: int = 400) -> web.Response:
    return web.json_response({"error": code}, status=status, headers={"Cache-Control": "no-store"})
