"""Fleet provisioning by claim: certificates and things over MQTT, as the template and its hook allow.

AWS IoT developer guide, "Device provisioning MQTT API" and "Pre-provisioning hooks". Answers go to the asking
connection alone. CBOR is refused, in CBOR.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

from local_cloud.broker.messages import Message
from local_cloud.broker.pki import Authority, BadCsr, certificate_id
from local_cloud.broker.registry import PENDING, Registry, RegistryError
from local_cloud.broker.router import Router
from local_cloud.broker.templates import MissingParameter, Template
from local_cloud.service_client import DoorRefused, ServiceClient

log = logging.getLogger(__name__)
TOPIC = re.compile(
    r"\$aws/(?:certificates/(create|create-from-csr)|provisioning-templates/([^/]+)/provision)/(json|cbor)"
)
#: A certificate that is not registered within this time is deleted, and its token worth nothing.
TOKEN_LIFE_S = 3600
HOOK_TIMEOUT_S = 5.0


class Refusal(Exception):
    """What is answered on `rejected`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.body = {"statusCode": status, "errorCode": code, "errorMessage": message}


@dataclass(slots=True)
class Provisioning:
    """`key` signs ownership tokens, so that they outlive a restart of the broker."""

    registry: Registry
    authority: Authority
    router: Router
    client: ServiceClient
    templates: Mapping[str, Template]
    arn_prefix: str
    key: bytes
    private = True
    _running: set["asyncio.Task[None]"] = field(default_factory=set)

    def knows(self, topic: str) -> bool:
        return TOPIC.fullmatch(topic) is not None

    def handle(self, message: Message, *, client_id: str) -> None:
        session, found = self.router.sessions.get(client_id), TOPIC.fullmatch(message.topic)
        if session is not None and found is not None:
            task = asyncio.create_task(self._answer(message, found, client_id, session.certificate))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _answer(self, message: Message, found: re.Match[str], client_id: str, claim: str) -> None:
        try:
            if found[3] == "cbor":
                raise Refusal(
                    400, "UnsupportedPayloadFormat", "CBOR does not run here; use the topic that ends in json"
                )
            asked = _parsed(message.payload)
            self.registry.forget_pending(before_ms=int((time.time() - TOKEN_LIFE_S) * 1000))
            body = (
                await self._register(found[2], asked, client_id, claim) if found[2] else self._create(found[1], asked)
            )
            channel = "accepted"
        except Refusal as refusal:
            log.info("%s: %s: %s", client_id, message.topic, refusal.body)
            body, channel = refusal.body, "rejected"
        payload = _cbor(body) if found[3] == "cbor" else json.dumps(body, separators=(",", ":")).encode()
        self.router.answer(Message(f"{message.topic}/{channel}", payload, qos=1), to=client_id)

    def _create(self, verb: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        now, more = datetime.now(UTC), {}
        if verb == "create-from-csr":
            try:
                pem = self.authority.sign_csr(str(asked.get("certificateSigningRequest", "")), now=now)
            except BadCsr as bad:
                raise Refusal(400, "InvalidCertificateSigningRequest", str(bad)) from bad
        else:
            pem, private, _ = self.authority.new_client(now=now)
            more = {"privateKey": private}
        made = certificate_id(pem)
        self.registry.add_certificate(made, pem, status=PENDING, now=now)
        token = self._token(made, f"{time.time() + TOKEN_LIFE_S:.0f}")
        return {"certificateId": made, "certificatePem": pem, "certificateOwnershipToken": token, **more}

    async def _register(self, name: str, asked: Mapping[str, Any], client_id: str, claim: str) -> dict[str, Any]:
        certificate = self._owned(asked.get("certificateOwnershipToken"))
        parameters = asked.get("parameters", {})
        if not isinstance(parameters, dict) or not all(isinstance(value, str) for value in parameters.values()):
            raise Refusal(400, "InvalidParameters", "parameters: expected an object of strings")
        template = self.templates.get(name)
        if template is None or not template.enabled:
            raise Refusal(404, "ResourceNotFound", f"provisioning template {name} does not exist or is disabled")
        event = {"claimCertificateId": claim, "certificateId": certificate, "clientId": client_id}
        try:
            parameters = await self._allowed(template, {**event, "parameters": parameters}, certificate)
            thing, settings = template.apply(template.values(parameters, certificate), self.registry)
        except MissingParameter as missing:
            raise Refusal(400, "InvalidParameters", str(missing)) from missing
        except RegistryError as refused:
            raise Refusal(refused.status, refused.code.removesuffix("Exception"), str(refused)) from refused
        return {"deviceConfiguration": settings, "thingName": thing}

    async def _allowed(self, template: Template, event: dict[str, Any], certificate: str) -> dict[str, str]:
        """The parameters as the hook left them. AWS IoT acts through the template's role, which must trust it."""
        arn = f"{self.arn_prefix}provisioningtemplate/{template.name}"
        held = self.registry.certificate(certificate)
        if held.status not in (PENDING, "ACTIVE"):
            raise Refusal(400, "InvalidCertificateOwnershipToken", f"the certificate is {held.status}")
        event |= {"certificatePem": held.pem, "templateArn": arn}
        answer: Any = {"allowProvisioning": not template.hook}
        try:
            async with asyncio.timeout(HOOK_TIMEOUT_S):
                await (await self.client.as_role(template.role_arn, session="provisioning")).close()
                if template.hook:
                    said = await self.client.invoke(template.hook, json.dumps(event).encode(), source_arn=arn)
                    answer = {} if said.function_error else json.loads(said.payload or b"{}")
        except (DoorRefused, aiohttp.ClientError, TimeoutError, ValueError) as failed:
            log.warning("hook or role of %s: %r", template.name, failed)
        overrides = (answer.get("parameterOverrides") or {}) if isinstance(answer, dict) else None
        if not isinstance(overrides, dict) or answer.get("allowProvisioning") is not True:
            raise Refusal(403, "AccessDenied", "the pre-provisioning hook does not allow it")
        return {**event["parameters"], **{name: str(value) for name, value in overrides.items()}}

    def _token(self, certificate: str, ends_s: str) -> str:
        text = f"{certificate}.{ends_s}"
        seal = hmac.new(self.key, text.encode(), hashlib.sha256).digest()
        return f"{text}.{base64.urlsafe_b64encode(seal).decode()}"

    def _owned(self, token: object) -> str:
        """The certificate that the token speaks for."""
        text = str(token or "").encode(errors="replace").decode()
        certificate, _, rest = text.partition(".")
        ends_s = rest.partition(".")[0]
        sealed = hmac.compare_digest(self._token(certificate, ends_s).encode(), text.encode())
        if not sealed or int(ends_s) <= time.time():
            why = "is invalid or has expired" if token else "cannot be empty"
            raise Refusal(400, "InvalidCertificateOwnershipToken", f"Certificate ownership token {why}.")
        return certificate


def _parsed(payload: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(payload or b"{}")
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "InvalidPayload", "the payload is not JSON") from error
    if not isinstance(asked, dict):
        raise Refusal(400, "InvalidPayload", "the payload: expected a JSON object")
    return asked


def _cbor(body: Mapping[str, Any]) -> bytes:
    """A map of texts to texts and whole numbers (RFC 8949), each below 64 KB and 65,536."""
    whole = bytes([5 << 5 | 25]) + len(body).to_bytes(2, "big")
    for value in (one for pair in body.items() for one in pair):
        data = value.encode() if isinstance(value, str) else b""
        size = len(data) if isinstance(value, str) else value
        whole += bytes([(3 if isinstance(value, str) else 0) << 5 | 25]) + size.to_bytes(2, "big") + data
    return whole
