"""Requests that are sent twice: after a lost answer, at the same time, and with something else in them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from types import ModuleType
from typing import Any

import pytest

from cnc.cloud.store.idempotency import IdempotencyStore
from cnc.cloud.tenancy import acting_for
from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller
from cnc.services.idempotency import KEPT, LONGEST_RUN, Mark, mark_of, once
from tests.api.events import LambdaContext, http
from tests.api.tenants import Shop
from tests.cloud.fixtures import Cloud

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
Post = Callable[..., tuple[int, Any, dict[str, str]]]


@pytest.fixture(scope="module")
def module(cold: Callable[[str], ModuleType]) -> ModuleType:
    return cold("rest")


@pytest.fixture
def post(module: ModuleType, ours: Shop) -> Post:
    numbers = count()

    def post(key: str, *, path: str = "/v1/socket-tickets", caller: Caller = ours.key, body: Any = None) -> Any:
        event = http("POST", path, caller=caller, body={} if body is None else body, **{"idempotency-key": key})
        event["requestContext"]["requestId"] = f"r-{next(numbers)}"
        answered = module.lambda_handler(event, LambdaContext())
        headers = {name.lower(): value for name, value in answered["headers"].items()}
        return answered["statusCode"], json.loads(answered["body"]), headers

    return post


@pytest.fixture
def marks(cloud: Cloud, ours: Shop) -> Any:
    with acting_for(ours.tenant):
        yield IdempotencyStore(cloud.clients, table=cloud.tables["shop"])


def test_the_second_request_gets_the_answer_of_the_first(post: Post) -> None:
    first, second, other = post("lost-answer"), post("lost-answer"), post("another")
    assert first[0] == 200
    assert second[:2] == first[:2]
    assert ("idempotency-replayed" in first[2], second[2]["idempotency-replayed"]) == (False, "true")
    assert second[2]["x-request-id"] != first[2]["x-request-id"]
    assert other[1] != first[1]


def test_the_same_key_with_another_body_is_refused(post: Post) -> None:
    assert post("reused", body={})[0] == 200
    status, problem, _ = post("reused", body=" {} ")
    assert status == 200  # the same value, written otherwise
    status, problem, _ = post("reused", body="null")
    assert (status, problem["code"]) == (422, "request.key_reused")


def test_a_key_belongs_to_its_sender_and_its_route(post: Post, ours: Shop, theirs: Shop) -> None:
    mine = post("shared")
    assert post("shared", caller=theirs.key)[1] != mine[1]
    person = Caller(ours.tenant, ours.user, "user", ("owner",))
    assert post("shared", caller=person)[1] != mine[1]
    routes = {mark_of("shared", caller=person, route=f"POST {path}").row for path in ("/v1/keys", "/v1/machines")}
    assert len(routes) == 2


@pytest.mark.parametrize("key", ["", "k" * 256, "ü", "a\nb", "\x7f"])
def test_a_key_that_is_none_is_refused(post: Post, key: str) -> None:
    status, problem, _ = post(key)
    assert (status, problem["code"]) == (422, "request.invalid")
    assert post("k" * 255)[0] == 200


def test_a_refused_request_may_be_mended_under_its_key(post: Post) -> None:
    assert post("mended", body={"tenant": "x"})[0] == 422
    assert post("mended")[0] == 200


def test_a_kept_answer_can_be_read_by_its_sender_alone(post: Post, cloud: Cloud, ours: Shop) -> None:
    ticket = post("secret")[1]["ticket"]
    rows = cloud.raw.scan(TableName=cloud.tables["shop"])["Items"]
    kept = [row for row in rows if "#I" in row["p"]["S"]]
    assert kept
    assert all(row["p"]["S"] == f"T#{ours.tenant}#I" or row["p"]["S"].startswith("T#t_") for row in kept)
    assert ticket.encode() not in b"".join(row["b"]["B"] for row in kept if "b" in row)
    assert "secret" not in json.dumps([row["s"] for row in kept])


def test_while_the_first_runs_the_second_waits_and_later_it_is_told_what_is_not_known(marks: Any, ours: Shop) -> None:
    mark = mark_of("cut-off", caller=ours.key, route="POST /v1/machines")
    runs: list[datetime] = []

    def ask(at: datetime) -> Any:
        def answer() -> dict[str, Any]:
            runs.append(at)
            raise KeyboardInterrupt  # as a worker that is killed

        return once(mark, fingerprint="f", answer=answer, marks=marks, now=lambda: at)

    with pytest.raises(KeyboardInterrupt):
        ask(NOW)
    with pytest.raises(CncError, match="being carried out"):
        ask(NOW + LONGEST_RUN / 2)
    with pytest.raises(CncError, match="not known"):
        ask(NOW + LONGEST_RUN)
    assert runs == [NOW]


def test_a_mark_holds_for_a_day(marks: Any, ours: Shop) -> None:
    mark = mark_of("old", caller=ours.key, route="POST /v1/machines")
    numbers = count()

    def ask(at: datetime) -> int:
        response, _ = once(
            mark,
            fingerprint="f",
            answer=lambda: {"statusCode": 200, "body": str(next(numbers))},
            marks=marks,
            now=lambda: at,
        )
        return int(response["body"])

    assert timedelta(hours=24) <= KEPT
    assert [ask(NOW), ask(NOW + timedelta(hours=24)), ask(NOW + KEPT)] == [0, 0, 1]


@pytest.mark.parametrize(("status", "runs"), [(200, 1), (201, 1), (500, 1), (503, 2), (404, 2), (409, 2), (429, 2)])
def test_what_may_have_changed_something_is_kept_and_refusals_are_not(
    marks: Any, ours: Shop, status: int, runs: int
) -> None:
    mark = mark_of(f"status {status}", caller=ours.key, route="POST /v1/machines")
    ran: list[int] = []

    def answer() -> dict[str, Any]:
        ran.append(status)
        return {"statusCode": status, "body": ""}

    for _ in range(2):
        response, _ = once(mark, fingerprint="f", answer=answer, marks=marks, now=lambda: NOW)
        assert response["statusCode"] == status
    assert len(ran) == runs


def test_of_two_at_the_same_moment_one_begins(marks: Any) -> None:
    mark = Mark("0" * 64, b"k" * 32)
    begun = [marks.begin(mark, fingerprint="f", at=NOW, kept=KEPT) for _ in range(3)]
    assert [held is None for held in begun] == [True, False, False]
