"""People of a running product: they sign in as the portal does and speak REST."""

import asyncio
import base64
import hashlib
import json
import re
import secrets
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp

from tests.product.running import Product

_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
_CONFIG = re.compile(r'<script type="application/json" id="cnc-config"[^>]*>(.*?)</script>', re.DOTALL)


@dataclass(frozen=True)
class Person:
    """Somebody who signed in."""

    origin: str
    token: str

    def rest(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and body of one request below `/v1`."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.origin}/v1{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())


def sign_in(product: Product, role: str, *, tenant: int = 0) -> Person:
    """The first demo user with this role, through the pages of the identity provider."""
    name = product.tenants()[tenant]
    user = next(one for one in product.endpoints["users"] if (one["role"], one["tenant"]) == (role, name))
    signing = _signed_in(product.endpoints["portal"].rstrip("/"), user["email"], user["password"])
    # In a thread of its own: while a browser is open, Playwright's loop runs in this one.
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, signing).result()


async def _signed_in(origin: str, email: str, password: str) -> Person:
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    jar = aiohttp.CookieJar(unsafe=True)
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=timeout) as session:
        async with session.get(origin, headers={"Accept": "text/html"}) as page:
            config = json.loads(_CONFIG.findall(await page.text())[0])
        async with session.get(f"{config['issuer']}/.well-known/openid-configuration") as found:
            places = await found.json()
        query = {
            "response_type": "code",
            "client_id": config["clientId"],
            "redirect_uri": f"{origin}/callback",
            "scope": "openid email profile",
            "state": "s",
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        async with session.get(f"{places['authorization_endpoint']}?{urlencode(query)}") as form:
            hidden = {name: unescape(value) for name, value in _HIDDEN.findall(await form.text())}
        headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
        fields = {**hidden, "email": email, "password": password}
        login = f"{config['issuer']}/login"
        async with session.post(login, data=fields, headers=headers, allow_redirects=False) as answer:
            back = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
        exchange = {
            "grant_type": "authorization_code",
            "client_id": config["clientId"],
            "code": back["code"],
            "redirect_uri": f"{origin}/callback",
            "code_verifier": verifier,
        }
        async with session.post(places["token_endpoint"], data=exchange) as tokens:
            return Person(origin, (await tokens.json())["access_token"])
