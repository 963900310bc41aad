"""Calls to providers: https to public addresses by name, the checked address is the one connected to, no redirects.

The product checks addresses when a provider is set up (`cnc.cloud.safe_fetch`); names can change their mind later, so
every connection checks again. In AWS these calls are Cognito's.
"""

import json
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from socket import AF_INET, AF_UNSPEC, AddressFamily
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from local_cloud.oidc.federation.refusal import NotTaken

FORBIDDEN: Final = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
        "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
MAX_BYTES = 256 * 1024
TIMEOUT_S = 6.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Outgoing:
    """One per front. `loopback` lets providers run on this computer, for development alone."""

    def __init__(self, *, loopback: bool, resolver: AbstractResolver | None = None) -> None:
        self.loopback = loopback
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def get(self, address: str, *, headers: Mapping[str, str] | None = None) -> bytes:
        """Raises NotTaken."""
        return await self._call("GET", address, headers=headers)

    async def get_json(self, address: str, *, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Raises NotTaken."""
        return _object(address, await self._call("GET", address, headers=headers))

    async def post_form(
        self, address: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Raises NotTaken."""
        return _object(address, await self._call("POST", address, headers=headers, data=dict(form)))

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def check(self, address: str) -> str:
        """The address itself. Raises NotTaken unless it is https to a name, at port 443."""
        try:
            parts = urlsplit(address)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise NotTaken(f"{address[:200]!r} is no address") from error
        if self.loopback and host in LOOPBACK and parts.scheme in ("http", "https"):
            return address
        ends_in_a_name = host.rpartition(".")[2][:1].isalpha() and "." in host and ":" not in host
        if parts.scheme != "https" or port not in (None, 443) or parts.username or not ends_in_a_name:
            raise NotTaken(f"{address[:200]!r}: expected https to a public name")
        return address

    async def _call(self, method: str, address: str, **more: Any) -> bytes:
        headers = {"Accept": "application/json, application/samlmetadata+xml, */*", **(more.pop("headers") or {})}
        session = self._client()
        try:
            async with session.request(
                method, self.check(address), headers=headers, allow_redirects=False, **more
            ) as answer:
                body = await answer.content.read(MAX_BYTES + 1)
                while len(body) <= MAX_BYTES and not answer.content.at_eof():
                    body += await answer.content.read(MAX_BYTES + 1 - len(body))
                status = answer.status
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            why = str(error) or type(error).__name__
            raise NotTaken(f"{urlsplit(address).hostname} could not be asked: {why}") from error
        if status != 200 or len(body) > MAX_BYTES:
            raise NotTaken(f"{urlsplit(address).hostname} answered {status} with {len(body)} bytes")
        return body

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            resolver = Public(self._resolver or ThreadedResolver(), loopback=self.loopback)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True),
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session


class Public(AbstractResolver):
    """Names whose every address is public; aiohttp connects to what is answered here and asks nobody else."""

    def __init__(self, inner: AbstractResolver, *, loopback: bool) -> None:
        self._inner, self._loopback = inner, loopback

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = AF_UNSPEC) -> list[ResolveResult]:
        if self._loopback and host == "localhost":
            return await self._inner.resolve(host, port, AF_INET)
        found = await self._inner.resolve(host, port, family)
        if not found or not all(is_public(one["host"]) for one in found):
            raise OSError(f"{host} is not a public name")
        return found

    async def close(self) -> None:
        await self._inner.close()


def is_public(text: str) -> bool:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return not any(address.version == block.version and address in block for block in FORBIDDEN)


def _object(address: str, body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotTaken(f"{urlsplit(address).hostname} answered no JSON") from error
    if not isinstance(found, dict):
        raise NotTaken(f"{urlsplit(address).hostname} answered no JSON object")
    return found
