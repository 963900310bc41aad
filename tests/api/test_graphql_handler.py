"""GraphQL over HTTP with real tables: two tenants, and documents that want too much."""

import json
import logging
from collections.abc import Callable
from itertools import count
from types import ModuleType
from typing import Any

import pytest

from cnc.services.caller import Caller
from tests.api.events import LambdaContext, http
from tests.api.tenants import Shop

Post = Callable[..., dict[str, Any]]
BOARD = "{ machines { id name execution lastSeen latest { value } } }"


@pytest.fixture(scope="module")
def module(cold: Callable[[str], ModuleType]) -> ModuleType:
    return cold("graphql")


@pytest.fixture
def post(module: ModuleType) -> Post:
    numbers = count()

    def post(body: Any, *, caller: Caller | None, method: str = "POST", **headers: str) -> dict[str, Any]:
        event = http(method, "/graphql", caller=caller, body=body, **headers)
        event["requestContext"]["requestId"] = f"r-{next(numbers)}"
        answered = module.lambda_handler(event, LambdaContext())
        return {**answered, "json": json.loads(answered["body"])}

    return post


def test_each_tenant_sees_its_own_machines(post: Post, ours: Shop, theirs: Shop) -> None:
    for shop in (ours, theirs):
        machines = post({"query": BOARD}, caller=shop.key)["json"]["data"]["machines"]
        assert {machine["id"] for machine in machines} == set(shop.machines)


ASKED = (
    '{ machine(id: "%s") { id name latest { value } } }',
    '{ alarms(machineId: "%s") { id } }',
    '{ series(machineId: "%s", signals: ["s1.load"], from: "2026-11-24T07:00:00Z", to: "2026-11-24T08:00:00Z")'
    " { columns } }",
    'mutation { watchMachine(id: "%s") }',
)


@pytest.mark.parametrize("text", ASKED)
def test_a_foreign_id_answers_like_an_unknown_one(post: Post, ours: Shop, theirs: Shop, text: str) -> None:
    foreign, unknown = theirs.machines[0], "m_zzzzzzzzzzzzzzzz"
    answers = [post({"query": text.replace("%s", id_)}, caller=ours.key) for id_ in (foreign, unknown)]
    assert answers[0]["statusCode"] == answers[1]["statusCode"]
    assert answers[0]["body"].replace(foreign, unknown) == answers[1]["body"]
    assert "Theirs" not in answers[0]["body"]


def test_viewer_names_the_tenant_and_the_caller(post: Post, ours: Shop) -> None:
    caller = Caller(ours.tenant, ours.user, "user", ("owner",), frozenset({"api"}))
    answered = post({"query": "{ viewer { tenantId tenantName userId roles } }"}, caller=caller)
    assert answered["json"]["data"]["viewer"] == {
        "tenantId": ours.tenant,
        "tenantName": "Ours",
        "userId": ours.user,
        "roles": ["owner"],
    }


def test_watching_sends_a_live_command_to_the_gateway(module: ModuleType, post: Post, ours: Shop) -> None:
    sent: list[dict[str, Any]] = []

    class IotData:
        def publish(self, **call: Any) -> None:
            sent.append(call)

    module.clients._made[("iot-data", False)] = IotData()
    answered = post({"query": ASKED[-1].replace("%s", ours.machines[0])}, caller=ours.key)
    assert answered["json"]["data"]["watchMachine"].endswith("Z")
    assert [call["topic"] for call in sent] == [f"cnc/{ours.tenant}/{ours.site}/{ours.gateway}/cmd"]


def test_a_request_without_a_caller_is_refused(post: Post) -> None:
    assert post({"query": BOARD}, caller=None)["statusCode"] == 401


def test_only_post_is_answered(post: Post, ours: Shop) -> None:
    answered = post(None, caller=ours.key, method="GET")
    assert (answered["statusCode"], answered["headers"]["allow"]) == (405, "POST")


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_only_json_is_read(post: Post, ours: Shop, media: str) -> None:
    assert post({"query": BOARD}, caller=ours.key, **{"content-type": media})["statusCode"] == 415


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("5", 400),
        ("null", 400),
        ('"text"', 400),
        ('[{"query":"{ sites { id } }"}]', 400),
        ("{", 400),
        ("", 400),
        ('{"query":5}', 400),
        ('{"query":"{ sites { id } }","variables":[]}', 400),
        ('{"query":"{ sites { id } }","operationName":{}}', 400),
        ('{"a":' + "[" * 40 + "]" * 40 + "}", 400),
        ("[" * 16_000, 400),
        (json.dumps({"query": "#" * 17_000}), 413),
        (json.dumps({"query": BOARD, "variables": {"x": "x" * 9_000}}), 413),
        ('{"query":"{ sites { id } }","variables":{"x":NaN}}', 400),
        ('{"query":"\\ud800"}', 400),
    ],
)
def test_a_body_that_is_no_request_is_refused(post: Post, ours: Shop, body: str, status: int) -> None:
    answered = post(body, caller=ours.key)
    assert answered["statusCode"] == status
    assert "data" not in answered["json"]


def test_a_document_that_cannot_run_is_200_in_plain_json_and_400_in_the_newer_type(post: Post, ours: Shop) -> None:
    bad = {"query": "{ nothing }"}
    newer = post(bad, caller=ours.key, accept="application/graphql-response+json, application/json")
    assert (newer["statusCode"], newer["headers"]["content-type"]) == (
        400,
        "application/graphql-response+json; charset=utf-8",
    )
    plain = post(bad, caller=ours.key, accept="application/json")
    assert plain["statusCode"] == 200
    assert plain["json"]["errors"][0]["extensions"]["code"] == "query.invalid"


def test_names_near_a_wrong_one_are_told_to_those_who_may_ask_for_the_schema(post: Post, ours: Shop) -> None:
    assert "Did you mean 'machine" in post({"query": "{ machinez { id } }"}, caller=ours.key)["body"]
    kiosk = Caller(ours.tenant, ours.user, "user", ("viewer",))
    assert "mean" not in post({"query": "{ machinez { id } }"}, caller=kiosk)["body"]


def test_a_kiosk_sends_persisted_documents_only(post: Post, ours: Shop) -> None:
    kiosk = Caller(ours.tenant, ours.user, "user", ("viewer",))
    assert post({"query": BOARD}, caller=kiosk)["statusCode"] == 403
    assert post({"query": "{ __schema { queryType { name } } }"}, caller=kiosk)["statusCode"] == 403


def test_one_line_is_logged_per_bad_request(post: Post, ours: Shop, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        post({"query": "{ " + " ".join(f"nothing{n}" for n in range(9)) + " }"}, caller=ours.key)
    lines = [record for record in caplog.records if record.name.startswith(("cnc", "strawberry", "graphql"))]
    assert len(lines) == 1
