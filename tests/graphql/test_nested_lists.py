"""Lists in lists with the sizes a developer leaves out: they are answered, and no answer grows beyond what is safe."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from cnc_graphql.documents import Documents
from cnc_graphql.execute import answer
from cnc_graphql.guard import check_document, lists_of
from cnc_graphql.limits import ANSWERED_OBJECTS
from cnc_graphql.request import GraphQLRequest
from cnc_graphql.schema import core

from graphql import GraphQLNonNull as NonNull
from graphql import GraphQLObjectType, get_named_type, is_leaf_type, is_list_type, is_non_null_type, parse
from tests.graphql.shop import OURS, FakeReads, context, machine, our_shop

LISTS = lists_of(core)
SPAN = '(from: "2026-11-24T07:00:00Z", to: "2026-11-24T08:00:00Z")'


def is_list(kind: Any) -> bool:
    return is_list_type(kind.of_type if is_non_null_type(kind) else kind)


def paths(type_: GraphQLObjectType, lists: int, seen: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every way down through `lists` list fields, with the objects between them; no type but the site twice."""
    for name, field in type_.fields.items():
        inner = get_named_type(field.type)
        needs = {key for key, argument in field.args.items() if isinstance(argument.type, NonNull)}
        if is_leaf_type(inner) or inner.name in seen or not needs <= {"from", "to"}:
            continue
        step = f"{name}{SPAN}" if needs else name
        left = lists - is_list(field.type)
        if left == 0:
            yield (step,)
        else:
            yield from ((step, *rest) for rest in paths(inner, left, (*seen, inner.name)))


def document(path: tuple[str, ...]) -> str:
    type_ = core.query_type
    for step in path:
        type_ = get_named_type(type_.fields[step.partition("(")[0]].type)
    leaves = [name for name, field in type_.fields.items() if is_leaf_type(get_named_type(field.type))]
    return "{ " + " { ".join([*path, " ".join(leaves)]) + " }" * (len(path) + 1)


NESTED = [path for count in (1, 2, 3) for path in paths(core.query_type, count)]


def test_there_are_nested_lists_to_try() -> None:
    assert {("machines", "alarms"), ("sites", "machines", "alarms"), ("sites", "machines", "latest")} <= set(NESTED)


@pytest.mark.parametrize("path", NESTED, ids=".".join)
def test_a_list_in_lists_is_answered_with_the_sizes_left_out(path: tuple[str, ...]) -> None:
    assert "errors" not in ask(document(path), our_shop())


def crowded() -> FakeReads:
    """As many machines as a page holds, each with as many alarms as it is asked for."""
    return Crowded(OURS, [machine(f"m_{number:016d}", f"Mill {number}") for number in range(100)])


class Crowded(FakeReads):
    def alarms(self, *, machine: str | None, active: bool | None, first: int) -> Any:
        (alarm,) = our_shop().alarms(machine=None, active=None, first=1)
        return [alarm] * first


def ask(text: str, reads: FakeReads) -> dict[str, Any]:
    request = GraphQLRequest(text=text, document_id=None)
    return json.loads(answer(request, context=context(reads), documents=Documents([])).body)


def objects(data: Any) -> int:
    """Objects in the lists of an answer."""
    if isinstance(data, list):
        return len(data) + sum(map(objects, data))
    return sum(map(objects, data.values())) if isinstance(data, dict) else 0


def test_what_lists_hold_is_counted_while_they_are_answered() -> None:
    answered = ask("{ machines { name alarms { text } } }", crowded())
    assert answered["data"] is None
    assert answered["errors"][0]["extensions"]["code"] == "limit.cost"
    assert "smaller `first`" in answered["errors"][0]["message"]


def test_as_much_as_is_allowed_is_answered_with_two_reads() -> None:
    reads = crowded()
    answered = ask("{ machines(first: 90) { name alarms(first: 15) { text } } }", reads)
    assert objects(answered["data"]) == 90 + 90 * 15
    assert reads.calls == ["machines", "alarms of 90"]


def test_lists_that_lead_back_to_machines_stay_within_the_limits() -> None:
    for text in (
        "{ machines { site { machines { id } } } }",
        "{ machines { site { machines { site { machines { id } } } } } }",
        "{ sites { machines { site { machines { alarms { id } } } } } }",
        "{ gateways { site { machines { alarms { id } latest { signal } } } } }",
    ):
        answered = ask(text, crowded())
        assert objects(answered.get("data")) <= ANSWERED_OBJECTS
        codes = {error["extensions"]["code"] for error in answered.get("errors", ())}
        assert codes <= {"limit.cost"}


@pytest.mark.parametrize(
    "text",
    [
        "{ machines { alarms(first: 100) { id } } }",
        "{ sites { machines(first: 100) { alarms(first: 50) { id } } } }",
        "{ machines { site { machines { alarms { id } } } } }",
        "query { ...q } fragment q on Query { machines { alarms(first: 100) { id } } }",
    ],
)
def test_sizes_that_multiply_beyond_the_limit_are_refused_before_anything_runs(text: str) -> None:
    with pytest.raises(Exception, match="cost"):
        check_document(parse(text), variables={}, lists=LISTS)


def test_machines_stand_under_their_site() -> None:
    reads = our_shop()
    answered = ask("{ sites { name machines { name site { name } } } }", reads)
    assert answered["data"]["sites"] == [
        {
            "name": "Main hall",
            "machines": [
                {"name": "Mill 1", "site": {"name": "Main hall"}},
                {"name": "Lathe 2", "site": {"name": "Main hall"}},
            ],
        }
    ]
    assert reads.calls == ["machines of s_aaaaaaaaaaaaaaaa"]
