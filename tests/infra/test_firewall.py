"""The coarse limits of the front: as they are declared, and as the gateway of the laptop runs them."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from multidict import CIMultiDict

from cnc.domain.rates.plans import PLANS, WINDOW_S
from cnc.services.rates.gauge import ADDRESS_POLICY
from infra_cdk.constructs.firewall import OF_ADDRESS, OF_CREDENTIAL, SIGN_UPS
from local_cloud.cloud import Resource
from local_cloud.gateway import firewall
from tests.infra.test_declaration import Templates, resources

ACL, HOST = "AWS::WAFv2::WebACL", "AWS::CloudFront::Distribution"


@dataclass
class Declared:
    """As much of the local cloud's model as the firewall reads."""

    found: dict[str, list[dict[str, Any]]]
    firewall: bool = True

    def of(self, type_: str) -> list[Resource]:
        return [Resource("CncPortal", "One", type_, "id", "arn", properties) for properties in self.found[type_]]


@dataclass
class Clock:
    at: float = 1_000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Front:
    wall: firewall.Firewall
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.wall.clock = self.clock

    def ask(self, path: str = "/graphql", *, method: str = "POST", address: str = "192.0.2.1", key: str = "") -> int:
        answer = self.wall.refusal(request(path, method=method, address=address, key=key))
        return 200 if answer is None else answer.status

    def let_in(self, requests: int, **how: Any) -> int:
        return sum(self.ask(**how) == 200 for _ in range(requests))


@dataclass(frozen=True)
class Asked:
    """As much of a request as rules look at; real ones take milliseconds to make."""

    path: str
    method: str
    remote: str
    headers: CIMultiDict[str]


def request(path: str = "/graphql", *, method: str = "POST", address: str = "192.0.2.1", key: str = "") -> Any:
    return Asked(path, method, address, CIMultiDict(Authorization=f"Bearer {key}") if key else CIMultiDict())


def declared(templates: Templates) -> Declared:
    return Declared({ACL: resources(templates["CncPortal"], ACL), HOST: resources(templates["CncPortal"], HOST)})


@pytest.fixture
def front(templates: Templates) -> Front:
    return Front(firewall.read(declared(templates)))  # type: ignore[arg-type]


def test_one_credential_is_stopped_and_its_address_is_not(front: Front) -> None:
    assert front.let_in(OF_CREDENTIAL * 20, key="a") == OF_CREDENTIAL
    assert front.let_in(100, key="b") == 100
    assert front.let_in(100) == 100


def test_who_goes_on_asking_too_much_stays_stopped_and_who_waits_a_minute_is_let_in(front: Front) -> None:
    for _ in range(60):
        front.let_in(50, key="a")
        front.clock.at += 1
    assert front.let_in(50, key="a") == 0
    front.clock.at += 60
    assert front.let_in(50, key="a") == 50


def test_an_address_is_stopped_whatever_it_shows(front: Front) -> None:
    assert sum(front.ask(key=f"k{n}") == 200 for n in range(OF_ADDRESS + 500)) == OF_ADDRESS
    assert front.ask(address="192.0.2.2") == 200


def test_new_companies_of_one_address_are_few(front: Front) -> None:
    assert front.let_in(SIGN_UPS + 10, path="/v1/tenants") == SIGN_UPS
    assert front.ask("/v1/tenants", method="GET") == 200
    assert front.ask("/v1/machines") == 200
    front.clock.at += 600
    assert front.ask("/v1/tenants") == 200


def test_a_refusal_is_a_problem_and_an_error_of_graphql(front: Front) -> None:
    front.let_in(OF_CREDENTIAL, key="a")
    answer = front.wall.refusal(request(key="a"))
    assert answer is not None
    body = json.loads(answer.body)  # type: ignore[arg-type]
    assert (answer.status, body["status"], body["code"]) == (429, 429, "limit.rate")
    assert body["errors"][0]["extensions"]["code"] == "limit.rate"
    assert (answer.headers["retry-after"], answer.content_type) == ("60", "application/json")
    assert answer.headers["ratelimit-policy"] == f'"credential";q={OF_CREDENTIAL};w=60'
    assert answer.headers["access-control-allow-origin"] == "*"


def test_coarse_limits_lie_above_the_fine_ones(templates: Templates) -> None:
    paid = [plan for name, plan in PLANS.items() if name != "roomy"]
    assert max(plan.credential for plan in paid) * 60 / WINDOW_S < OF_CREDENTIAL
    assert max(plan.tenant for plan in paid) * 60 / WINDOW_S < OF_ADDRESS
    assert f'"address";q={OF_ADDRESS};w=60' == ADDRESS_POLICY
    (acl,) = resources(templates["CncPortal"], ACL)
    by_priority = sorted(acl["Rules"], key=lambda rule: rule["Priority"])
    # What a rule blocks is not counted by the next one: an address must not pay for one of its credentials.
    assert [rule["Name"] for rule in by_priority] == ["credential", "sign-up", "address", "common"]


@pytest.mark.parametrize(
    "change",
    [
        {"Action": {"Count": {}}},
        {"Statement": {"GeoMatchStatement": {"CountryCodes": ["XX"]}}},
        {"Statement": {"RateBasedStatement": {"Limit": 1, "AggregateKeyType": "FORWARDED_IP"}}},
    ],
)
def test_a_rule_that_does_not_run_here_is_refused_by_name(templates: Templates, change: dict[str, Any]) -> None:
    found = declared(templates)
    (acl,) = found.found[ACL]
    rules = [rule | change if rule["Name"] == "address" else rule for rule in acl["Rules"]]
    found.found[ACL] = [acl | {"Rules": rules}]
    with pytest.raises(ValueError, match="address"):
        firewall.read(found)  # type: ignore[arg-type]
