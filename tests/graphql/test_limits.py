"""Documents that want too much: refused before the validator, with the limit's name, and cheaply."""

import json
from typing import Any

import pytest
from cnc_graphql import limits
from cnc_graphql.cost import Meter, fragments_of
from cnc_graphql.documents import Documents
from cnc_graphql.execute import answer
from cnc_graphql.guard import check_document, check_nesting, lists_of
from cnc_graphql.request import GraphQLRequest
from cnc_graphql.schema import schema

from cnc.domain.base.errors import CncError
from graphql import parse
from tests.graphql.shop import FakeReads, context

LISTS = lists_of(schema._schema)


class Untouchable(FakeReads):
    """Ports that no refused document may reach."""

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_"):
            raise AssertionError(f"a resolver asked for {name}")
        return super().__getattribute__(name)


def refusal(text: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
    request = GraphQLRequest(text=text, document_id=None, variables=variables or {})
    answered = answer(request, context=context(Untouchable("t", [])), documents=Documents([]))
    body = json.loads(answered.body)
    assert not answered.executed
    assert "data" not in body
    return body["errors"][0]


def doubling(levels: int) -> str:
    """Each fragment spreads the next one twice: 2^levels fields in a text that grows by a line per level."""
    lines = ["query { machines(first: 1) { ...f0 } }"]
    lines += [f"fragment f{n} on Machine {{ ...f{n + 1} a{n}: site {{ id }} ...f{n + 1} }}" for n in range(levels)]
    return "\n".join([*lines, f"fragment f{levels} on Machine {{ id }}"])


def nested(depth: int) -> str:
    return "{ machines(first: 1) " + "{ site " * depth + "{ id }" + " }" * depth + " }"


TOO_LARGE = {
    "doubled fragments": (doubling(18), "aliases"),
    "fragments": ("{ sites { id } } " + " ".join(f"fragment f{n} on Site {{ id }}" for n in range(21)), "fragments 21"),
    "spreads": ("{ sites { " + "...f " * 61 + "} } fragment f on Site { id }", "fragment spreads 61"),
    "aliases": ("{ sites { " + " ".join(f"a{n}: id" for n in range(16)) + " } }", "aliases 16"),
    "root fields": ("{ " + " ".join(["sites { id }"] * 11) + " }", "root fields 11"),
    "one field again and again": ("{ sites { " + "id " * 6 + "} }", "repetitions of one field 6"),
    "depth": (nested(8), "depth"),
    "directives of one field": ("{ sites { id " + "@include(if: true) " * 6 + "} }", "directives of one field 6"),
    "cost of lists in lists": ("{ machines { alarms(first: 100) { id } } }", "cost"),
    "cost by a literal": ("{ machines(first: 2147483647) { id site { id } } }", "cost"),
    "cost of long literals": ("{ machines(first: " + "9" * 200 + ") { id } }", "cost"),
}


@pytest.mark.parametrize(("text", "named"), TOO_LARGE.values(), ids=TOO_LARGE.keys())
def test_a_document_beyond_a_limit_is_refused_with_its_name(text: str, named: str) -> None:
    error = refusal(text)
    assert error["extensions"]["code"] == "limit.cost"
    assert named in error["extensions"]["seen"]


def test_too_many_tokens_end_the_parser() -> None:
    assert refusal("{ sites { " + "id " * 600 + "} }")["extensions"]["code"] == "limit.cost"


@pytest.mark.parametrize("opening", ["{", "[", "(", "{a(x:[", '{a(x:"}")'])
def test_nesting_ends_before_the_parser(opening: str) -> None:
    with pytest.raises(CncError, match="nesting 33"):
        check_nesting(opening * 40)


@pytest.mark.parametrize("text", ['{ a(x: "' + "{" * 99 + '") }', '{ a(x: """' + "[" * 99 + '""") }', "#" + "(" * 99])
def test_brackets_in_strings_and_comments_are_no_nesting(text: str) -> None:
    check_nesting(text)


def test_the_page_size_of_a_variable_counts() -> None:
    text = "query($n: Int) { machines(first: $n) { alarms(first: 50) { id } } }"
    assert refusal(text, {"n": 100})["extensions"]["code"] == "limit.cost"


@pytest.mark.parametrize("spelled", ["first: $n", "first:$n", "first :\n$n", "first: # so many\n $n"])
def test_a_page_size_by_variable_counts_however_it_is_spelled(spelled: str) -> None:
    text = "query($n: Int) { machines(first: 100) { alarms(SPELLED) { id } } }".replace("SPELLED", spelled)
    for _ in range(2):
        assert refusal(text, {"n": 100})["extensions"]["code"] == "limit.cost"


def test_a_text_that_was_answered_is_refused_with_a_larger_page() -> None:
    text = "query($n: Int) { machines(first: 100) { alarms(first: $n) { id } } }"
    request = GraphQLRequest(text=text, document_id=None, variables={"n": 5})
    assert answer(request, context=context(), documents=Documents([])).executed
    assert refusal(text, {"n": 100})["extensions"]["code"] == "limit.cost"


def test_measuring_doubled_fragments_is_linear_in_the_text() -> None:
    text = doubling(200)
    document = parse(text)
    visited: list[str] = []

    class Counting(Meter):
        def _selection(self, selection: Any, *, root: bool) -> Any:
            visited.append("selection")
            return super()._selection(selection, root=root)

    measure = Counting(fragments_of(document), {}, LISTS).operation(document.definitions[0])
    assert measure.aliases == 2**200 - 1
    assert len(visited) == 2 + 201 + 200  # operation and machines, every fragment once, every site once


def test_fragments_in_a_cycle_are_named_by_the_validator() -> None:
    error = refusal("{ sites { ...a } } fragment a on Site { ...b } fragment b on Site { ...a }")
    assert error["extensions"]["code"] == "query.invalid"


def test_an_unknown_directive_flood_is_counted_over_the_document() -> None:
    fields = " ".join(f"a{n}: viewer {{ name @skip(if: false) @include(if: true) }}" for n in range(5))
    more = " ".join(f"b{n}: sites {{ id @skip(if: false) @include(if: true) @deprecated }}" for n in range(4))
    with pytest.raises(CncError, match="directives 22"):
        check_document(parse("{ " + fields + more + " }"), variables={}, lists=LISTS)


def test_introspection_may_be_deep() -> None:
    text = "{ __schema { types { fields { type { ofType { ofType { ofType { ofType { name } } } } } } } } }"
    check_document(parse(text), variables={}, lists=LISTS)


def test_introspection_is_no_cover_for_other_fields() -> None:
    with pytest.raises(CncError, match="depth"):
        check_document(parse("{ __typename " + nested(9)[1:]), variables={}, lists=LISTS)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{ machines(first: 0) { id } }", "limit.cost"),
        ("{ machines(first: 101) { id } }", "limit.cost"),
        ("{ machines(first: -5) { id } }", "limit.cost"),
    ],
)
def test_a_page_is_1_to_100(text: str, code: str) -> None:
    request = GraphQLRequest(text=text, document_id=None)
    body = json.loads(answer(request, context=context(), documents=Documents([])).body)
    assert body["errors"][0]["extensions"]["code"] == code


SERIES = '{ series(machineId: "m", signals: %s, from: "%s", to: "%s", resolutionS: %d) { columns } }'
DAY = ("2026-11-23T08:00:00Z", "2026-11-24T08:00:00Z")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (('["a"]', *DAY, 8), "limit.cost"),  # 10,800 points
        (("[" + '"a",' * 20 + "]", *DAY, 10), "limit.cost"),  # 8,640 points x 20 signals
        (("[]", *DAY, 60), "limit.cost"),
        (("[" + '"a",' * 61 + "]", *DAY, 3600), "limit.cost"),
        (('["a"]', *DAY[::-1], 60), "range.invalid"),
        (('["a"]', *DAY, 0), "range.invalid"),
        (('["a"]', "yesterday", DAY[1], 60), "query.invalid"),
        (('["a"]', "0001-01-01T00:00:00Z", DAY[1], 60), "query.invalid"),
        (('["a"]', "9999-12-31T23:59:59.9999999999Z", DAY[1], 60), "query.invalid"),
    ],
)
def test_a_series_larger_than_an_answer_is_refused(arguments: tuple[Any, ...], code: str) -> None:
    request = GraphQLRequest(text=SERIES % arguments, document_id=None)
    body = json.loads(answer(request, context=context(), documents=Documents([])).body)
    assert body["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    ("span", "sentence"),
    [
        (
            DAY[::-1],
            "The time range cannot be answered. Seen: from 2026-11-24T08:00:00.000Z to 2026-11-23T08:00:00.000Z."
            " Expected: from before to. Swap the two ends.",
        ),
        (
            (DAY[0], DAY[0]),
            "The time range cannot be answered. Seen: from 2026-11-23T08:00:00.000Z to 2026-11-23T08:00:00.000Z."
            " Expected: from before to. Name a later end.",
        ),
        (
            ("yesterday", DAY[1]),
            "The time cannot be read. Seen: yesterday. Expected: a time such as 2026-11-24T19:02:00.000Z.",
        ),
    ],
)
def test_a_time_or_range_that_cannot_be_answered_says_why(span: tuple[str, str], sentence: str) -> None:
    request = GraphQLRequest(text=SERIES % ('["a"]', *span, 60), document_id=None)
    body = json.loads(answer(request, context=context(), documents=Documents([])).body)
    assert body["errors"][0]["message"] == sentence


def test_a_request_that_takes_too_long_stops_at_its_next_read() -> None:
    ports = context().ports
    clock = iter([0.0, limits.WALL_S + 0.1, limits.WALL_S + 0.2])
    late = context(ports)
    late.monotonic_s = lambda: next(clock)
    late.__post_init__()
    body = json.loads(
        answer(GraphQLRequest(text="{ sites { id } }", document_id=None), context=late, documents=Documents([])).body
    )
    assert body["errors"][0]["extensions"]["code"] == "limit.cost"


@pytest.mark.parametrize(
    "operation", ["subscription { machineState { at } }", "query A { sites { id } } query B { sites { id } }"]
)
def test_what_http_cannot_run_is_refused(operation: str) -> None:
    assert refusal(operation)["extensions"]["code"] == "query.invalid"


def test_a_wrong_name_is_told_with_those_near_it() -> None:
    assert refusal("{ sites { nam } }")["message"] == "Cannot query field 'nam' on type 'Site'. Did you mean 'name'?"


def test_five_errors_are_shown_at_most() -> None:
    text = "{ " + " ".join(f"nothing{n}" for n in range(9)) + " }"
    request = GraphQLRequest(text=text, document_id=None)
    assert len(json.loads(answer(request, context=context(), documents=Documents([])).body)["errors"]) == 5
