"""A look at a provider before anybody is sent there: its documents are read, and say what they must.

Their addresses come from a customer: everything is asked through `SafeFetch`, and every address that a document names
is checked as well, since the user pool will call it.
"""

import json
import re
from dataclasses import replace
from typing import Any, Protocol

from cnc.domain.base.errors import CncError
from cnc.domain.identity.sso import Settings, refused

_ENTITY = re.compile(r"<(?:\w+:)?EntityDescriptor\b")
_SIGN_ON = re.compile(r"<(?:\w+:)?SingleSignOnService\b[^>]*>")
_LOCATION = re.compile(r"\bLocation\s*=\s*[\"']([^\"']+)[\"']")
_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
_ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Fetch(Protocol):
    def check(self, address: str) -> None: ...
    def get(self, address: str, *, accept: str = ...) -> bytes: ...


def look(settings: Settings, *, fetch: Fetch) -> Settings:
    """The settings, with the issuer as discovery says it. Raises CncError `sso.settings`, `address.refused` …"""
    if settings.is_saml:
        text = settings.metadata or fetch.get(settings.metadata_url, accept="application/samlmetadata+xml, */*").decode(
            errors="replace"
        )
        _check_metadata(text, fetch=fetch)
        return settings
    return _looked_up(settings, fetch=fetch)


def _looked_up(settings: Settings, *, fetch: Fetch) -> Settings:
    issuer = settings.issuer.removesuffix("/.well-known/openid-configuration")
    document = _document(fetch.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration"))
    said = document.get("issuer")
    # A slash at the end is easily left out; anything else is another issuer.
    if not isinstance(said, str) or said.rstrip("/") != issuer.rstrip("/"):
        raise refused(str(said)[:100], f"a discovery document of {issuer}")
    for name in (*_ADDRESSES, "userinfo_endpoint"):
        address = document.get(name)
        if isinstance(address, str):
            fetch.check(address)
        elif name in _ADDRESSES:
            raise refused(f"no {name}", "a discovery document of an OpenID provider")
    if "code" not in document.get("response_types_supported", ["code"]):
        raise refused("no authorization code", "a provider with the authorization code flow")
    return replace(settings, issuer=said)


def _check_metadata(text: str, *, fetch: Fetch) -> None:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise refused("a document type", "SAML metadata without one")
    if len(_ENTITY.findall(text)) != 1 or "X509Certificate" not in text:
        raise refused("no single EntityDescriptor with a certificate", "the metadata of one SAML identity provider")
    addresses = [_LOCATION.search(one) for one in _SIGN_ON.findall(text) if _REDIRECT in one]
    if not addresses or not all(addresses):
        raise refused("no address for HTTP-Redirect", "metadata with a SingleSignOnService by HTTP-Redirect")
    for found in addresses:
        if found:
            fetch.check(found[1].replace("&amp;", "&"))


def _document(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError as error:
        raise CncError("sso.settings", seen="no JSON", expected="a discovery document") from error
    if not isinstance(found, dict):
        raise CncError("sso.settings", seen=type(found).__name__, expected="a discovery document")
    return found
