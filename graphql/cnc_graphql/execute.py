"""Runs one request and makes the bytes of its answer."""

import logging
from collections.abc import Awaitable, Iterable
from typing import Any, NamedTuple, TypeGuard

import orjson

from cnc.domain.base.errors import CncError
from cnc.services.caller import SCREEN
from cnc_graphql.context import Context
from cnc_graphql.documents import Documents
from cnc_graphql.errors import cause, cnc_error, wire_error
from cnc_graphql.guard import check_nesting
from cnc_graphql.prepare import MOST_ERRORS, Invalid, Prepared, prepare
from cnc_graphql.request import GraphQLRequest
from cnc_graphql.schema import core
from graphql import ExecutionResult, GraphQLError, OperationType, execute

LOG = logging.getLogger("cnc.graphql")
#: The authorizer tells of credentials and the usage of a tenant of its limits: floods that must not fill the log.
_TOLD_ALREADY = (401, 429)


class Answer(NamedTuple):
    """`executed` is False when the document never ran: HTTP says 4xx then, where the media type allows it."""

    body: bytes
    executed: bool
    status: int


def answer(request: GraphQLRequest, *, context: Context, documents: Documents) -> Answer:
    """Run a query or a mutation. Never raises for what a caller can send."""
    try:
        text = known_text(request, context=context, documents=documents)
        prepared = prepare(text, variables=request.variables, operation_name=request.operation_name)
        if prepared.operation is OperationType.SUBSCRIPTION:
            raise CncError("query.invalid", seen="subscription", expected="query or mutation", todo="Use /socket.")
        context.charge(prepared.cost)
    except CncError as error:
        return refused(error, request_id=context.request_id)
    except Invalid as invalid:
        return _encoded(ExecutionResult(None, invalid.errors), context)
    return _encoded(_executed(prepared, request, context), context)


def _executed(prepared: Prepared, request: GraphQLRequest, context: Context) -> ExecutionResult:
    result = execute(
        core,
        prepared.document,
        context_value=context,
        variable_values=request.variables,
        operation_name=request.operation_name,
        max_coercion_errors=MOST_ERRORS,
        hide_suggestions=True,
        is_awaitable=_never,
    )
    assert isinstance(result, ExecutionResult)
    return result


def _never(_: object) -> TypeGuard[Awaitable[Any]]:
    return False


def known_text(request: GraphQLRequest, *, context: Context, documents: Documents) -> str:
    """Text to run. Raises CncError(document.unknown, limit.cost or auth.forbidden)."""
    if context.caller.kind == SCREEN:
        documents = documents.boards
    if request.document_id is not None and request.text is None:
        return documents.text(request.document_id)
    text = request.text or ""
    check_nesting(text)
    if not context.caller.may_send_own_documents and not documents.knows(text):
        raise CncError(
            "auth.forbidden",
            seen="a document of your own",
            expected="a persisted document, or a credential with the scope api",
            todo="Use an API key.",
        )
    return text


def refused(error: CncError, *, request_id: str) -> Answer:
    """The answer to a request that did not run, reported in one line."""
    if error.status not in _TOLD_ALREADY:
        LOG.info("refused %s %s seen=%s", request_id, error.code, error.seen)
    body = orjson.dumps({"errors": [cnc_error(error, request_id=request_id)]})
    return Answer(body=body, executed=False, status=error.status)


def _encoded(result: ExecutionResult, context: Context) -> Answer:
    wire: dict[str, Any] = {}
    errors = [wire_error(error, request_id=context.request_id) for error in (result.errors or ())[:MOST_ERRORS]]
    if errors:
        wire["errors"] = errors
    # Beside the errors: many clients give up an answer as soon as there is one.
    warnings = [{**cnc_error(note, request_id=context.request_id), "path": path} for note, path in context.notes]
    if warnings:
        wire["extensions"] = {"warnings": warnings[:MOST_ERRORS]}
    if result.errors:
        report(result.errors, context)
    executed = result.data is not None or any(error.path for error in result.errors or ())
    if executed:
        wire["data"] = result.data
    return Answer(body=orjson.dumps(wire), executed=executed, status=_status(result, executed))


def _status(result: ExecutionResult, executed: bool) -> int:
    if executed or not result.errors:
        return 200
    original = cause(result.errors[0])
    return original.status if isinstance(original, CncError) else 400


def report(errors: Iterable[GraphQLError], context: Context) -> None:
    """One line per request; the stack goes along only when the fault is ours."""
    listed = list(errors)
    for error in listed:
        original = cause(error)
        if original is not None and not isinstance(original, (CncError, GraphQLError)):
            LOG.error("failed %s at %s", context.request_id, error.path, exc_info=original)
            return
    # The sentence may hold a value of the caller's, printed over many lines.
    first = " ".join(listed[0].message[:200].split())
    LOG.info("refused %s %d errors, first: %s", context.request_id, len(listed), first)
