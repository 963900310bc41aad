"""Passes authorised calls to the processes that answer them: broker (IoT) and http (connections)."""

from collections.abc import Mapping

import aiohttp
from yarl import URL

from local_cloud.cloud import Cloud
from local_cloud.door.calls import Call
from local_cloud.door.errors import AwsError
from local_cloud.door.sessions import Principal
from local_cloud.service_client import Reply

TIMEOUT_S = 30
_DROPPED = {"host", "authorization", "content-length", "connection", "x-amz-security-token", "accept-encoding"}


class Forward:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))

    async def iot(self, call: Call, principal: Principal) -> Reply:
        """IoT control and data plane."""
        url = f"http://127.0.0.1:{self._cloud.ports.broker_control}{call.raw_target}"
        return await self._send(call, url, {"X-Local-Principal": principal.arn, "X-Local-Service": call.service})

    async def connection(self, call: Call, principal: Principal) -> Reply:
        """`@connections` of the WebSocket API."""
        connection = call.raw_target.partition("/@connections/")[2]
        url = f"http://127.0.0.1:{self._cloud.ports.http}/_connections/{connection}"
        key = self._cloud.service_credentials.secret_access_key
        return await self._send(call, url, {"X-Local-Principal": principal.arn, "X-Local-Key": key})

    async def _send(self, call: Call, url: str, extra: Mapping[str, str]) -> Reply:
        headers = {
            name: value
            for name, value in call.headers.items()
            if name not in _DROPPED and not name.startswith("x-local-")
        }
        try:
            async with self._session.request(
                call.method, URL(url, encoded=True), data=call.body, headers=headers | dict(extra)
            ) as answer:
                return Reply(answer.status, dict(answer.headers), await answer.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            raise AwsError(503, "ServiceUnavailableException", f"{call.service} does not answer ({error})") from None

    async def close(self) -> None:
        await self._session.close()
