"""An agent over HTTP: documents asked for, and the stream of samples. Every wait and every size has an end."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Final
from urllib.parse import quote

import aiohttp

from greengrass_components.edge_kit.driver import DriverError
from greengrass_components.mtconnect.errors import BadDocument
from greengrass_components.mtconnect.multipart import Multipart, boundary_of
from greengrass_components.mtconnect.xml import MAX_BYTES

PORT: Final = 5000
ANSWER_TIMEOUT_S: Final = 5.0
CONNECT_TIMEOUT_S: Final = 3.0
READ_BYTES: Final = 64 << 10

Query = Mapping[str, str | int]


class AgentClient:
    """`base` is the agent's address without a device, such as http://127.0.0.1:5000"""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        await self.close()
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S)
        # No compression: a small answer must not become a large one.
        self._session = aiohttp.ClientSession(
            timeout=timeout,
            auto_decompress=False,
            trust_env=False,
            headers={"Accept": "text/xml, application/xml", "Accept-Encoding": "identity"},
        )

    async def close(self) -> None:
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def get(self, path: str, query: Query) -> bytes:
        """One document, whatever its HTTP status: errors are documents too. Raises DriverError."""
        url = self._url(path)
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                async with self._opened().get(url, params=query, allow_redirects=False) as response:
                    return await _whole(response)
        except TimeoutError as error:
            raise DriverError(f"{url}: no whole answer within {ANSWER_TIMEOUT_S:.0f} s") from error
        except aiohttp.ClientError as error:
            raise DriverError(f"{url}: {error or type(error).__name__}") from error

    async def stream(self, path: str, query: Query, *, silence_s: float) -> AsyncIterator[bytes]:
        """The documents of a stream, or the one document of an agent that does not stream.

        Raises DriverError, also when nothing came for `silence_s`.
        """
        url = self._url(path)
        try:
            async with asyncio.timeout(silence_s):
                response = await self._opened().get(url, params=query, allow_redirects=False)
            async with response:
                boundary = boundary_of(response.headers.get("Content-Type", ""))
                if not boundary:
                    async with asyncio.timeout(ANSWER_TIMEOUT_S):
                        document = await _whole(response)
                    yield document
                    return
                _refuse_encoding(response)
                parts = Multipart(boundary)
                while not parts.ended:
                    async with asyncio.timeout(silence_s):
                        data = await response.content.read(READ_BYTES)
                    if not data:
                        break
                    for document in parts.feed(data):
                        yield document
        except TimeoutError as error:
            raise DriverError(f"{url}: the stream is silent for {silence_s:.0f} s") from error
        except aiohttp.ClientError as error:
            raise DriverError(f"{url}: {error or type(error).__name__}") from error
        raise DriverError(f"{url}: the agent ended the stream")

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise DriverError(f"{self.base}: not connected")
        return self._session

    def _url(self, path: str) -> str:
        return f"{self.base}/{quote(path)}"


def _refuse_encoding(response: aiohttp.ClientResponse) -> None:
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding.strip().lower() not in ("identity", ""):
        raise BadDocument(seen=f"Content-Encoding {encoding}", expected="the document as it is")


async def _whole(response: aiohttp.ClientResponse) -> bytes:
    _refuse_encoding(response)
    found = bytearray()
    async for data in response.content.iter_chunked(READ_BYTES):
        found += data
        if len(found) > MAX_BYTES:
            raise BadDocument(seen=f"an answer of more than {MAX_BYTES} bytes", expected="a smaller one")
    if response.status >= 300 and not found.strip():
        raise DriverError(f"{response.url}: HTTP status {response.status} without a document")
    return bytes(found)
