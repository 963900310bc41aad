"""The one AWS endpoint: who calls, may they, and which engine answers."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from local_cloud.door import errors, signatures
from local_cloud.door.calls import Call
from local_cloud.door.dynamodb import DynamoDb
from local_cloud.door.errors import AwsError
from local_cloud.door.forward import Forward
from local_cloud.door.judge import Judge
from local_cloud.door.lambda_api import LambdaApi
from local_cloud.door.meter import Meter
from local_cloud.door.public import PUBLIC_OPERATIONS, service_of_unsigned
from local_cloud.door.sessions import BadCredentials, Principal, Sessions
from local_cloud.door.sts import Sts
from local_cloud.engines.moto_engine import MotoEngine
from local_cloud.service_client import Reply

MOST_BODY_BYTES = 128 * 1024 * 1024
_IOT = {"iot", "iotdata", "iotdevicegateway"}
_DROPPED = {"content-length", "transfer-encoding", "connection", "content-encoding", "date", "server"}
log = logging.getLogger("door")

ANONYMOUS = Principal("anonymous", role="anonymous")


class Door:
    """Wired by `local_cloud.door.wiring`."""

    def __init__(
        self, *, sessions: Sessions, judge: Judge, sts: Sts, dynamodb: DynamoDb, lambda_api: LambdaApi,
        forward: Forward, moto: MotoEngine, meter: Meter, clock: Callable[[], datetime],
        scrub: Callable[[], float] = lambda: 0.0,
    ) -> None:  # fmt: skip
        self._sessions = sessions
        self._judge = judge
        self._sts = sts
        self._dynamodb = dynamodb
        self._lambda = lambda_api
        self._forward = forward
        self._moto = moto
        self._meter = meter
        self._scrub = scrub
        self._clock = clock

    def application(self) -> web.Application:
        app = web.Application(client_max_size=MOST_BODY_BYTES)
        app.router.add_get("/_meter", self._read_meter)
        app.router.add_post("/_meter", self._add_meter)
        app.router.add_post("/_scrub", self._scrub_now)
        app.router.add_route("*", "/{tail:.*}", self._handle)
        return app

    async def _read_meter(self, _request: web.Request) -> web.Response:
        return web.json_response(self._meter.read())

    async def _add_meter(self, request: web.Request) -> web.Response:
        try:
            self._meter.merge(await request.json())
        except (ValueError, AttributeError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({})

    async def _scrub_now(self, _request: web.Request) -> web.Response:
        """What is deleted leaves the disk now, and not within the next minutes."""
        return web.json_response({"took_s": await asyncio.to_thread(self._scrub)})

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if request.path.startswith("/runtime/"):
            return _response(await self._lambda.runtime(request.method, request.path, body))
        headers = {name.lower(): value for name, value in request.headers.items()}
        reply = await self.answer(request.method, request.raw_path, headers, body)
        return _response(reply, bodiless=request.method == "HEAD")

    async def answer(self, method: str, raw_target: str, headers: dict[str, str], body: bytes) -> Reply:
        """The whole way of one request; every error comes back in the shape of its service."""
        service = "sts"
        try:
            signed = signatures.read(raw_target, headers)
            service = signed.scope.service if signed else service_of_unsigned(headers, raw_target)
            principal = ANONYMOUS
            if signed:
                principal = signatures.verify(
                    signed, method=method, raw_target=raw_target, headers=headers, body=body,
                    sessions=self._sessions, now=self._clock(),
                )  # fmt: skip
            call = Call(method, raw_target, headers, body, service, _context(principal, self._clock()))
            return await self._dispatch(call, principal)
        except BadCredentials as error:
            return errors.reply(service, AwsError(403, error.code, str(error)))
        except AwsError as error:
            log.info("%s %s: %s %s", service, raw_target, error.code, error.message)
            return errors.reply(service, error)

    async def _dispatch(self, call: Call, principal: Principal) -> Reply:
        if call.service == "sts":
            return self._sts.answer(call, principal)
        if principal is ANONYMOUS and call.operation not in PUBLIC_OPERATIONS:
            raise AwsError(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
        if principal is not ANONYMOUS:
            self._judge.check(call, principal)
        match call.service:
            case "dynamodb":
                return await self._dynamodb.call(call)
            case "lambda":
                return await self._lambda.invoke(call)
            case "execute-api":
                return await self._forward.connection(call, principal)
            case service if service in _IOT:
                return await self._forward.iot(call, principal)
            case "s3":
                self._meter.add("s3", "put" if call.method in ("PUT", "POST") else "get")
        return await self._moto.call(call)


def _context(principal: Principal, now: datetime) -> dict[str, object]:
    """Condition keys that every request has. Loopback stands in for TLS."""
    tags = {f"aws:principaltag/{key.lower()}": value for key, value in principal.tags.items()}
    return {
        "aws:securetransport": "true",
        "aws:principalarn": principal.role or principal.arn,
        "aws:sourceip": "127.0.0.1",
        "aws:currenttime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        **tags,
    }


def _response(reply: Reply, *, bodiless: bool = False) -> web.Response:
    headers = {name: value for name, value in reply.headers.items() if name.lower() not in _DROPPED}
    if bodiless:
        length = next((value for name, value in reply.headers.items() if name.lower() == "content-length"), None)
        response = web.Response(status=reply.status, headers=headers)
        if length is not None:
            response.headers["Content-Length"] = length
        return response
    return web.Response(status=reply.status, body=reply.body, headers=headers)
