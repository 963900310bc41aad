"""Control and data plane with unmodified boto3 clients."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from local_cloud.broker.server import Broker
from tests.local_cloud.broker.conftest import Connect
from tests.local_cloud.broker.support import ARN, Gateway, Iot, make_cloud


async def run(call: Callable[..., Any], **arguments: Any) -> Any:
    return await asyncio.to_thread(call, **arguments)


async def refused(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(ClientError) as error:
        await run(call, **arguments)
    return str(error.value.response["Error"]["Code"])


async def test_things_are_made_found_changed_and_removed(iot: Iot) -> None:
    control = iot.control
    made = await run(control.create_thing, thingName="g_1", attributePayload={"attributes": {"tenant": "t_a"}})
    assert made["thingArn"] == f"{ARN}thing/g_1"
    again = await run(control.create_thing, thingName="g_1", attributePayload={"attributes": {"tenant": "t_a"}})
    assert again["thingId"] == made["thingId"]
    await run(control.update_thing, thingName="g_1", attributePayload={"attributes": {"site": "s_1"}, "merge": True})
    found = await run(control.describe_thing, thingName="g_1")
    assert (found["attributes"], found["version"]) == ({"tenant": "t_a", "site": "s_1"}, 2)
    listed = await run(control.list_things, attributeName="tenant", attributeValue="t_a")
    assert [thing["thingName"] for thing in listed["things"]] == ["g_1"]
    await run(control.delete_thing, thingName="g_1")
    assert await refused(control.describe_thing, thingName="g_1") == "ResourceNotFoundException"


async def test_refusals_have_the_names_aws_gives_them(iot: Iot) -> None:
    control = iot.control
    await run(control.create_thing, thingName="g_1")
    changed = {"attributes": {"a": "b"}}
    assert (
        await refused(control.create_thing, thingName="g_1", attributePayload=changed)
        == "ResourceAlreadyExistsException"
    )
    assert await refused(control.update_thing, thingName="g_1", expectedVersion=9) == "VersionConflictException"
    assert (
        await refused(control.create_policy, policyName="gateway", policyDocument="{}")
        == "ResourceAlreadyExistsException"
    )
    assert await refused(control.create_policy, policyName="p", policyDocument="{") == "MalformedPolicyException"
    assert await refused(control.attach_policy, policyName="none", target=f"{ARN}cert/x") == "ResourceNotFoundException"
    assert await refused(control.attach_policy, policyName="gateway", target="arn:x") == "InvalidRequestException"
    assert (
        await refused(control.create_certificate_from_csr, certificateSigningRequest="x") == "InvalidRequestException"
    )
    assert await refused(control.describe_job, jobId="j") == "NotImplementedException"


async def test_a_csr_becomes_a_certificate_that_connects(iot: Iot, connect: Connect, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "g_9")])
    csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    pem = csr.public_bytes(serialization.Encoding.PEM).decode()
    made = await run(iot.control.create_certificate_from_csr, certificateSigningRequest=pem, setAsActive=True)
    cert, key_file = tmp_path / "csr.pem", tmp_path / "csr.key"
    cert.write_text(made["certificatePem"])
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    await run(iot.control.create_thing, thingName="g_9", attributePayload={"attributes": {"tenant": "t_a"}})
    await run(iot.control.attach_thing_principal, thingName="g_9", principal=made["certificateArn"])
    await run(iot.control.attach_policy, policyName="gateway", target=made["certificateArn"])
    client = await connect(Gateway("g_9", cert, key_file, made["certificateId"], made["certificateArn"]))
    assert await client.publish("cnc/t_a/x", b"1") == 0


async def test_a_certificate_in_use_is_not_deleted(iot: Iot, gateway: Gateway) -> None:
    control = iot.control
    assert await refused(control.delete_certificate, certificateId=gateway.certificate) == "CertificateStateException"
    await run(control.update_certificate, certificateId=gateway.certificate, newStatus="REVOKED")
    assert await refused(control.delete_certificate, certificateId=gateway.certificate) == "DeleteConflictException"
    await run(control.detach_thing_principal, thingName="g_1", principal=gateway.arn)
    await run(control.delete_certificate, certificateId=gateway.certificate, forceDelete=True)
    assert await refused(control.describe_certificate, certificateId=gateway.certificate) == "ResourceNotFoundException"


async def test_publishing_over_rest_has_the_limits_of_mqtt(iot: Iot) -> None:
    assert await refused(iot.data.publish, topic="a/+", payload=b"x") == "InvalidRequestException"
    assert await refused(iot.data.publish, topic="$aws/events/x", payload=b"x") == "InvalidRequestException"
    large = b"x" * (128 * 1024 + 1)
    assert await refused(iot.data.publish, topic="a", payload=large) == "RequestEntityTooLargeException"
    assert await refused(iot.data.get_retained_message, topic="a/b") == "ResourceNotFoundException"


async def test_an_empty_payload_removes_a_retained_message(iot: Iot) -> None:
    await run(iot.data.publish, topic="a/b", retain=True, payload=b"1")
    assert (await run(iot.data.list_retained_messages))["retainedTopics"][0]["topic"] == "a/b"
    await run(iot.data.publish, topic="a/b", retain=True, payload=b"")
    assert await refused(iot.data.get_retained_message, topic="a/b") == "ResourceNotFoundException"


async def test_shadows_over_rest(iot: Iot) -> None:
    await run(iot.data.update_thing_shadow, thingName="g_1", payload=b'{"state":{"desired":{"a":1,"b":2}}}')
    await run(
        iot.data.update_thing_shadow, thingName="g_1", payload=b'{"state":{"reported":{"a":1},"desired":{"b":null}}}'
    )
    shadow = (await run(iot.data.get_thing_shadow, thingName="g_1"))["payload"].read()
    assert b'"delta"' not in shadow
    assert b'"version": 2' in shadow
    stale = b'{"state":{"desired":{}},"version":1}'
    assert await refused(iot.data.update_thing_shadow, thingName="g_1", payload=stale) == "ConflictException"
    await run(iot.data.delete_thing_shadow, thingName="g_1")
    assert await refused(iot.data.get_thing_shadow, thingName="g_1") == "ResourceNotFoundException"


async def test_the_registry_survives_a_restart(iot: Iot, gateway: Gateway, broker: Broker, tmp_path: Path) -> None:
    await run(iot.data.publish, topic="cnc/t_a/config", retain=True, payload=b"v7")
    again = Broker(make_cloud(tmp_path, rules=1))
    try:
        assert again.registry.principals_of("g_1") == [gateway.certificate]
        assert again.registry.policies_of(gateway.certificate) == ["gateway"]
        kept = again.router.retained.get("cnc/t_a/config", now_ms=0)
        assert kept is not None
        assert kept.payload == b"v7"
    finally:
        again.registry.close()
