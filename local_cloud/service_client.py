"""How the other processes of the local cloud speak to the door: as an AWS service would."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self
from urllib.parse import quote, urlencode

import aiohttp
from yarl import URL

from local_cloud.cloud import Cloud, Credentials
from local_cloud.sigv4 import sign

TIMEOUT_S = 910.0  # a Lambda may run 900 s


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class InvokeResult:
    """`function_error` is "" or what AWS sends as X-Amz-Function-Error ("Unhandled")."""

    status: int
    function_error: str
    payload: bytes


class DoorRefused(Exception):
    """The door answered an error; its text carries status and body."""


class ServiceClient:
    """One per process; holds one connection pool. `principal` is the service, e.g. `iot.amazonaws.com`."""

    def __init__(self, cloud: Cloud, *, principal: str, credentials: Credentials | None = None) -> None:
        self._cloud = cloud
        self._principal = principal
        self._credentials = credentials or cloud.service_credentials
        self._session: aiohttp.ClientSession | None = None

    async def call(
        self, service: str, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """One signed call; `path` is the encoded target with its query. Errors of AWS shape come back as a Reply."""
        url = self._cloud.aws_url + path
        signed = sign(
            method,
            url,
            credentials=self._credentials,
            service=service,
            region=self._cloud.region,
            now=datetime.now(UTC),
            body=body,
            headers=headers,
        )
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_S), connector=aiohttp.TCPConnector(limit=0)
            )
        async with self._session.request(method, URL(url, encoded=True), data=body, headers=signed) as answer:
            return Reply(answer.status, dict(answer.headers), await answer.read())

    async def invoke(self, function: str, payload: bytes, *, source_arn: str, event: bool = False) -> InvokeResult:
        """Invoke by name or ARN. Raises DoorRefused when Lambda itself refuses (permission, throttle, size)."""
        name = function.split(":function:")[-1]
        reply = await self.call(
            "lambda",
            "POST",
            f"/2015-03-31/functions/{quote(name, safe='')}/invocations",
            body=payload,
            headers={
                "X-Amz-Invocation-Type": "Event" if event else "RequestResponse",
                "X-Local-Source-Principal": self._principal,
                "X-Local-Source-Arn": source_arn,
            },
        )
        if reply.status >= 300:
            raise DoorRefused(f"invoke {name}: {reply.status} {reply.body.decode(errors='replace')}")
        return InvokeResult(reply.status, reply.headers.get("X-Amz-Function-Error", ""), reply.body)

    async def as_role(self, role_arn: str, *, session: str = "service") -> Self:
        """A client holding a session of the role, which must trust this service. Raises DoorRefused."""
        form = urlencode(
            {"Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": role_arn, "RoleSessionName": session}
        )
        reply = await self.call(
            "sts",
            "POST",
            "/",
            body=form.encode(),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Local-Source-Principal": self._principal,
            },
        )
        if reply.status != 200:
            raise DoorRefused(f"assume {role_arn}: {reply.status} {reply.body.decode(errors='replace')}")
        found = {node.tag.rpartition("}")[2]: node.text or "" for node in ET.fromstring(reply.body).iter()}  # noqa: S314
        credentials = Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
        return type(self)(self._cloud, principal=self._principal, credentials=credentials)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
