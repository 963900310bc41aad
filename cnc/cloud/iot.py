"""Down channels of gateways over the IoT data plane, and their certificates over the control plane."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cnc.cloud.tenancy import current
from cnc.domain.base.tenant import Origin

#: A command that could not be delivered within this time must not arrive later.
COMMAND_EXPIRES_S = 60


class ReceiptChannel:
    """Answers on `cnc/<tenant>/<site>/<thing>/receipt`, QoS 0: a lost one is asked for again."""

    def __init__(self, iot_data: Any) -> None:
        self._iot_data = iot_data

    def answer(self, payload: bytes, *, origin: Origin) -> None:
        topic = current().topic(site=origin.site, thing=origin.thing, channel="receipt")
        self._iot_data.publish(topic=topic, qos=0, payload=payload)


class GatewayChannel:
    """Configuration (retained) and commands (expiring) of one gateway."""

    def __init__(self, iot_data: Any) -> None:
        self._iot_data = iot_data

    def configure(self, document: bytes, *, site: str, thing: str) -> None:
        topic = current().topic(site=site, thing=thing, channel="config")
        self._iot_data.publish(topic=topic, qos=1, retain=True, payload=document)

    def command(self, payload: bytes, *, site: str, thing: str) -> None:
        topic = current().topic(site=site, thing=thing, channel="cmd")
        self._iot_data.publish(topic=topic, qos=1, messageExpiry=COMMAND_EXPIRES_S, payload=payload)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a gateway gets for its signing request; its private key never left it."""

    certificate_id: str
    pem: str


class ThingRegistry:
    """Things and certificates in AWS IoT, with the function's own role."""

    def __init__(self, iot: Any, *, policy_name: str, group: str = "") -> None:
        self._iot = iot
        self._policy_name = policy_name
        self._group = group

    def enrol(self, thing: str, *, site: str, csr_pem: str) -> Certificate:
        """Create the thing of the tenant acted for and a certificate that may connect as it, and as nothing else."""
        attributes = {"tenant": current().tenant, "site": site}
        self._iot.create_thing(thingName=thing, attributePayload={"attributes": attributes})
        if self._group:
            self._iot.add_thing_to_thing_group(thingGroupName=self._group, thingName=thing)
        made = self._iot.create_certificate_from_csr(certificateSigningRequest=csr_pem, setAsActive=True)
        self._iot.attach_policy(policyName=self._policy_name, target=made["certificateArn"])
        self._iot.attach_thing_principal(thingName=thing, principal=made["certificateArn"])
        return Certificate(made["certificateId"], made["certificatePem"])


@dataclass(frozen=True, slots=True)
class HeldCertificate:
    """A certificate of a thing as AWS IoT holds it; `pem` has its key and its last day."""

    id: str
    active: bool
    created_at: datetime
    pem: str


class ThingCertificates:
    """The certificates of things that exist, with the function's own role."""

    def __init__(self, iot: Any) -> None:
        self._iot = iot

    def ids_of(self, thing: str) -> list[str]:
        """Empty for a thing that does not exist."""
        try:
            found = self._iot.list_thing_principals(thingName=thing)["principals"]
        except self._iot.exceptions.ResourceNotFoundException:
            return []
        return [arn.rpartition("/")[2] for arn in found if ":cert/" in arn]

    def of(self, thing: str) -> list[HeldCertificate]:
        return [self._held(one) for one in self.ids_of(thing)]

    def deactivate(self, certificate: str) -> None:
        self._iot.update_certificate(certificateId=certificate, newStatus="INACTIVE")

    def claim(self, csr_pem: str, *, policy_name: str) -> Certificate:
        """A certificate that may do nothing but enrol."""
        made = self._iot.create_certificate_from_csr(certificateSigningRequest=csr_pem, setAsActive=True)
        self._iot.attach_policy(policyName=policy_name, target=made["certificateArn"])
        return Certificate(made["certificateId"], made["certificatePem"])

    def _held(self, certificate: str) -> HeldCertificate:
        found = self._iot.describe_certificate(certificateId=certificate)["certificateDescription"]
        return HeldCertificate(certificate, found["status"] == "ACTIVE", found["creationDate"], found["certificatePem"])
