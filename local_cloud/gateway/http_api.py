"""HTTP API: route, authorize, invoke, answer; with the limits of API Gateway ("Quotas for HTTP APIs")."""

import asyncio
import json
import logging
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp
from aiohttp import web

from local_cloud.gateway.events import http_answer, http_event
from local_cloud.gateway.model import Api, Authorizer, Route
from local_cloud.service_client import DoorRefused, InvokeResult

log = logging.getLogger(__name__)
MAX_BODY_BYTES = 10 * 1024 * 1024
AUTHORIZER_TIMEOUT_S = 10.0
MAX_CACHED = 10_000


class Invoker(Protocol):
    """Lambda behind the door. Raises DoorRefused, aiohttp.ClientError and TimeoutError."""

    async def invoke(self, function: str, payload: bytes, *, source_arn: str) -> InvokeResult: ...


class Denied(Exception):
    """The request ends here with this status and AWS's message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True)
class HttpApis:
    """Serves every HTTP API. `clock` is monotonic seconds."""

    invoker: Invoker
    clock: Callable[[], float] = time.monotonic
    cache: OrderedDict[tuple[str, ...], tuple[float, dict[str, Any] | None]] = field(default_factory=OrderedDict)

    async def handle(self, request: web.Request, api: Api, shown: Mapping[str, str]) -> web.StreamResponse:
        """`shown` is what the front adds; nothing when the API is called by its own address."""
        request_id = str(uuid.uuid4())
        try:
            answer = await self._answer(request, api, request_id, shown)
        except Denied as denied:
            answer = web.json_response({"message": str(denied)}, status=denied.status)
        answer.headers["Apigw-Requestid"] = request_id
        return answer

    async def _answer(self, request: web.Request, api: Api, request_id: str, shown: Mapping[str, str]) -> web.Response:
        found = api.find(request.method, request.path)
        if found is None:
            raise Denied(404, "Not Found")
        route, parameters = found
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge as large:
            raise Denied(413, "Request Entity Too Large") from large
        event = http_event(
            request, body, api=api, route=route, parameters=parameters, request_id=request_id, shown=shown
        )
        if route.authorizer is not None:
            context = await self._authorize(event, api, route, route.authorizer)
            event["requestContext"]["authorizer"] = {"lambda": context}
        return await self._invoke(event, api, route)

    async def _invoke(self, event: dict[str, Any], api: Api, route: Route) -> web.Response:
        verb = event["requestContext"]["http"]["method"]
        source = f"{api.arn_prefix}/{verb}/{'/'.join(route.path)}"
        try:
            async with asyncio.timeout(route.timeout_s):
                result = await self.invoker.invoke(route.function, json.dumps(event).encode(), source_arn=source)
        except (TimeoutError, aiohttp.ClientError, DoorRefused) as error:
            log.warning("%s: %r", route.key, error)
            raise Denied(503, "Service Unavailable") from error
        if result.function_error:
            raise Denied(500, "Internal Server Error")
        try:
            return http_answer(result.payload)
        except (ValueError, TypeError, AttributeError) as error:
            log.warning("%s: the function answered %r: %s", route.key, result.payload[:200], error)
            raise Denied(500, "Internal Server Error") from error

    async def _authorize(self, event: dict[str, Any], api: Api, route: Route, authorizer: Authorizer) -> dict[str, Any]:
        identity = [_identity(source, event) for source in authorizer.identity]
        if not all(identity):
            raise Denied(401, "Unauthorized")
        key = (authorizer.id, *[str(one) for one in identity])
        kept = self.cache.get(key)
        if kept is not None and kept[0] > self.clock():
            context = kept[1]
        else:
            context = await self._ask(event, api, route, authorizer, identity)
            self._keep(key, context, authorizer.ttl_s)
        if context is None:
            raise Denied(403, "Forbidden")
        return context

    async def _ask(
        self, event: dict[str, Any], api: Api, route: Route, authorizer: Authorizer, identity: list[str | None]
    ) -> dict[str, Any] | None:
        verb = event["requestContext"]["http"]["method"]
        asked = {name: value for name, value in event.items() if name not in ("body", "isBase64Encoded")}
        arn = f"{api.arn_prefix}/{verb}/{event['rawPath'].lstrip('/')}"
        asked |= {"type": "REQUEST", "routeArn": arn, "identitySource": identity}
        source = f"{api.arn_prefix.rpartition('/')[0]}/authorizers/{authorizer.id}"
        try:
            async with asyncio.timeout(AUTHORIZER_TIMEOUT_S):
                result = await self.invoker.invoke(authorizer.function, json.dumps(asked).encode(), source_arn=source)
            answer = json.loads(result.payload or b"null")
        except (TimeoutError, aiohttp.ClientError, DoorRefused, ValueError) as error:
            log.warning("authorizer of %s: %r", route.key, error)
            raise Denied(500, "Internal Server Error") from error
        if result.function_error or not isinstance(answer, dict) or not isinstance(answer.get("isAuthorized"), bool):
            raise Denied(500, "Internal Server Error")
        return dict(answer.get("context") or {}) if answer["isAuthorized"] else None

    def _keep(self, key: tuple[str, ...], context: dict[str, Any] | None, ttl_s: float) -> None:
        if ttl_s > 0:
            self.cache[key] = (self.clock() + ttl_s, context)
            self.cache.move_to_end(key)
        while len(self.cache) > MAX_CACHED:
            self.cache.popitem(last=False)


def _identity(source: str, event: dict[str, Any]) -> str | None:
    """`$request.header.<name>` or `$request.querystring.<name>`."""
    kind, _, name = source.removeprefix("$request.").partition(".")
    if kind == "header":
        return event["headers"].get(name.lower()) or None
    if kind == "querystring":
        return (event.get("queryStringParameters") or {}).get(name) or None
    raise Denied(500, "Internal Server Error")
