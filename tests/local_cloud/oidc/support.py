"""A user pool of the test and a browser that knows nothing but HTTP."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp
import jwt
from aiohttp import web

from tests.local_cloud.gateway.support import CLIENT, POOL

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@dataclass
class CognitoDouble:
    """The Cognito calls of the door: one user, who may have to choose a password first."""

    password: str = "Right-Password-1"
    must_choose: bool = False
    enabled: bool = True
    away: bool = False
    calls: list[str] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        operation = request.headers["X-Amz-Target"].partition(".")[2]
        self.calls.append(operation)
        if self.away:
            return web.json_response({"__type": "InternalErrorException"}, status=500)
        body = await request.json()
        if operation == "AdminGetUser":
            return web.json_response({"Username": body["Username"], "Enabled": self.enabled})
        if operation == "RespondToAuthChallenge":
            return self._choose(body["ChallengeResponses"]["NEW_PASSWORD"])
        given = body["AuthParameters"]
        if given["USERNAME"] != "anna@example.com" or given["PASSWORD"] != self.password:
            return _refused("NotAuthorizedException", "Incorrect username or password.")
        if self.must_choose:
            return web.json_response({"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "s1"})
        return _result()

    def _choose(self, password: str) -> web.Response:
        if len(password) < 12:
            return _refused("InvalidPasswordException", "Password not long enough")
        self.password, self.must_choose = password, False
        return _result()


def _refused(code: str, message: str) -> web.Response:
    return web.json_response({"__type": code, "message": message}, status=400)


def _result() -> web.Response:
    claims = {"sub": "u-1", "email": "anna@example.com", "email_verified": True, "cognito:username": "u-1"}
    token = jwt.encode({**claims, "cognito:groups": ["owner"]}, "k" * 32, algorithm="HS256")
    return web.json_response({"AuthenticationResult": {"IdToken": token}})


class Browser:
    """Follows the flow step by step; cookies live in the session."""

    def __init__(self, session: aiohttp.ClientSession, origin: str) -> None:
        self.session, self.origin = session, origin
        self.verifier = secrets.token_urlsafe(48)
        self.page = ""

    @property
    def issuer(self) -> str:
        return f"{self.origin}/oidc/{POOL}"

    def query(self, **changes: str | None) -> dict[str, str]:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        fields: dict[str, str | None] = {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": f"{self.origin}/callback",
            "scope": "openid email profile",
            "state": "st&=#",
            "nonce": "n-1",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in fields.items() if value is not None}

    async def authorize(self, **changes: str | None) -> tuple[int, dict[str, str]]:
        """(status, parameters of the redirect)."""
        return await self._read(
            self.session.get(
                f"{self.issuer}/oauth2/authorize?{urlencode(self.query(**changes))}", allow_redirects=False
            )
        )

    async def submit(self, *, headers: dict[str, str] | None = None, **fields: str) -> tuple[int, dict[str, str]]:
        """Sends the form of the page that is open."""
        hidden = {name: unescape(value) for name, value in HIDDEN.findall(self.page)}
        sent = headers or {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        return await self._read(
            self.session.post(f"{self.issuer}/login", data={**hidden, **fields}, headers=sent, allow_redirects=False)
        )

    async def sign_in(self, password: str = "Right-Password-1", email: str = "anna@example.com") -> dict[str, str]:
        await self.authorize()
        status, answer = await self.submit(email=email, password=password)
        assert status == 303, self.page
        return answer

    async def token(self, **fields: str) -> tuple[int, dict[str, Any]]:
        async with self.session.post(f"{self.issuer}/oauth2/token", data={"client_id": CLIENT, **fields}) as answer:
            return answer.status, await answer.json()

    async def exchange(self, code: str, **changes: str) -> tuple[int, dict[str, Any]]:
        fields = {"redirect_uri": f"{self.origin}/callback", "code_verifier": self.verifier, **changes}
        return await self.token(grant_type="authorization_code", code=code, **fields)

    async def _read(self, request: Any) -> tuple[int, dict[str, str]]:
        async with request as answer:
            self.page = await answer.text()
            return answer.status, dict(parse_qsl(urlsplit(answer.headers.get("Location", "")).query))
