"""The printed files are what the code says, and every packed document can be run."""

import pytest
from cnc_graphql.cost import Meter, fragments_of
from cnc_graphql.documents import OPERATIONS, PACKED, packed
from cnc_graphql.guard import check_document, lists_of
from cnc_graphql.print_schema import TARGET
from cnc_graphql.schema import schema, sdl

from graphql import build_schema, parse, validate

HOW = "run: PYTHONPATH=graphql .venv/bin/python -m cnc_graphql.print_schema"
DOCUMENTS = sorted(OPERATIONS.glob("*.graphql"))


def test_the_committed_schema_is_the_one_in_code() -> None:
    assert TARGET.read_text() == sdl(), HOW


def test_the_packed_documents_are_those_in_the_folder() -> None:
    assert PACKED.read_text() == packed(), HOW


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_of_the_portal_is_valid_and_within_the_limits(path) -> None:
    document = parse(path.read_text())
    assert validate(build_schema(TARGET.read_text()), document) == []
    check_document(document, variables={}, lists=lists_of(schema._schema))


def test_lists_are_known_with_and_without_pages() -> None:
    lists = lists_of(schema._schema)
    assert {"machines", "alarms"} <= lists.paged
    assert {"latest", "sites", "stateTimeline", "gaps"} <= lists.unpaged
    assert lists.paged.isdisjoint(lists.unpaged)


def test_the_board_with_a_hundred_machines_costs_less_than_half_of_what_is_allowed() -> None:
    document = parse((OPERATIONS / "board.graphql").read_text())
    meter = Meter(fragments_of(document), {}, lists_of(schema._schema))
    assert meter.operation(document.definitions[0]).cost < 10_000
