"""Contents of programs between the gateway and the store of the product, and no other server.

The address in a command is not signed: the digest protects what is fetched, and this protects where from. A gateway
stands in a shop's network, so an address must not make it ask or tell anything there: only HTTPS to Amazon S3, no
other port, no redirects; and the computer of the broker where that is none of Amazon's, as with the local cloud.
"""

import asyncio
import urllib.error
import urllib.request
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

HTTP_TIMEOUT_S: Final = 20.0
#: More than REST takes as a program.
MOST_BYTES: Final = 8 * 1024 * 1024
#: Names of one and the same computer.
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_AMAZON: Final = (".amazonaws.com", ".amazonaws.com.cn")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """None makes the redirect an HTTPError."""


_OPENER: Final = urllib.request.build_opener(_NoRedirect)


@dataclass(frozen=True, slots=True)
class Store:
    """`broker` is the host name of the gateway's bootstrap, "" for none."""

    broker: str

    async def fetch(self, url: str) -> bytes:
        """The content of an order. Raises OSError."""
        return await asyncio.to_thread(self._get, url)

    async def put(self, url: str, body: bytes) -> None:
        """Put a content where the store asked for it. Raises OSError."""
        await asyncio.to_thread(self._put, url, body)

    def _get(self, url: str) -> bytes:
        body = self._answer(urllib.request.Request(self.checked(url)))  # noqa: S310 - checked
        if len(body) > MOST_BYTES:
            raise OSError(f"content of more than {MOST_BYTES} bytes")
        return body

    def _put(self, url: str, body: bytes) -> None:
        checksum = b64encode(sha256(body).digest()).decode()
        # Without a media type of its own, urllib calls the body a form.
        headers = {"x-amz-checksum-sha256": checksum, "content-type": "application/octet-stream"}
        self._answer(urllib.request.Request(self.checked(url), data=body, method="PUT", headers=headers))  # noqa: S310

    @staticmethod
    def _answer(request: urllib.request.Request) -> bytes:
        try:
            with _OPENER.open(request, timeout=HTTP_TIMEOUT_S) as answer:
                body: bytes = answer.read(MOST_BYTES + 1)
        except HTTPException as error:
            raise OSError(f"an answer that is no HTTP: {error}") from error
        return body

    def checked(self, url: str) -> str:
        """The address itself. Raises OSError when it is none of the store's."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise OSError(f"no address: {error}") from error
        if parts.username is not None or any(char <= " " or char == "\\" for char in url):
            raise OSError("an address with a user name or blanks in it")
        if parts.scheme == "https" and port in (None, 443) and _is_s3(host):
            return url
        beside_broker = host and (host == self.broker or {host, self.broker} <= _HERE)
        if parts.scheme in ("http", "https") and beside_broker and not host.endswith(_AMAZON):
            return url
        raise OSError(f"{parts.scheme}://{host}, expected the store of the product")


def _is_s3(host: str) -> bool:
    """`<bucket>.s3.<region>.amazonaws.com`, with the region left out or `s3.…` alone for the older forms."""
    end = next((end for end in _AMAZON if host.endswith(end)), None)
    if end is None:
        return False
    labels = host.removesuffix(end).split(".")
    return "s3" in labels[-2:]
