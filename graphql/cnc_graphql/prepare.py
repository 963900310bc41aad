"""From a text to a document that may run: parsed, measured and validated once per text.

Where page sizes are variables, the document is measured for every request. What is kept is keyed by the text, and only
what may run is kept: texts that are refused leave nothing behind, however many come.
Strawberry's ParserCache and ValidationCache do the same per request hook and hash the whole document each time, which
costs more than running a small query.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

from cnc.domain.base.errors import CncError
from cnc_graphql.guard import check_document, check_nesting, lists_of
from cnc_graphql.limits import TOKENS
from cnc_graphql.schema import core
from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, OperationType, parse, validate

#: Every page of the product and the queries of a few programs; the collector walks all of them now and then.
CACHED_DOCUMENTS = 64
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
    kept = _KEPT.get(text)
    document, cost = kept or (_parsed(text), 0)
    if kept is None or _PAGE_BY_VARIABLE.search(text):
        cost = check_document(document, variables=variables, lists=lists_of(core))
    operation = _chosen(document, operation_name)
    if kept is None:
        document = _validated(document, text)
        _keep(text, document, cost)
    return Prepared(document=document, operation=operation, cost=cost)


_KEPT: OrderedDict[str, tuple[DocumentNode, int]] = OrderedDict()


def _keep(text: str, document: DocumentNode, cost: int) -> None:
    _KEPT[text] = document, cost
    if len(_KEPT) > CACHED_DOCUMENTS:
        _KEPT.popitem(last=False)


def _parsed(text: str) -> DocumentNode:
    check_nesting(text)
    try:
        return parse(text, max_tokens=TOKENS)
    except GraphQLError as error:
        raise Invalid([error]) from error


def _validated(document: DocumentNode, text: str) -> DocumentNode:
    """The same document without places in the text, a quarter of the size: only errors of validation tell them."""
    # Names near a wrong one are shown: who may send a text of their own may also ask the schema for all of them.
    errors = validate(core, document, max_errors=MOST_ERRORS)
    if errors:
        raise Invalid(errors)
    return parse(text, no_location=True, max_tokens=TOKENS)


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
