"""A tenant with a site, machines, a gateway, a user and a key, through the real stores."""

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cnc.cloud.iot import GatewayChannel, ThingRegistry
from cnc.cloud.store.assignments import AssignmentStore
from cnc.cloud.store.shop import ChangedMeanwhile, ShopStore
from cnc.cloud.tenancy import AlreadyInDirectory, Directory, NoTenant, acting_for
from cnc.domain.base.errors import CncError
from cnc.services import provisioning
from cnc.services.membership import memberships_of
from cnc.services.shop import Source, Tenant
from tests.cloud.fixtures import Cloud

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ONE, TWO = "t_1111111111111111", "t_2222222222222222"


class Retained:
    """What was published, in place of the IoT data plane."""

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {}

    def publish(self, *, topic: str, qos: int, retain: bool, payload: bytes) -> None:
        assert (qos, retain) == (1, True)
        self.documents[topic] = json.loads(payload)


class Office:
    """The provisioning services with their real stores, and a tenant to act for."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.shop = ShopStore(cloud.clients, table=cloud.tables["shop"])
        self.directory = Directory(cloud.clients.own("dynamodb"), table=cloud.tables["directory"])
        iot = cloud.clients.own("iot")
        iot.create_policy(policyName="cnc-test-gateway", policyDocument="{}")
        self.things = ThingRegistry(iot, policy_name="cnc-test-gateway")
        self.retained = Retained()
        self.channel = GatewayChannel(self.retained)
        provisioning.create_tenant(Tenant(ONE, "One", NOW), shop=self.shop, directory=self.directory)
        self.site = provisioning.create_site(
            "Hall", time_zone="Europe/Berlin", shop=self.shop, random=secrets.token_bytes
        )

    def machine(self, name: str = "Mill 1") -> str:
        return provisioning.create_machine(
            name, kind="mill", cell="A", site=self.site.id, shop=self.shop, random=secrets.token_bytes
        ).id

    def gateway(self, *sources: Source) -> provisioning.NewGateway:
        return provisioning.create_gateway(
            "Hall gateway",
            tenant=ONE,
            site=self.site.id,
            csr_pem=signing_request(),
            shop=self.shop,
            directory=self.directory,
            things=self.things,
            channel=self.channel,
            random=secrets.token_bytes,
            sources=sources,
        )


def signing_request() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


def source(number: int, machine: str) -> Source:
    return Source(f"d_{number:016d}", machine, "focas", settings={"host": "127.0.0.1", "port": 8193})


@pytest.fixture
def office(cloud: Cloud) -> Iterator[Office]:
    with acting_for(ONE):
        yield Office(cloud)


def test_a_gateway_gets_a_thing_a_certificate_and_its_first_configuration(office: Office) -> None:
    machine = office.machine()
    made = office.gateway(source(1, machine))
    thing = office.cloud.clients.own("iot").describe_thing(thingName=made.gateway.id)
    assert thing["attributes"] == {"tenant": ONE, "site": office.site.id}
    assert "BEGIN CERTIFICATE" in made.certificate_pem
    document = office.retained.documents[f"cnc/{ONE}/{office.site.id}/{made.gateway.id}/config"]
    assert document["version"] == 1
    assert document["sources"][0] == {
        "id": "d_0000000000000001",
        "machine": machine,
        "component": "focas",
        "host": "127.0.0.1",
        "port": 8193,
        "period_ms": 1000,
        "simulated": False,
    }
    assert office.directory.gateway(made.gateway.id) is not None


def test_ingest_reads_the_assignment_that_provisioning_wrote(office: Office) -> None:
    machine = office.machine()
    made = office.gateway(source(1, machine))
    store = AssignmentStore(office.cloud.clients.tenant("dynamodb"), table=office.cloud.tables["shop"])
    found = store.of(made.gateway.id)
    assert found is not None
    assert (found.site, dict(found.machines)) == (office.site.id, {"d_0000000000000001": machine})


def test_the_next_configuration_moves_the_machines(office: Office) -> None:
    mill, lathe = office.machine("Mill"), office.machine("Lathe")
    made = office.gateway(source(1, mill))
    changed = provisioning.configure_gateway(
        made.gateway.id, [source(2, lathe)], shop=office.shop, channel=office.channel
    )
    assert changed.version == 2
    machines = {machine.id: machine for machine in office.shop.machines()}
    assert machines[lathe].sources == ("d_0000000000000002",)
    assert (machines[mill].gateway, machines[mill].sources) == ("", ())


def test_what_a_gateway_offers_to_others_stays_until_it_is_changed(office: Office) -> None:
    made = office.gateway()
    agent = {"mtconnect_agent": {"enabled": True, "port": 5000}}
    for given, expected in ((agent, agent), (None, agent), ({}, None)):
        provisioning.configure_gateway(made.gateway.id, [], shop=office.shop, channel=office.channel, outputs=given)
        document = office.retained.documents[f"cnc/{ONE}/{office.site.id}/{made.gateway.id}/config"]
        assert document.get("outputs") == expected


def test_two_who_configure_at_once_are_told_apart(office: Office) -> None:
    made = office.gateway()
    office.shop.put_gateway(made.gateway, seen_version=1)
    with pytest.raises(ChangedMeanwhile, match="version 7"):
        office.shop.put_gateway(made.gateway, seen_version=7)


def test_a_source_of_an_unknown_machine_is_refused_before_anything_is_made(office: Office) -> None:
    with pytest.raises(CncError, match="m_9999999999999999"):
        office.gateway(source(1, "m_9999999999999999"))
    assert office.shop.gateways() == []


def test_a_key_is_shown_once_and_found_by_its_hash_until_it_is_revoked(office: Office) -> None:
    made = provisioning.create_api_key(
        "Dashboards",
        tenant=ONE,
        scopes=["read"],
        roles=["developer"],
        shop=office.shop,
        directory=office.directory,
        random=secrets.token_bytes,
        now=NOW,
        ends_at=NOW + timedelta(days=365),
    )
    assert made.secret.startswith("cnc_read_")
    assert len(made.secret) == len("cnc_read_") + 43
    entry = office.directory.api_key(made.key.key_hash)
    assert entry is not None
    assert (entry.tenant, entry.facts["key"]) == (ONE, made.key.id)
    stored = json.dumps(office.cloud.raw.scan(TableName=office.cloud.tables["shop"])["Items"])
    assert made.secret not in stored
    assert provisioning.revoke_api_key(made.key.id, shop=office.shop, directory=office.directory)
    assert office.directory.api_key(made.key.key_hash) is None


def test_a_person_is_found_by_issuer_and_subject(office: Office) -> None:
    user = provisioning.create_user(
        tenant=ONE,
        issuer="https://idp.example/pool/",
        subject="abc-1",
        email="ann@example.com",
        name="Ann",
        roles=["owner"],
        shop=office.shop,
        directory=office.directory,
        random=secrets.token_bytes,
    )
    entry = office.directory.user(issuer="https://idp.example/pool", subject="abc-1")
    (held,) = memberships_of(entry)
    assert (held.tenant, held.user, held.grants) == (ONE, user.id, {"*": ("owner",)})
    assert office.shop.user(user.id) == user


def test_an_unknown_role_is_refused(office: Office) -> None:
    with pytest.raises(CncError, match="boss"):
        provisioning.create_user(
            tenant=ONE,
            issuer="https://idp",
            subject="x",
            email="",
            name="X",
            roles=["boss"],
            shop=office.shop,
            directory=office.directory,
            random=secrets.token_bytes,
        )


def test_a_directory_key_is_given_away_once(office: Office) -> None:
    with pytest.raises(AlreadyInDirectory):
        office.directory.add_tenant(ONE, facts={})


def test_a_ticket_opens_one_door_and_only_in_time(office: Office) -> None:
    office.directory.add_ticket("aa", tenant=ONE, facts={"subject": "u"}, ends_at=NOW)
    assert office.directory.take_ticket("aa", now=NOW + timedelta(seconds=1)) is None
    office.directory.add_ticket("bb", tenant=ONE, facts={"subject": "u"}, ends_at=NOW + timedelta(seconds=30))
    taken = office.directory.take_ticket("bb", now=NOW)
    assert taken is not None
    assert taken.facts["subject"] == "u"
    assert office.directory.take_ticket("bb", now=NOW) is None


def test_rows_of_one_tenant_are_not_there_for_another(office: Office) -> None:
    machine = office.machine()
    with acting_for(TWO):
        assert office.shop.machine(machine) is None
        assert office.shop.machines() == []
    assert office.shop.machine(machine) is not None


def test_rows_cannot_be_read_for_nobody(cloud: Cloud) -> None:
    shop = ShopStore(cloud.clients, table=cloud.tables["shop"])
    with pytest.raises(NoTenant):
        shop.machines()


def test_pynamodb_signs_for_whoever_is_acted_for(cloud: Cloud) -> None:
    shop = ShopStore(cloud.clients, table=cloud.tables["shop"])
    signed: list[str] = []

    def note(request: Any, **_: Any) -> None:
        signed.append(request.headers["Authorization"].decode().split("Credential=")[1].split("/")[0])

    from cnc.cloud.store.shop_rows import MachineRow

    client = MachineRow._get_connection().connection.client
    client.meta.events.register("before-send", note)
    for tenant in (ONE, TWO, ONE):
        with acting_for(tenant):
            shop.machines()
    assert len(set(signed)) == 2
    assert signed[0] == signed[2]


def test_jobs_find_every_tenant(office: Office) -> None:
    office.directory.add_tenant(TWO, facts={"name": "Two"})
    assert {entry.tenant for entry in office.directory.tenants()} == {ONE, TWO}


KEY, OTHER = "a" * 64, "b" * 64


def expected(office: Office) -> provisioning.NewEnrolment:
    return provisioning.create_enrolment(
        "New hall",
        tenant=ONE,
        site=office.site.id,
        shop=office.shop,
        directory=office.directory,
        channel=office.channel,
        random=secrets.token_bytes,
        now=NOW,
    )


def token_hash(made: provisioning.NewEnrolment) -> str:
    return sha256(made.token.encode()).hexdigest()


def test_an_expected_gateway_has_a_row_a_configuration_and_no_certificate(office: Office) -> None:
    made = expected(office)
    thing = made.gateway.id
    assert made.ends_at == NOW + timedelta(hours=24)
    held = office.shop.gateway(thing)
    assert held is not None
    assert (held.name, held.certificate) == ("New hall", "")
    assert office.retained.documents[f"cnc/{ONE}/{office.site.id}/{thing}/config"]["sources"] == []
    found = office.directory.gateway(thing)
    assert found is not None
    assert (found.tenant, found.facts) == (ONE, {"site": office.site.id})


def test_a_token_is_used_by_one_key_within_its_day(office: Office) -> None:
    made = expected(office)
    late = NOW + timedelta(hours=24)
    assert office.directory.use_enrolment(token_hash(made), key=KEY, now=late) is None
    for _ in range(2):
        found = office.directory.use_enrolment(token_hash(made), key=KEY, now=NOW)
        assert found is not None
        assert (found.tenant, found.facts["thing"], found.facts["site"]) == (ONE, made.gateway.id, office.site.id)
    assert office.directory.use_enrolment(token_hash(made), key=OTHER, now=NOW) is None
    assert office.directory.use_enrolment("0" * 64, key=KEY, now=NOW) is None


def test_a_gateway_that_lost_its_key_enrols_again_as_the_same(office: Office) -> None:
    first = expected(office)
    again = provisioning.enrol_again(
        first.gateway.id,
        tenant=ONE,
        shop=office.shop,
        directory=office.directory,
        random=secrets.token_bytes,
        now=NOW,
    )
    assert again.token != first.token
    found = office.directory.use_enrolment(token_hash(again), key=OTHER, now=NOW)
    assert found is not None
    assert found.facts["thing"] == first.gateway.id


def test_a_gateway_of_another_tenant_cannot_be_enrolled_again(office: Office) -> None:
    made = expected(office)
    with acting_for(TWO), pytest.raises(CncError, match="no such gateway"):
        provisioning.enrol_again(
            made.gateway.id,
            tenant=TWO,
            shop=office.shop,
            directory=office.directory,
            random=secrets.token_bytes,
            now=NOW,
        )


def test_a_token_is_stored_as_its_hash_alone(office: Office) -> None:
    made = expected(office)
    rows = office.cloud.raw.scan(TableName=office.cloud.tables["directory"])["Items"]
    assert any(row["p"]["S"] == f"E#{token_hash(made)}" for row in rows)
    assert made.token not in str(rows)
