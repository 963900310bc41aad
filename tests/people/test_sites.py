"""Somebody with roles at one site neither reads nor acts at another: what stands there is as if it were not there."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_bytes
from types import ModuleType
from typing import Any

import pytest

from cnc.cloud.store.shop import ShopStore
from cnc.cloud.tenancy import acting_for
from cnc.domain.base.clock import rfc3339, utc_now
from cnc.services.caller import Caller
from cnc.services.ingest.alarms import Alarm
from cnc.services.provisioning import create_machine, create_site
from cnc.services.shop import Gateway
from tests.api.events import LambdaContext, http
from tests.api.tenants import Shop
from tests.cloud.fixtures import Cloud

UNKNOWN = {"m": "m_zzzzzzzzzzzzzzzz", "g": "g_zzzzzzzzzzzzzzzz", "s": "s_zzzzzzzzzzzzzzzz"}


@dataclass
class Halls:
    """Hall 1 is the site of the fixture, hall 2 one of the same company; `guest` has a role in hall 1 alone."""

    shop: Shop
    hall_2: str
    machine_2: str
    gateway_2: str
    rest: ModuleType
    graphql: ModuleType

    def guest(self, *roles: str) -> Caller:
        return Caller(self.shop.tenant, "u_aaaaaaaaaaaaaaaa", "user", grants={self.shop.site: roles})

    def ask(self, who: Caller, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any]:
        answered = self.rest.lambda_handler(http(method, path, caller=who, body=body, query=query), LambdaContext())
        return answered["statusCode"], json.loads(answered["body"])

    def query(self, who: Caller, document: str, **variables: Any) -> dict[str, Any]:
        event = http("POST", "/graphql", caller=who, body={"query": document, "variables": variables})
        answered = self.graphql.lambda_handler(event, LambdaContext())
        found: dict[str, Any] = json.loads(answered["body"])
        return found


@pytest.fixture(scope="module")
def halls(cloud: Cloud, ours: Shop, cold: Callable[[str], ModuleType]) -> Halls:
    shop = ShopStore(cloud.clients, table=cloud.tables["shop"])
    rest, graphql = cold("rest"), cold("graphql")
    with acting_for(ours.tenant):
        site = create_site("Hall 2", time_zone="Asia/Tokyo", shop=shop, random=token_bytes)
        machine = create_machine("Far mill", kind="mill", cell="Z", site=site.id, shop=shop, random=token_bytes)
        gateway = Gateway("g_0000000000000002", "Far gateway", site.id, 1, '{"sources":[]}')
        shop.put_gateway(gateway, seen_version=0)
        alarm = Alarm("x", machine.id, "d_0000000000000009", "0" * 16, 1, "1", "SV", "far", None, True, 1, None)
        assert rest.stores.alarms.replace(alarm, seen=None)
    return Halls(ours, site.id, machine.id, gateway.id, rest, graphql)


def test_lists_hold_what_stands_at_the_own_site(halls: Halls) -> None:
    document = "{ sites { id } machines { id site { id } } gateways { id } alarms { machineId } }"
    data = halls.query(halls.guest("operator"), document)["data"]
    assert [site["id"] for site in data["sites"]] == [halls.shop.site]
    assert {machine["site"]["id"] for machine in data["machines"]} == {halls.shop.site}
    assert [gateway["id"] for gateway in data["gateways"]] == [halls.shop.gateway]
    assert data["alarms"] == []
    everywhere = Caller(halls.shop.tenant, "u_aaaaaaaaaaaaaaaa", "user", ("operator",))
    data = halls.query(everywhere, document)["data"]
    assert {halls.machine_2} < {machine["id"] for machine in data["machines"]}
    assert [alarm["machineId"] for alarm in data["alarms"]] == [halls.machine_2]


SERIES = """query($id: ID!, $a: Timestamp!, $b: Timestamp!) {
  series(machineId: $id, signals: ["s1.load"], from: $a, to: $b) { timestamps } }"""


@pytest.mark.parametrize(
    "document",
    [
        "query($id: ID!) { machine(id: $id) { id } }",
        "query($id: ID!) { alarms(machineId: $id) { id } }",
        "mutation($id: ID!) { watchMachine(id: $id) }",
        SERIES,
    ],
)
def test_graphql_answers_a_machine_of_another_site_as_an_unknown_one(halls: Halls, document: str) -> None:
    now = utc_now()
    span = {"a": rfc3339(now.replace(hour=0)), "b": rfc3339(now)} if "$a" in document else {}
    guest = halls.guest("owner", "admin")
    foreign = halls.query(guest, document, id=halls.machine_2, **span)
    assert foreign == halls.query(guest, document, id=UNKNOWN["m"], **span)
    assert halls.machine_2 not in json.dumps(foreign)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/machines/{m}", None),
        ("GET", "/v1/machines/{m}/programs", None),
        ("GET", "/v1/machines/{m}/snapshots", None),
        ("GET", "/v1/machines/{m}/drift", None),
        ("GET", "/v1/machines/{m}/writing", None),
        ("POST", "/v1/machines/{m}/snapshots", {}),
        ("POST", "/v1/machines/{m}/drift/acknowledgement", {}),
        ("PUT", "/v1/machines/{m}/writing", {"scope": "machine", "allowed": False}),
        ("PATCH", "/v1/sites/{s}", {"name": "Mine", "timeZone": "UTC"}),
    ],
)
def test_rest_answers_what_stands_at_another_site_as_unknown(halls: Halls, method: str, path: str, body: Any) -> None:
    own = {"m": halls.machine_2, "s": halls.hall_2}
    guest = halls.guest("owner", "admin")
    foreign = halls.ask(guest, method, path.format(**own), body)
    assert foreign == halls.ask(guest, method, path.format(**UNKNOWN), body)
    assert foreign[0] == 404


@pytest.mark.parametrize("what", ["probe", "machine", "change"])
def test_what_names_a_thing_of_another_site_in_its_body_is_refused_as_unknown(halls: Halls, what: str) -> None:
    machine = {"name": "M", "kind": "mill", "cell": "A", "component": "focas", "host": "h", "port": 1}
    change = {"operation": "program", "target": {"path": 1, "folder": "", "name": "O1"}, "reason": "r", "text": "%"}

    def ask(gateway: str, machine_id: str) -> tuple[int, Any]:
        guest = halls.guest("owner", "admin")
        if what == "probe":
            return halls.ask(guest, "POST", "/v1/probes", {"gatewayId": gateway, "host": "h"})
        if what == "machine":
            return halls.ask(guest, "POST", "/v1/machines", {"gatewayId": gateway, **machine})
        return halls.ask(guest, "POST", "/v1/changes", {"machineId": machine_id, **change})

    foreign = ask(halls.gateway_2, halls.machine_2)
    assert foreign == ask(UNKNOWN["g"], UNKNOWN["m"])
    assert foreign[0] == 404


def test_a_role_at_one_site_manages_nothing_of_the_company(halls: Halls) -> None:
    guest = halls.guest("owner", "admin")
    for method, path, body in (
        ("PATCH", "/v1/tenant", {"name": "Mine"}),
        ("POST", "/v1/sites", {"name": "Mine", "timeZone": "UTC"}),
        ("POST", "/v1/tenant/suspend", {}),
        ("GET", "/v1/audit", None),
        ("GET", "/v1/keys", None),
    ):
        assert halls.ask(guest, method, path, body)[1]["code"] == "auth.forbidden", path
    stop = {"scope": "tenant", "allowed": False}
    assert (
        halls.ask(guest, "PUT", f"/v1/machines/{halls.shop.machines[0]}/writing", stop)[1]["code"] == "auth.forbidden"
    )


def test_roles_count_at_the_site_of_the_machine(halls: Halls) -> None:
    """An owner of hall 2 who is a viewer in hall 1 stops nothing in hall 1."""
    mixed = Caller(
        halls.shop.tenant, "u_aaaaaaaaaaaaaaaa", "user", grants={halls.hall_2: ("owner",), halls.shop.site: ("viewer",)}
    )
    stop = {"scope": "machine", "allowed": False}
    near = halls.ask(mixed, "PUT", f"/v1/machines/{halls.shop.machines[0]}/writing", stop)
    assert near[1]["code"] == "auth.forbidden"
    far = halls.ask(mixed, "PUT", f"/v1/machines/{halls.machine_2}/writing", stop)
    assert far[1].get("code") != "auth.forbidden"


def test_an_event_of_another_site_is_told_to_nobody_of_this_one(halls: Halls) -> None:
    reads = halls.graphql.ShopReads(halls.graphql.stores, caller=halls.guest("operator"))
    with acting_for(halls.shop.tenant):
        assert reads.tells_of(halls.shop.machines[0])
        assert not reads.tells_of(halls.machine_2)
