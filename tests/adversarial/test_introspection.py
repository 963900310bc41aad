"""Who may ask the schema about itself: programs with the permission `api.documents`, and nobody else."""

import json
from typing import Any

import pytest

from cnc.services.caller import Caller
from tests.adversarial.asking import KIOSK, OUR_KEY, Lines, ask
from tests.adversarial.requests import Attack

ABOUT_ITSELF = (
    "{ __schema { types { name } } }",
    '{ __type(name: "Machine") { name } }',
    "{ machin { id } }",
    "{ __typename }",
)


def answer(text: str, caller: Caller | None) -> tuple[int, dict[str, Any]]:
    cost, answered = ask(Attack("introspection", json.dumps({"query": text}).encode()), lines=Lines(), caller=caller)
    return cost.status, answered


@pytest.mark.parametrize("text", ABOUT_ITSELF)
def test_pages_and_strangers_learn_nothing_of_the_schema(text: str) -> None:
    for caller, status, code in ((KIOSK, 403, "auth.forbidden"), (None, 401, "auth.missing")):
        answered, body = answer(text, caller)
        assert (answered, body["errors"][0]["extensions"]["code"]) == (status, code)
        assert not any(word in json.dumps(body) for word in ("machines", "Did you mean", "__schema"))


def test_a_developer_asks_for_types_and_is_told_what_is_near() -> None:
    _, body = answer(ABOUT_ITSELF[0], OUR_KEY)
    assert "Machine" in {one["name"] for one in body["data"]["__schema"]["types"]}
    _, body = answer("{ machin { id } }", OUR_KEY)
    assert "machine" in body["errors"][0]["message"]
    assert body["errors"][0]["extensions"]["code"] == "query.invalid"


def test_an_error_says_nothing_of_the_inside() -> None:
    _, body = answer('{ machine(id: ["x"]) { id } }', OUR_KEY)
    assert body["errors"][0].keys() <= {"message", "locations", "path", "extensions"}
    assert not any(word in json.dumps(body) for word in ("Traceback", ".py", "graphql-core", "strawberry"))
