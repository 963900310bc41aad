"""The device provisioning MQTT API as AWS documents it, met by a client of its own."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from greengrass_components.edge_kit.identity.keys import new_key, signing_request
from local_cloud.broker.templates import BadTemplate, Template
from tests.edge_kit.provisioned import CLAIM, GROUP, THING, TOKEN, Cloud, declared, provisioning_cloud
from tests.local_cloud.broker.support import WAIT_S, Client, Gateway, new_client

CREATE, CSR = "$aws/certificates/create/json", "$aws/certificates/create-from-csr/json"
REGISTER = f"$aws/provisioning-templates/{GROUP}/provision/json"
NOT_AUTHORIZED = 135
#: A claim of somebody who lets AWS make the keys, and who uses CBOR.
WIDE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}],
}


@pytest.fixture
async def cloud(tmp_path: Path) -> AsyncIterator[Cloud]:
    async with provisioning_cloud(tmp_path) as made:
        made.rows.expect(TOKEN, THING)
        await asyncio.to_thread(made.iot.control.create_policy, policyName="wide", policyDocument=json.dumps(WIDE))
        yield made


class Device:
    """A client that asks and waits for the answer."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def ask(self, topic: str, body: Any) -> tuple[str, bytes]:
        """(accepted or rejected, payload)"""
        assert max(await self.client.subscribe(f"{topic}/accepted", f"{topic}/rejected")) <= 1
        before = len(self.client.received)
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        assert await self.client.publish(topic, payload) == 0
        await self.client.until(lambda: len(self.client.received) > before)
        packet = self.client.received[before]
        return str(packet.topic).rpartition("/")[2], bytes(packet.payload or b"")

    async def refused(self, topic: str, body: Any) -> dict[str, Any]:
        verdict, payload = await self.ask(topic, body)
        assert verdict == "rejected"
        told: dict[str, Any] = json.loads(payload)
        assert told.keys() == {"statusCode", "errorCode", "errorMessage"}
        return told

    async def accepted(self, topic: str, body: Any) -> dict[str, Any]:
        verdict, payload = await self.ask(topic, body)
        assert verdict == "accepted", payload
        made: dict[str, Any] = json.loads(payload)
        return made

    async def certificate(self) -> dict[str, Any]:
        return await self.accepted(CSR, {"certificateSigningRequest": signing_request(new_key())})


async def device(cloud: Cloud, policy: str, client_id: str) -> Device:
    made = await asyncio.to_thread(cloud.certificate, policy)
    cert, key = cloud.folder / f"{client_id}.pem", cloud.folder / f"{client_id}.key"
    cert.write_text(made.certificate)
    key.write_text(made.key)
    client = new_client(Gateway(client_id, cert, key, "", ""), str(cloud.ca), cloud.broker.tls_port)
    await asyncio.wait_for(client.connected.wait(), WAIT_S)
    return Device(client)


@pytest.fixture
async def claimer(cloud: Cloud) -> AsyncIterator[Device]:
    made = await device(cloud, CLAIM, "enrol-1")
    yield made
    await made.client.stop()


@pytest.fixture
async def wide(cloud: Cloud) -> AsyncIterator[Device]:
    made = await device(cloud, "wide", "anybody")
    yield made
    await made.client.stop()


async def test_a_certificate_is_pending_until_it_is_registered(cloud: Cloud, claimer: Device) -> None:
    made = await claimer.certificate()
    assert made.keys() == {"certificateId", "certificatePem", "certificateOwnershipToken"}
    assert cloud.broker.registry.certificate(made["certificateId"]).status == "PENDING_ACTIVATION"
    asked = {"certificateOwnershipToken": made["certificateOwnershipToken"], "parameters": {"Token": TOKEN}}
    answer = await claimer.accepted(REGISTER, asked)
    assert answer["thingName"] == THING
    assert cloud.broker.registry.certificate(made["certificateId"]).status == "ACTIVE"
    assert cloud.broker.registry.things_of(made["certificateId"]) == [THING]
    hooked = cloud.asked[0]
    assert hooked.keys() >= {"claimCertificateId", "certificateId", "certificatePem", "templateArn", "clientId"}
    assert (hooked["clientId"], hooked["parameters"]) == ("enrol-1", {"Token": TOKEN})


async def test_keys_may_be_made_by_the_cloud(wide: Device) -> None:
    made = await wide.accepted(CREATE, b"{}")
    assert made.keys() == {"certificateId", "certificatePem", "privateKey", "certificateOwnershipToken"}
    assert x509.load_pem_x509_certificate(made["certificatePem"].encode())


async def test_what_the_device_says_of_itself_counts_for_nothing(cloud: Cloud, claimer: Device) -> None:
    made = await claimer.certificate()
    lies = {"Token": TOKEN, "ThingName": "g_" + "9" * 16, "Tenant": "t_" + "9" * 16, "Site": "s_9"}
    asked = {"certificateOwnershipToken": made["certificateOwnershipToken"], "parameters": lies}
    answer = await claimer.accepted(REGISTER, asked)
    assert answer["thingName"] == answer["deviceConfiguration"]["thing"] == THING
    assert [thing.name for thing in cloud.broker.registry.things()] == [THING]


@pytest.mark.parametrize(
    ("topic", "body", "code"),
    [
        (CSR, b"{", "InvalidPayload"),
        (CSR, b"[]", "InvalidPayload"),
        (CSR, {}, "InvalidCertificateSigningRequest"),
        (CSR, {"certificateSigningRequest": "x"}, "InvalidCertificateSigningRequest"),
        (REGISTER, {}, "InvalidCertificateOwnershipToken"),
        (REGISTER, {"certificateOwnershipToken": "x.9.y"}, "InvalidCertificateOwnershipToken"),
        (REGISTER, {"certificateOwnershipToken": "\ud800.1.é"}, "InvalidCertificateOwnershipToken"),
        (REGISTER, {"certificateOwnershipToken": 5}, "InvalidCertificateOwnershipToken"),
    ],
)
async def test_what_makes_no_sense_is_rejected_with_its_name(
    cloud: Cloud, claimer: Device, topic: str, body: Any, code: str
) -> None:
    told = await claimer.refused(topic, body)
    assert (told["statusCode"], told["errorCode"]) == (400, code)
    assert cloud.active() == []


async def test_parameters_must_be_texts_and_the_template_must_exist(wide: Device) -> None:
    made = await wide.certificate()
    asked = {"certificateOwnershipToken": made["certificateOwnershipToken"], "parameters": {"Token": 5}}
    assert (await wide.refused(REGISTER, asked))["errorCode"] == "InvalidParameters"
    missing = "$aws/provisioning-templates/none/provision/json"
    assert (await wide.refused(missing, {**asked, "parameters": {}}))["statusCode"] == 404


async def test_cbor_is_refused_in_cbor(wide: Device) -> None:
    verdict, payload = await wide.ask("$aws/certificates/create/cbor", b"\xa0")
    assert verdict == "rejected"
    assert payload[:3] == b"\xb9\x00\x03"
    assert b"statusCode\x19\x01\x90" in payload
    assert b"CBOR does not run here" in payload


async def test_a_token_ends_with_its_hour_and_the_certificate_with_it(
    cloud: Cloud, claimer: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await claimer.certificate()
    now = time.time()
    monkeypatch.setattr("local_cloud.broker.provisioning.time.time", lambda: now + 3601)
    asked = {"certificateOwnershipToken": made["certificateOwnershipToken"], "parameters": {"Token": TOKEN}}
    assert (await claimer.refused(REGISTER, asked))["errorCode"] == "InvalidCertificateOwnershipToken"
    found = cloud.broker.registry.db.execute("SELECT 1 FROM certificate WHERE id = ?", (made["certificateId"],))
    assert found.fetchone() is None


async def test_a_certificate_that_was_taken_back_is_not_given_again(cloud: Cloud, claimer: Device) -> None:
    made = await claimer.certificate()
    asked = {"certificateOwnershipToken": made["certificateOwnershipToken"], "parameters": {"Token": TOKEN}}
    await claimer.accepted(REGISTER, asked)
    cloud.broker.registry.set_status(made["certificateId"], "INACTIVE")
    assert (await claimer.refused(REGISTER, asked))["errorCode"] == "InvalidCertificateOwnershipToken"
    assert cloud.active() == []


@pytest.mark.parametrize(
    "answer",
    [None, [], {}, {"allowProvisioning": "true"}, {"allowProvisioning": False},
     {"allowProvisioning": True, "parameterOverrides": [1]}],
)  # fmt: skip
async def test_without_a_clear_yes_of_the_hook_nothing_is_made(cloud: Cloud, claimer: Device, answer: Any) -> None:
    cloud.hook = lambda event: answer
    made = await claimer.certificate()
    asked = {"certificateOwnershipToken": made["certificateOwnershipToken"], "parameters": {"Token": TOKEN}}
    told = await claimer.refused(REGISTER, asked)
    assert (told["statusCode"], told["errorCode"]) == (403, "AccessDenied")
    assert cloud.broker.registry.things() == []


async def test_a_parameter_nobody_said_is_named(cloud: Cloud, claimer: Device) -> None:
    cloud.hook = lambda event: {"allowProvisioning": True}
    made = await claimer.certificate()
    asked = {"certificateOwnershipToken": made["certificateOwnershipToken"], "parameters": {}}
    told = await claimer.refused(REGISTER, asked)
    assert told["errorCode"] == "InvalidParameters"
    assert "ThingName" in told["errorMessage"]
    assert cloud.active() == []


async def test_answers_reach_the_asking_connection_alone(cloud: Cloud, claimer: Device, wide: Device) -> None:
    await wide.client.subscribe(f"{CSR}/accepted", "$aws/certificates/#", CSR)
    await claimer.certificate()
    await wide.accepted(CREATE, b"{}")
    assert [packet.topic for packet in wide.client.received] == [f"{CREATE}/accepted"]


async def test_a_claim_may_do_nothing_else(cloud: Cloud, claimer: Device) -> None:
    for topic in (CREATE, "cnc/x", f"$aws/things/{THING}/shadow/get", "$aws/rules/edge_health/cnc/t/s/g/edge_health",
                  "$aws/provisioning-templates/other/provision/json", f"{CSR}/accepted"):  # fmt: skip
        assert await claimer.client.publish(topic, b"{}") == NOT_AUTHORIZED, topic
    for pattern in (
        "#",
        "$aws/#",
        "$aws/certificates/#",
        "cnc/#",
        f"{CREATE}/accepted",
        "$aws/provisioning-templates/+/provision/json/accepted",
    ):
        assert min(await claimer.client.subscribe(pattern)) >= 128, pattern


async def test_a_claim_cannot_connect_as_a_gateway(cloud: Cloud) -> None:
    made = await asyncio.to_thread(cloud.certificate, CLAIM)
    cert, key = cloud.folder / "c.pem", cloud.folder / "c.key"
    cert.write_text(made.certificate)
    key.write_text(made.key)
    client = new_client(Gateway(THING, cert, key, "", ""), str(cloud.ca), cloud.broker.tls_port)
    await asyncio.wait_for(client.failed.wait(), WAIT_S)
    assert client.codes[0] == NOT_AUTHORIZED
    await client.stop()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"TemplateBody": "{"}, "not JSON"),
        ({"TemplateBody": '{"Mappings": {}}'}, "Mappings"),
        ({"TemplateBody": '{"Resources": {"a": {"Type": "AWS::IoT::Thing", "Properties": {"X": 1}}}}'}, r"a\.X"),
        ({"TemplateBody": '{"DeviceConfiguration": {"a": {"Fn::Sub": "x"}}}'}, "Fn::Sub"),
        ({"TemplateType": "JITP"}, "JITP"),
    ],
)
def test_a_template_that_does_not_run_here_is_refused_at_the_start(change: dict[str, Any], told: str) -> None:
    found = next(one for one in declared() if one.type == "AWS::IoT::ProvisioningTemplate")
    with pytest.raises(BadTemplate, match=told):
        Template.of(replace(found, properties={**found.properties, **change}))
