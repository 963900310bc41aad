"""Just enough of an OpenID provider for code + PKCE: discovery, a sign-in form, a token endpoint, sign-out."""

import base64
import hashlib
import json
import secrets
import time
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

EMAIL, PASSWORD = "mia@precision.example", "a long enough password"
FORM = """<!doctype html><html lang="en"><title>Sign in</title><main><h1>Sign in</h1><form method="post">
<label>E-mail <input name="email" type="email" autocomplete="username"></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label>
<button>Continue</button></form></main></html>"""


def _part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


class FakeOidc:
    """Sessions and codes of one provider, mounted under `/issuer`."""

    def __init__(self, *, client: str) -> None:
        self.client = client
        self.tokens: set[str] = set()
        self._sessions: set[str] = set()
        self._codes: dict[str, tuple[str, str]] = {}  # code -> (challenge, nonce)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/issuer/.well-known/openid-configuration", self.discovery),
            web.get("/issuer/authorize", self.authorize),
            web.post("/issuer/authorize", self.sign_in),
            web.post("/issuer/token", self.token),
            web.get("/issuer/logout", self.logout),
        ]

    def end_sessions(self) -> None:
        """Everybody must type the password again."""
        self._sessions.clear()

    async def discovery(self, request: web.Request) -> web.Response:
        issuer = f"{request.scheme}://{request.host}/issuer"
        ends = {f"{name}_endpoint": f"{issuer}/{path}" for name, path in
                (("authorization", "authorize"), ("token", "token"), ("end_session", "logout"))}  # fmt: skip
        return web.json_response({"issuer": issuer, "jwks_uri": f"{issuer}/jwks", **ends})

    async def authorize(self, request: web.Request) -> web.Response:
        if request.cookies.get("issuer") in self._sessions:
            raise self._granted(request)
        if request.query.get("prompt") == "none":
            raise self._back(request, error="login_required")
        return web.Response(text=FORM, content_type="text/html")

    async def sign_in(self, request: web.Request) -> web.Response:
        form = await request.post()
        if (form.get("email"), form.get("password")) != (EMAIL, PASSWORD):
            return web.Response(text=FORM, content_type="text/html", status=401)
        granted = self._granted(request)
        session = secrets.token_hex(8)
        self._sessions.add(session)
        granted.set_cookie("issuer", session, httponly=True, path="/issuer")
        raise granted

    def _granted(self, request: web.Request) -> web.HTTPFound:
        code = secrets.token_hex(8)
        self._codes[code] = (request.query["code_challenge"], request.query.get("nonce", ""))
        return self._back(request, code=code)

    def _back(self, request: web.Request, **answer: str) -> web.HTTPFound:
        target = request.query["redirect_uri"]
        return web.HTTPFound(f"{target}?{urlencode({**answer, 'state': request.query['state']})}")

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        challenge, nonce = self._codes.pop(str(form["code"]))
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != challenge:
            return web.json_response({"error": "invalid_grant"}, status=400)
        access = secrets.token_hex(16)
        self.tokens.add(access)
        now = int(time.time())
        claims = {"iss": f"{request.scheme}://{request.host}/issuer", "aud": self.client, "sub": "subject-1",
                  "email": EMAIL, "iat": now, "exp": now + 3600, "nonce": nonce}  # fmt: skip
        id_token = f"{_part({'alg': 'RS256'})}.{_part(claims)}.c2lnbmF0dXJl"
        return web.json_response(
            {"access_token": access, "id_token": id_token, "token_type": "Bearer", "expires_in": 3600}
        )

    async def logout(self, request: web.Request) -> web.Response:
        self._sessions.discard(request.cookies.get("issuer", ""))
        raise web.HTTPFound(request.query["logout_uri"])
