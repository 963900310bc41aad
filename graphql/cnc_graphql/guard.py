"""Refuses a document that is too large, before the validator or a resolver works on it."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from cnc.domain.base.errors import CncError
from cnc_graphql import limits
from cnc_graphql.cost import Lists, Measure, Meter, fragments_of
from graphql import (
    DocumentNode,
    FragmentSpreadNode,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
)

_TOKEN = re.compile(r'"""(?:\\"""|[^"]|"(?!""))*"""|"(?:\\.|[^"\\\n])*"|#[^\n\r]*|[{}\[\]()]')
_INTROSPECTION = {"__schema", "__type", "__typename"}


def check_nesting(text: str) -> None:
    """Bracket depth of a GraphQL or JSON text, strings and comments apart. Raises CncError(limit.cost)."""
    if text.count("{") + text.count("[") + text.count("(") <= limits.NESTING:
        return  # too few brackets to be too deep: nearly every request, without reading it token by token
    depth = 0
    for match in _TOKEN.finditer(text):
        mark = match.group()
        if mark in "{[(":
            depth += 1
            if depth > limits.NESTING:
                raise _too_large("nesting", depth, limits.NESTING)
        elif mark in "}])":
            depth -= 1


def check_document(document: DocumentNode, *, variables: Mapping[str, Any], lists: Lists) -> int:
    """The cost of its dearest operation. Raises CncError(limit.cost) naming the first limit that a document passes."""
    fragments = fragments_of(document)
    _at_most("fragments", len(fragments), limits.FRAGMENTS)
    _check_counts(document)
    meter = Meter(fragments=fragments, variables=variables, lists=lists)
    return max(
        (
            _check_measure(meter.operation(operation))
            for operation in document.definitions
            if isinstance(operation, OperationDefinitionNode)
        ),
        default=0,
    )


def _check_measure(measure: Measure) -> int:
    cost = -(-measure.cost // 10)
    _at_most("root fields", sum(measure.names.values()), limits.ROOT_FIELDS)
    _at_most("aliases", measure.aliases, limits.ALIASES)
    if not _is_introspection(measure):
        _at_most("depth", measure.depth, limits.DEPTH)
        _at_most("repetitions of one field", measure.repeated, limits.SAME_FIELD)
        _at_most("cost", cost, limits.COST)
    return cost


def _is_introspection(measure: Measure) -> bool:
    """Introspection is deep by nature and reads nothing of a tenant; tokens bound it."""
    return bool(measure.names) and set(measure.names) <= _INTROSPECTION


def _counts(document: DocumentNode) -> tuple[int, int, int]:
    spreads = directives = worst = 0
    stack: list[Any] = list(document.definitions)
    while stack:
        node = stack.pop()
        spreads += isinstance(node, FragmentSpreadNode)
        own = len(getattr(node, "directives", None) or ())
        directives += own
        worst = max(worst, own)
        stack.extend(getattr(node, "variable_definitions", None) or ())
        selection = getattr(node, "selection_set", None)
        if selection is not None:
            stack.extend(selection.selections)
    return spreads, directives, worst


def _check_counts(document: DocumentNode) -> None:
    spreads, directives, worst = _counts(document)
    _at_most("fragment spreads", spreads, limits.SPREADS)
    _at_most("directives", directives, limits.DIRECTIVES)
    _at_most("directives of one field", worst, limits.DIRECTIVES_PER_NODE)


def _at_most(what: str, seen: int, most: int) -> None:
    if seen > most:
        raise _too_large(what, seen, most)


def _too_large(what: str, seen: int, most: int) -> CncError:
    shown = str(seen) if seen < 10**9 else "more than 10^9"
    return CncError(
        "limit.cost",
        seen=f"{what} {shown}",
        expected=f"at most {most}",
        todo="Split the request, or ask with a smaller `first`.",
    )


@cache
def lists_of(schema: GraphQLSchema) -> Lists:
    """Field names of the schema that answer lists."""
    paged: set[str] = set()
    unpaged: set[str] = set()
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            for name, field in type_.fields.items():
                inner = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
                if isinstance(inner, GraphQLList):
                    (paged if "first" in field.args else unpaged).add(name)
    return Lists(paged=frozenset(paged), unpaged=frozenset(unpaged))
