"""From a text to a document that may run: parsed, measured and validated once per text.

Where page sizes are variables, the document is measured for every request. All caches are keyed by the text.
Strawberry's ParserCache and ValidationCache do the same per request hook and hash the whole document each time, which
costs more than running a small query.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from cnc.domain.base.errors import CncError
from cnc_graphql.guard import check_document, check_nesting, lists_of
from cnc_graphql.limits import TOKENS
from cnc_graphql.schema import core
from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, OperationType, parse, validate

CACHED_DOCUMENTS = 256
MOST_ERRORS = 5
#: Only here does the size of a document depend on its variables. A spelling that this misses counts as a whole page,
#: which is the most that any variable may ask for.
_PAGE_BY_VARIABLE = re.compile(r"first\s*:\s*\$")


class Invalid(Exception):
    """The text is no document of our schema; `errors` say where."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


class Prepared(NamedTuple):
    """A document, the operation of it that will run, and what it costs (`limits`)."""

    document: DocumentNode
    operation: OperationType
    cost: int = 0


def prepare(text: str, *, variables: Mapping[str, Any], operation_name: str | None) -> Prepared:
    """Order: brackets, tokens, size, choice of operation, validation.

    Raises CncError(limit.cost or query.invalid) and Invalid.
    """
    check_nesting(text)
    try:
        document = _parsed(text)
    except GraphQLError as error:
        raise Invalid([error]) from error
    if _PAGE_BY_VARIABLE.search(text):
        cost = check_document(document, variables=variables, lists=lists_of(core))
    else:
        cost = _check_once(text)
    operation = _chosen(document, operation_name)
    errors = _problems(text)
    if errors:
        raise Invalid(errors)
    return Prepared(document=document, operation=operation, cost=cost)


@lru_cache(maxsize=CACHED_DOCUMENTS)
def _parsed(text: str) -> DocumentNode:
    return parse(text, max_tokens=TOKENS)


@lru_cache(maxsize=CACHED_DOCUMENTS)
def _check_once(text: str) -> int:
    """Refused texts are measured each time: a raised error is not kept."""
    return check_document(_parsed(text), variables={}, lists=lists_of(core))


@lru_cache(maxsize=CACHED_DOCUMENTS)
def _problems(text: str) -> list[GraphQLError]:
    # Names near a wrong one are shown: who may send a text of their own may also ask the schema for all of them.
    return validate(core, _parsed(text), max_errors=MOST_ERRORS)


def _chosen(document: DocumentNode, operation_name: str | None) -> OperationType:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if operation_name is not None:
        operations = [node for node in operations if node.name and node.name.value == operation_name]
    if len(operations) != 1:
        raise CncError(
            "query.invalid",
            seen=f"{len(operations)} operations" + (f" named {operation_name}" if operation_name else ""),
            expected="one, or operationName to choose one",
        )
    return operations[0].operation
