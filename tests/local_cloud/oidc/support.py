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

FORM = re.compile(r'<form method="post" action="([^"]*)"[^>]*>(.*?)</form>', re.S)
LINK = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>', re.S)
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


ANNA = "anna@example.com"


@dataclass
class CognitoDouble:
    """The Cognito calls of the door: `people` by address with their passwords; Anna may have to choose one first."""

    people: dict[str, str] = field(default_factory=lambda: {ANNA: "Right-Password-1"})
    must_choose: bool = False
    enabled: bool = True
    away: bool = False
    calls: list[str] = field(default_factory=list)
    providers: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def handle(self, request: web.Request) -> web.Response:
        operation = request.headers["X-Amz-Target"].partition(".")[2]
        self.calls.append(operation)
        if self.away:
            return web.json_response({"__type": "InternalErrorException"}, status=500)
        body = await request.json()
        if operation == "DescribeUserPoolClient":
            return web.json_response({"UserPoolClient": {"SupportedIdentityProviders": ["COGNITO", *self.providers]}})
        if operation == "DescribeIdentityProvider":
            found = self.providers.get(body["ProviderName"])
            if found is None:
                return _refused("ResourceNotFoundException", "There is none.")
            return web.json_response({"IdentityProvider": {"ProviderName": body["ProviderName"], **found}})
        if operation == "AdminGetUser":
            return self._get(body["Username"])
        if operation == "AdminCreateUser":
            if body["Username"] in self.people:
                return _refused("UsernameExistsException", "There is one.")
            self.people[body["Username"]] = ""
            return web.json_response({"User": {"Username": body["Username"]}})
        if operation == "AdminSetUserPassword":
            self.people[self._email(body["Username"])] = body["Password"]
            return web.json_response({})
        if operation == "RespondToAuthChallenge":
            return self._choose(body["ChallengeResponses"]["NEW_PASSWORD"])
        given = body["AuthParameters"]
        if self.people.get(given["USERNAME"], "") != given["PASSWORD"]:
            return _refused("NotAuthorizedException", "Incorrect username or password.")
        if self.must_choose:
            return web.json_response({"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "s1"})
        return _result(given["USERNAME"])

    def _get(self, username: str) -> web.Response:
        email = self._email(username)
        if email not in self.people:
            return _refused("UserNotFoundException", "User does not exist.")
        return web.json_response({"Username": _id(email), "Enabled": self.enabled})

    def _email(self, username: str) -> str:
        return next((email for email in self.people if username in (email, _id(email))), username)

    def _choose(self, password: str) -> web.Response:
        if len(password) < 12:
            return _refused("InvalidPasswordException", "Password not long enough")
        self.people[ANNA], self.must_choose = password, False
        return _result(ANNA)


def _id(email: str) -> str:
    return "u-1" if email == ANNA else f"u-{email}"


def _refused(code: str, message: str) -> web.Response:
    return web.json_response({"__type": code, "message": message}, status=400)


def _result(email: str) -> web.Response:
    claims = {"sub": _id(email), "email": email, "email_verified": True, "cognito:username": _id(email)}
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

    async def submit(
        self, *, form: int = 0, headers: dict[str, str] | None = None, **fields: str
    ) -> tuple[int, dict[str, str]]:
        """Sends a form of the page that is open, the first one unless said otherwise."""
        action, inside = FORM.findall(self.page)[form]
        hidden = {name: unescape(value) for name, value in HIDDEN.findall(inside)}
        sent = headers or {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        address = self.origin + unescape(action)
        return await self._read(
            self.session.post(address, data={**hidden, **fields}, headers=sent, allow_redirects=False)
        )

    async def follow(self, words: str) -> int:
        """The link with these words."""
        found = next(address for address, text in LINK.findall(self.page) if words in text)
        return (await self._read(self.session.get(self.origin + unescape(found), allow_redirects=False)))[0]

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
