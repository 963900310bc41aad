"""A browser that goes to a provider and comes back, step by step."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import jwt

from tests.local_cloud.gateway.support import POOL
from tests.local_cloud.oidc.support import Browser
from tests.sso.peers.running import SECRET

ENTITY_ID = f"urn:amazon:cognito:sp:{POOL}"
OIDC_NAME, SAML_NAME = "i_oidcoidcoidcoidc", "i_samlsamlsamlsaml"
_FORM = re.compile(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', re.S)
_INPUT = re.compile(r"<input[^>]*>")
_ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')


def openid_provider(issuer: str, *, client: str = "cnc", **more: Any) -> dict[str, Any]:
    """As CreateIdentityProvider keeps it."""
    return {
        "ProviderType": "OIDC",
        "ProviderDetails": {
            "client_id": client,
            "client_secret": SECRET,
            "oidc_issuer": issuer,
            "authorize_scopes": "openid email profile",
        },
        "AttributeMapping": {"email": "email", "email_verified": "email_verified", "name": "name", "username": "sub"},
        "IdpIdentifiers": ["company.example"],
        **more,
    }


def saml_provider(metadata: dict[str, str], **more: Any) -> dict[str, Any]:
    return {
        "ProviderType": "SAML",
        "ProviderDetails": metadata,
        "AttributeMapping": {"email": "email"},
        "IdpIdentifiers": [],
        **more,
    }


class Traveller(Browser):
    """Goes where it is sent, as a browser does."""

    async def leave(self, provider: str = OIDC_NAME, **changes: str | None) -> str:
        """Where the front sends us."""
        query = urlencode(self.query(identity_provider=provider, **changes))
        url = f"{self.issuer}/oauth2/authorize?{query}"
        async with self.session.get(url, allow_redirects=False) as answer:
            self.page = await answer.text()
            return answer.headers.get("Location", "")

    async def at_openid(self, address: str, *, who: str = "anna") -> str:
        """Sign in on the pages of oidc-provider; the address it sends us back to."""
        for _ in range(12):
            if address.startswith(self.issuer):
                return address
            async with self.session.get(address, allow_redirects=False) as answer:
                page, location = await answer.text(), answer.headers.get("Location", "")
            if location:
                address = urljoin(address, location)
                continue
            action, inside = _FORM.findall(page)[0]
            inputs = [dict(_ATTRIBUTE.findall(one)) for one in _INPUT.findall(inside)]
            fields = {one["name"]: unescape(one.get("value", "")) for one in inputs if "name" in one}
            fields |= {"login": who, "password": "any"} if "login" in fields else {}
            async with self.session.post(unescape(action), data=fields, allow_redirects=False) as answer:
                address = urljoin(address, answer.headers["Location"])
        raise AssertionError(f"the provider sends us around: {address}")

    async def at_saml(self, address: str, *, who: str = "berta") -> dict[str, str]:
        """The form that the SAML provider has the browser post."""
        async with self.session.get(f"{address}&who={who}") as answer:
            assert answer.status == 200, await answer.text()
            found: dict[str, str] = await answer.json(content_type=None)
            return found

    async def come_back(self, address: str) -> tuple[int, dict[str, str]]:
        return await self._read(self.session.get(address, allow_redirects=False))

    async def post_back(self, form: dict[str, str]) -> tuple[int, dict[str, str]]:
        """Post an answer as another site has the browser do it; SAML goes on with a redirect."""
        data = {name: form[name] for name in ("SAMLResponse", "RelayState") if name in form}
        url = f"{self.issuer}/saml2/idpresponse"
        async with self.session.post(url, data=data, headers={"Origin": "null"}, allow_redirects=False) as answer:
            self.page = await answer.text()
            there = answer.headers.get("Location", "")
        return await self.come_back(urljoin(url, there)) if there else (answer.status, {})

    async def claims(self, code: str) -> dict[str, Any]:
        """Of the ID token that a code gives."""
        status, tokens = await self.exchange(code)
        assert status == 200, tokens
        found: dict[str, Any] = jwt.decode(tokens["id_token"], options={"verify_signature": False})
        return found


def parameters(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))
