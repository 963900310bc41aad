"""IoT control and data plane over REST, behind the policy door: the operations the product uses."""

import base64
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from aiohttp import web
from mqtt5 import DisconnectReasonCode

from local_cloud.broker import limits
from local_cloud.broker.messages import Message
from local_cloud.broker.pki import Authority, BadCsr, certificate_id
from local_cloud.broker.registry import Registry, RegistryError, Thing
from local_cloud.broker.router import Overloaded, ReservedTopic, Router, now_ms
from local_cloud.broker.shadows import ShadowError, ShadowService
from local_cloud.broker.topics import BadTopic, check_topic

log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[Any]]
INVALID = "InvalidRequestException"


class Control:
    """One method per operation; each answers the JSON of the response, or raises RegistryError."""

    def __init__(
        self,
        *,
        registry: Registry,
        authority: Authority,
        router: Router,
        shadows: ShadowService,
        arn_prefix: str,
        endpoint: str,
    ) -> None:
        self.registry, self.authority, self.router, self.shadows = registry, authority, router, shadows
        self.arn_prefix, self.endpoint = arn_prefix, endpoint

    def application(self) -> web.Application:
        app = web.Application(client_max_size=1024 * 1024)
        for method, path, handler in self._routes():
            app.router.add_route(method, path, _answering(handler))
        app.router.add_route("*", "/{rest:.*}", _answering(_unknown))
        return app

    def _routes(self) -> list[tuple[str, str, Handler]]:
        thing, principals = "/things/{thing}", "/things/{thing}/principals"
        certificate, policy, shadow = "/certificates/{certificate}", "/policies/{policy}", "/things/{thing}/shadow"
        return [
            ("GET", "/things", self.list_things),
            ("POST", thing, self.create_thing),
            ("GET", thing, self.describe_thing),
            ("PATCH", thing, self.update_thing),
            ("DELETE", thing, self.delete_thing),
            ("GET", principals, self.list_thing_principals),
            ("PUT", principals, self.attach_thing_principal),
            ("DELETE", principals, self.detach_thing_principal),
            ("PUT", "/thing-groups/addThingToThingGroup", self.add_thing_to_thing_group),
            ("GET", "/things/{thing}/thing-groups", self.list_thing_groups_for_thing),
            ("POST", "/certificates", self.create_certificate_from_csr),
            ("POST", "/keys-and-certificate", self.create_keys_and_certificate),
            ("GET", certificate, self.describe_certificate),
            ("PUT", certificate, self.update_certificate),
            ("DELETE", certificate, self.delete_certificate),
            ("POST", policy, self.create_policy),
            ("GET", policy, self.get_policy),
            ("PUT", "/target-policies/{policy}", self.attach_policy),
            ("POST", "/target-policies/{policy}", self.detach_policy),
            ("POST", "/attached-policies/{target:.+}", self.list_attached_policies),
            ("GET", "/endpoint", self.describe_endpoint),
            ("POST", "/topics/{topic:.+}", self.publish),
            ("GET", "/retainedMessage", self.list_retained_messages),
            ("GET", "/retainedMessage/{topic:.+}", self.get_retained_message),
            ("GET", shadow, self.get_thing_shadow),
            ("POST", shadow, self.update_thing_shadow),
            ("DELETE", shadow, self.delete_thing_shadow),
        ]

    # things
    async def list_things(self, request: web.Request) -> Any:
        name, value = request.query.get("attributeName"), request.query.get("attributeValue")
        start, size = _page(request)
        found = [t for t in self.registry.things() if name is None or t.attributes.get(name) == value]
        answer: dict[str, Any] = {"things": [self._thing(thing) for thing in found[start : start + size]]}
        if len(found) > start + size:
            answer["nextToken"] = str(start + size)
        return answer

    async def create_thing(self, request: web.Request) -> Any:
        body = await _body(request)
        made = self.registry.create_thing(
            request.match_info["thing"],
            type_name=body.get("thingTypeName"),
            attributes=body.get("attributePayload", {}).get("attributes", {}),
        )
        return {"thingName": made.name, "thingArn": self._arn("thing", made.name), "thingId": made.id}

    async def describe_thing(self, request: web.Request) -> Any:
        found = self.registry.thing(request.match_info["thing"])
        return {**self._thing(found), "thingId": found.id, "defaultClientId": found.name}

    async def update_thing(self, request: web.Request) -> Any:
        body = await _body(request)
        payload = body.get("attributePayload", {})
        self.registry.update_thing(
            request.match_info["thing"],
            attributes=payload.get("attributes", {}),
            merge=bool(payload.get("merge", False)),
            expected_version=body.get("expectedVersion"),
        )
        return self._recheck()

    async def delete_thing(self, request: web.Request) -> Any:
        self.registry.delete_thing(request.match_info["thing"])
        return self._recheck()

    async def list_thing_principals(self, request: web.Request) -> Any:
        self.registry.thing(request.match_info["thing"])
        found = self.registry.principals_of(request.match_info["thing"])
        return {"principals": [self._arn("cert", one) for one in found]}

    async def attach_thing_principal(self, request: web.Request) -> Any:
        principal = request.headers.get("x-amzn-principal", "")
        self.registry.attach_principal(request.match_info["thing"], self._certificate(principal))
        return {}

    async def detach_thing_principal(self, request: web.Request) -> Any:
        principal = request.headers.get("x-amzn-principal", "")
        self.registry.detach_principal(request.match_info["thing"], self._certificate(principal))
        return self._recheck()

    async def add_thing_to_thing_group(self, request: web.Request) -> Any:
        body = await _body(request)
        self.registry.join_group(str(body.get("thingName", "")), str(body.get("thingGroupName", "")))
        return {}

    async def list_thing_groups_for_thing(self, request: web.Request) -> Any:
        names = self.registry.groups_of(request.match_info["thing"])
        return {"thingGroups": [{"groupName": name, "groupArn": self._arn("thinggroup", name)} for name in names]}

    # certificates
    async def create_certificate_from_csr(self, request: web.Request) -> Any:
        body = await _body(request)
        try:
            pem = self.authority.sign_csr(str(body.get("certificateSigningRequest", "")), now=datetime.now(UTC))
        except BadCsr as error:
            raise RegistryError(INVALID, 400, str(error)) from error
        return self._register(request, pem)

    async def create_keys_and_certificate(self, request: web.Request) -> Any:
        pem, private, public = self.authority.new_client(now=datetime.now(UTC))
        return {**self._register(request, pem), "keyPair": {"PublicKey": public, "PrivateKey": private}}

    async def describe_certificate(self, request: web.Request) -> Any:
        found = self.registry.certificate(request.match_info["certificate"])
        described = {
            "certificateId": found.id,
            "certificateArn": self._arn("cert", found.id),
            "certificatePem": found.pem,
            "status": found.status,
            "creationDate": found.created_ms / 1000,
        }
        return {"certificateDescription": described}

    async def update_certificate(self, request: web.Request) -> Any:
        self.registry.set_status(request.match_info["certificate"], request.query.get("newStatus", ""))
        return self._recheck()

    async def delete_certificate(self, request: web.Request) -> Any:
        force = request.query.get("forceDelete") == "true"
        self.registry.delete_certificate(request.match_info["certificate"], force=force)
        return self._recheck()

    # policies
    async def create_policy(self, request: web.Request) -> Any:
        name, document = request.match_info["policy"], str((await _body(request)).get("policyDocument", ""))
        self.registry.create_policy(name, document)
        arn = self._arn("policy", name)
        return {"policyName": name, "policyArn": arn, "policyDocument": document, "policyVersionId": "1"}

    async def get_policy(self, request: web.Request) -> Any:
        name = request.match_info["policy"]
        document = self.registry.policy(name)
        arn = self._arn("policy", name)
        return {"policyName": name, "policyArn": arn, "policyDocument": document, "defaultVersionId": "1"}

    async def attach_policy(self, request: web.Request) -> Any:
        target = str((await _body(request)).get("target", ""))
        self.registry.attach_policy(request.match_info["policy"], self._certificate(target))
        return {}

    async def detach_policy(self, request: web.Request) -> Any:
        target = str((await _body(request)).get("target", ""))
        self.registry.detach_policy(request.match_info["policy"], self._certificate(target))
        return self._recheck()

    async def list_attached_policies(self, request: web.Request) -> Any:
        names = self.registry.policies_of(self._certificate(unquote(request.match_info["target"])))
        return {"policies": [{"policyName": name, "policyArn": self._arn("policy", name)} for name in names]}

    async def describe_endpoint(self, _: web.Request) -> Any:
        return {"endpointAddress": self.endpoint}

    # data plane
    async def publish(self, request: web.Request) -> Any:
        topic = unquote(request.match_info["topic"])
        payload = await request.read()
        if len(payload) > limits.MAX_PAYLOAD_BYTES:
            raise RegistryError(
                "RequestEntityTooLargeException", 413, f"payload of {len(payload)} bytes, at most 128 KB"
            )
        try:
            check_topic(topic)
            self.router.publish(_message(request, topic, payload), client_id="")
        except (BadTopic, ReservedTopic, ValueError) as error:
            raise RegistryError(INVALID, 400, str(error)) from error
        except Overloaded as error:
            raise RegistryError("ThrottlingException", 429, "the rules engine is behind") from error
        return {"message": "OK", "traceId": None}

    async def list_retained_messages(self, request: web.Request) -> Any:
        kept = sorted(self.router.retained.by_topic.values(), key=lambda one: one.topic)
        start, size = _page(request)
        topics = [
            {"topic": m.topic, "payloadSize": len(m.payload), "qos": m.qos, "lastModifiedTime": m.modified_ms}
            for m in kept[start : start + size]
        ]
        more = {"nextToken": str(start + size)} if len(kept) > start + size else {}
        return {"retainedTopics": topics, **more}

    async def get_retained_message(self, request: web.Request) -> Any:
        found = self.router.retained.get(unquote(request.match_info["topic"]), now_ms=now_ms())
        if found is None:
            raise RegistryError("ResourceNotFoundException", 404, "no retained message on this topic")
        payload = base64.b64encode(found.payload).decode()
        return {"topic": found.topic, "payload": payload, "qos": found.qos, "lastModifiedTime": found.modified_ms}

    async def get_thing_shadow(self, request: web.Request) -> Any:
        return self.shadows.get(request.match_info["thing"], request.query.get("name", ""))

    async def update_thing_shadow(self, request: web.Request) -> Any:
        body = await _body(request)
        return self.shadows.update(request.match_info["thing"], request.query.get("name", ""), body)

    async def delete_thing_shadow(self, request: web.Request) -> Any:
        return self.shadows.delete(request.match_info["thing"], request.query.get("name", ""))

    # helpers
    def _arn(self, kind: str, name: str) -> str:
        return f"{self.arn_prefix}{kind}/{name}"

    def _thing(self, thing: Thing) -> dict[str, Any]:
        typed = {"thingTypeName": thing.type} if thing.type else {}
        arn = self._arn("thing", thing.name)
        return {
            "thingName": thing.name,
            "thingArn": arn,
            "attributes": dict(thing.attributes),
            "version": thing.version,
            **typed,
        }

    def _register(self, request: web.Request, pem: str) -> dict[str, Any]:
        made = certificate_id(pem)
        active = request.query.get("setAsActive", "false").lower() == "true"
        status = "ACTIVE" if active else "INACTIVE"
        self.registry.add_certificate(made, pem, status=status, now=datetime.now(UTC))
        return {"certificateArn": self._arn("cert", made), "certificateId": made, "certificatePem": pem}

    def _certificate(self, arn: str) -> str:
        prefix = self._arn("cert", "")
        if not arn.startswith(prefix):
            raise RegistryError(INVALID, 400, f"principal {arn!r}: expected {prefix}<certificate id>")
        return arn.removeprefix(prefix)

    def _recheck(self) -> dict[str, Any]:
        """Ends every connection that may not be connected any more."""
        for session in list(self.router.sessions.values()):
            if session.link is not None and not session.link.may_stay():
                session.link.close(DisconnectReasonCode.NOT_AUTHORIZED)
        return {}


def _answering(handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(await handler(request))
        except RegistryError as error:
            return _error(error.code, error.status, str(error))
        except ShadowError as error:
            code = {404: "ResourceNotFoundException", 409: "ConflictException", 413: "RequestEntityTooLargeException"}
            return _error(code.get(error.code, INVALID), error.code, str(error))

    return answer


async def _unknown(request: web.Request) -> Any:
    raise RegistryError("NotImplementedException", 501, f"{request.method} {request.path} does not run here")


def _error(code: str, status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status, headers={"x-amzn-ErrorType": code})


async def _body(request: web.Request) -> dict[str, Any]:
    raw = await request.read()
    try:
        body = json.loads(raw or b"{}")
    except (ValueError, RecursionError) as error:
        raise RegistryError(INVALID, 400, f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise RegistryError(INVALID, 400, "the body: expected a JSON object")
    return body


def _page(request: web.Request) -> tuple[int, int]:
    try:
        start, size = int(request.query.get("nextToken", "0")), int(request.query.get("maxResults", "250"))
    except ValueError as error:
        raise RegistryError(INVALID, 400, f"nextToken or maxResults: {error}") from error
    return max(start, 0), min(max(size, 1), 250)


def _message(request: web.Request, topic: str, payload: bytes) -> Message:
    """Raises ValueError for a QoS or expiry that is no number."""
    expiry = request.query.get("messageExpiry")
    correlation = request.headers.get("x-amz-mqtt5-correlation-data")
    return Message(
        topic=topic,
        payload=payload,
        qos=min(max(int(request.query.get("qos", "0")), 0), 1),
        retain=request.query.get("retain", "false").lower() == "true",
        expires_ms=None if expiry is None else now_ms() + int(expiry) * 1000,
        content_type=request.query.get("contentType"),
        response_topic=request.query.get("responseTopic"),
        correlation=None if correlation is None else base64.b64decode(correlation, validate=True),
    )
