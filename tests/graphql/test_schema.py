"""The printed files are what the code says, and every packed document can be run."""

import pytest
from cnc_graphql.cost import Meter, fragments_of
from cnc_graphql.documents import OPERATIONS, PACKED, packed
from cnc_graphql.guard import check_document, lists_of
from cnc_graphql.print_schema import TARGET
from cnc_graphql.schema import schema, sdl

from graphql import build_schema, parse, specified_scalar_types, validate

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


def test_everything_in_the_schema_is_described() -> None:
    bare = []
    for name, type_ in schema._schema.type_map.items():
        if name.startswith("__") or name in specified_scalar_types:
            continue
        bare += [] if type_.description else [name]
        for field_name, field in getattr(type_, "fields", {}).items():
            bare += [] if field.description else [f"{name}.{field_name}"]
            bare += [f"{name}.{field_name}({key})" for key, arg in field.args.items() if not arg.description]
        bare += [f"{name}.{key}" for key, value in getattr(type_, "values", {}).items() if not value.description]
    assert bare == []


def test_lists_are_known_with_and_without_pages() -> None:
    lists = lists_of(schema._schema)
    assert {"machines", "alarms"} <= lists.paged
    assert {"latest", "sites", "stateTimeline", "gaps"} <= lists.unpaged
    assert lists.paged.isdisjoint(lists.unpaged)


def test_the_board_with_a_hundred_machines_costs_less_than_half_of_what_is_allowed() -> None:
    document = parse((OPERATIONS / "board.graphql").read_text())
    meter = Meter(fragments_of(document), {}, lists_of(schema._schema))
    assert meter.operation(document.definitions[0]).cost < 10_000
