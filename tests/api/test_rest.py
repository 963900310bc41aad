"""REST with real tables."""

import json
import re
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cnc.cloud.tenancy import Directory
from cnc.domain.base.clock import utc_now
from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller
from cnc.services.tickets import redeem
from tests.api.events import LambdaContext, http
from tests.api.tenants import Shop
from tests.cloud.fixtures import Cloud

Ask = Callable[..., tuple[int, Any]]
ROUTES = [path.read_text() for path in (Path(__file__).parents[2] / "functions" / "rest").glob("*.py")]
SPAN = {"from": "2026-11-24T07:00:00Z", "to": "2026-11-24T08:00:00Z"}


@pytest.fixture(scope="module")
def module(cold: Callable[[str], ModuleType]) -> ModuleType:
    return cold("rest")


@pytest.fixture
def ask(module: ModuleType, ours: Shop) -> Ask:
    numbers = count()

    def ask(method: str, path: str, *, caller: Caller | None = ours.key, **more: Any) -> tuple[int, Any]:
        event = http(method, path, caller=caller, **more)
        event["requestContext"]["requestId"] = f"r-{next(numbers)}"
        answered = module.lambda_handler(event, LambdaContext())
        return answered["statusCode"], json.loads(answered["body"])

    return ask


def test_machines_and_one_machine(ask: Ask, ours: Shop) -> None:
    status, body = ask("GET", "/v1/machines")
    assert (status, {machine["id"] for machine in body["machines"]}) == (200, set(ours.machines))
    status, machine = ask("GET", f"/v1/machines/{ours.machines[0]}")
    assert (status, machine["simulated"], machine["tileState"], machine["latest"]) == (200, True, "OFFLINE", [])


@pytest.mark.parametrize("path", ["/v1/machines/%s", "/v1/machines/%s/series"])
def test_a_foreign_machine_answers_like_an_unknown_one(ask: Ask, theirs: Shop, path: str) -> None:
    query = {"signals": "s1.load", **SPAN} if path.endswith("series") else None
    foreign, unknown = theirs.machines[0], "m_zzzzzzzzzzzzzzzz"
    answers = [ask("GET", path.replace("%s", id_), query=query) for id_ in (foreign, unknown)]
    assert answers[0][0] == 404
    assert json.dumps(answers[0]).replace(foreign, unknown) == json.dumps(answers[1])


def test_a_series_without_data_is_columns_of_nulls_or_nothing(ask: Ask, ours: Shop) -> None:
    status, body = ask("GET", f"/v1/machines/{ours.machines[0]}/series", query={"signals": "s1.load", **SPAN})
    assert status == 200
    assert set(body["columns"]) == {"s1.load"}
    assert len(body["timestamps"]) == len(body["columns"]["s1.load"])
    assert set(body["columns"]["s1.load"]) <= {None}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"signals": "s1.load"}, 422, "request.invalid"),
        ({"signals": "s1.load", "from": "yesterday", "to": SPAN["to"]}, 422, "request.invalid"),
        ({"signals": "s1.load", "from": SPAN["to"], "to": SPAN["from"]}, 400, "range.invalid"),
        ({"signals": "s1.load", "from": "2026-11-24T07:00:00", "to": SPAN["to"]}, 400, "range.invalid"),
        ({"signals": "s1.load", **SPAN, "from": "1969-12-31T23:59:59Z"}, 400, "range.invalid"),
        ({"signals": "s1.load", **SPAN, "from": "0001-01-01T00:00:00+10:00"}, 400, "range.invalid"),
        ({"signals": "s1.load", **SPAN, "to": "9999-12-31T23:59:59-10:00"}, 400, "range.invalid"),
        ({"signals": "s1.load", **SPAN, "from": "-62135596800"}, 422, "request.invalid"),
        ({"signals": "s1.load", **SPAN, "resolutionS": "0"}, 422, "request.invalid"),
        ({"signals": "s1.load", **SPAN, "from": "2020-01-01T00:00:00Z", "resolutionS": "1"}, 400, "limit.cost"),
    ],
)
def test_a_series_that_cannot_be_answered_says_why(
    ask: Ask, ours: Shop, query: dict[str, str], status: int, code: str
) -> None:
    answered, body = ask("GET", f"/v1/machines/{ours.machines[0]}/series", query=query)
    assert (answered, body["code"], body["status"]) == (status, code, status)


def test_errors_are_problem_documents_with_a_request_id(module: ModuleType, ours: Shop) -> None:
    answered = module.lambda_handler(http("GET", "/v1/nowhere", caller=ours.key), LambdaContext())
    body = json.loads(answered["body"])
    assert answered["headers"]["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "code"} <= body.keys()
    assert (body["code"], answered["headers"]["x-request-id"]) == ("path.not_found", "r-1")


def test_a_wrong_method_names_the_right_ones(module: ModuleType, ours: Shop) -> None:
    answered = module.lambda_handler(http("DELETE", "/v1/machines", caller=ours.key), LambdaContext())
    headers = {name.lower(): value for name, value in answered["headers"].items()}
    assert (answered["statusCode"], headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize("body", [{}, None])
def test_a_socket_ticket_opens_one_socket_for_its_caller(ask: Ask, ours: Shop, cloud: Cloud, body: Any) -> None:
    status, ticket = ask("POST", "/v1/socket-tickets", body=body)
    assert status == 200
    directory = Directory(cloud.raw, table=cloud.tables["directory"])
    caller = redeem(ticket["ticket"], tickets=directory, now=utc_now())
    assert (caller.tenant, caller.subject) == (ours.tenant, ours.key.subject)
    with pytest.raises(CncError, match="not valid"):
        redeem(ticket["ticket"], tickets=directory, now=utc_now())


def test_a_field_nobody_knows_is_refused(ask: Ask) -> None:
    status, body = ask("POST", "/v1/socket-tickets", body={"tenant": "t_bbbbbbbbbbbbbbbb"})
    assert (status, body["code"]) == (422, "request.invalid")
    assert body["errors"][0]["field"].endswith("tenant")


@pytest.mark.parametrize("body", ["{", "[1]", '"x"'])
def test_a_body_that_is_no_object_is_refused(ask: Ask, body: str) -> None:
    status, answered = ask("POST", "/v1/socket-tickets", body=body)
    assert status in (400, 422)
    assert "code" in answered


@pytest.mark.parametrize("path", ["/v1/machines", "/v1/machines/m_zzzzzzzzzzzzzzzz", "/v1/socket-tickets"])
def test_without_a_caller_nothing_is_answered(ask: Ask, path: str) -> None:
    method = "POST" if path.endswith("tickets") else "GET"
    assert ask(method, path, caller=None)[0] == 401


def test_the_openapi_document_names_every_route(ask: Ask) -> None:
    status, document = ask("GET", "/v1/openapi.json")
    assert (status, document["openapi"][:3]) == (200, "3.1")
    written = set(re.findall(r'@app\.(?:get|post|put|patch|delete)\(\s*"(/v1/[^"]+)"', "".join(ROUTES)))
    shown = {path.replace("<", "{").replace(">", "}") for path in written - {"/v1/openapi.json"}}
    assert set(document["paths"]) == shown
    assert len(shown) > 60


def references(part: Any) -> set[str]:
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    own = {part["$ref"]} if isinstance(part, dict) and "$ref" in part else set()
    return own.union(*map(references, inner))


def test_the_openapi_document_tells_errors_as_they_are(ask: Ask, ours: Shop) -> None:
    _, document = ask("GET", "/v1/openapi.json")
    assert references(document) <= {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert document["security"] == [{name: []} for name in document["components"]["securitySchemes"]]
    problem = document["components"]["schemas"]["Problem"]
    for operation in (one for methods in document["paths"].values() for one in methods.values()):
        errors = {status: one for status, one in operation["responses"].items() if status[0] != "2"}
        assert {"401", "422", "default"} <= errors.keys()
        assert all(next(iter(one["content"])) == "application/problem+json" for one in errors.values())
    for status, body in (
        ask("GET", "/v1/machines", caller=None),
        ask("GET", "/v1/machines", query={"x": "1"}),
        ask("GET", "/v1/machines", query={"first": "0"}),
        ask("DELETE", "/v1/machines"),
        ask("GET", f"/v1/machines/{ours.machines[0]}x"),
        ask("POST", "/v1/socket-tickets", body={"tenant": "x"}),
    ):
        assert body["status"] == status
        assert set(problem["required"]) <= body.keys() <= set(problem["properties"])


def test_a_fault_of_ours_is_masked(module: ModuleType, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def machines(self) -> Any:
            raise RuntimeError("table cnc-secret is not there")

    monkeypatch.setattr(module, "stores", type("Stores", (), {"shop": Broken()})())
    status, body = ask("GET", "/v1/machines")
    assert (status, body["code"]) == (500, "internal.error")
    assert "cnc-secret" not in json.dumps(body)


def test_the_status_needs_nothing_but_the_clock(ask: Ask) -> None:
    status, body = ask("GET", "/v1/status")
    assert (status, body["status"]) == (200, "ok")


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/unknown", "/v1/machines/a/b"])
def test_an_address_where_nothing_is_says_so(ask: Ask, path: str) -> None:
    status, body = ask("GET", path)
    assert (status, body["code"]) == (404, "path.not_found")


@pytest.mark.parametrize(
    ("path", "known"),
    [("/v1/machines", "first"), ("/v1/status", "no query parameters"), ("/v1/openapi.json", "no query parameters")],
)
def test_a_query_parameter_nobody_knows_is_refused_with_the_known_ones(ask: Ask, path: str, known: str) -> None:
    status, body = ask("GET", path, query={"limit": "5"})
    assert (status, body["code"], body["seen"], body["expected"]) == (422, "request.invalid", "limit", known)
    assert body["errors"] == [{"field": "query.limit", "problem": f"unknown; known: {known}"}]


def test_many_unknown_parameters_are_named_in_part(ask: Ask) -> None:
    query = {"signals": "s1.load", **SPAN, **{f"x{n:03d}" * 40: "1" for n in range(50)}}
    status, body = ask("GET", "/v1/machines/m_zzzzzzzzzzzzzzzz/series", query=query)
    assert (status, body["expected"], len(body["errors"])) == (422, "from, resolutionS, signals, to", 10)
    assert len(json.dumps(body)) < 4000


@pytest.mark.parametrize(
    ("body", "media", "status", "code"),
    [
        ("x", "text/plain", 415, "media.unsupported"),
        ("{}", "", 415, "media.unsupported"),
        ("{}", "application/x-www-form-urlencoded", 415, "media.unsupported"),
        ("{", "application/json", 400, "request.malformed"),
        ("[" * 20_000, "application/json", 400, "limit.cost"),
        ('{"a":"' + "[" * 40 + '"}', "application/json", 422, "request.invalid"),
        ('"' + '\\"' * 400_000, "application/json", 400, "request.malformed"),
        ('{"a":1' + "0" * 5000 + "}", "application/json", 400, "request.malformed"),
        ('{"a":NaN}', "application/json", 400, "request.malformed"),
        ('"\ud800"', "application/json", 400, "request.malformed"),
        (" " * 4_000_001, "application/json", 413, "limit.size"),
        ("{}", "application/json; charset=utf-8", 200, None),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_and_never_our_fault(
    ask: Ask, body: str, media: str, status: int, code: str | None
) -> None:
    answered, problem = ask("POST", "/v1/socket-tickets", body=body, **{"content-type": media})
    assert answered == status
    assert code in (None, problem.get("code"))


def test_bytes_that_are_no_text_are_refused(module: ModuleType, ours: Shop) -> None:
    event = http("POST", "/v1/socket-tickets", caller=ours.key, body="/w==") | {"isBase64Encoded": True}
    answered = module.lambda_handler(event, LambdaContext())
    assert (answered["statusCode"], json.loads(answered["body"])["code"]) == (400, "request.malformed")


@pytest.mark.parametrize("id_", ["m_x\0y", "m_€", "m x"])
def test_an_id_of_strange_letters_is_not_found(ask: Ask, id_: str) -> None:
    assert ask("GET", f"/v1/machines/{id_}")[0] == 404
