"""Runs a stored operation once: for the present state, or for the event in the context."""

import asyncio
from inspect import isawaitable
from typing import Any

from cnc.domain.base.errors import CncError
from cnc.services.subscriptions import Registration
from cnc_graphql.context import Context
from cnc_graphql.errors import cnc_error, wire_error
from cnc_graphql.execute import report
from cnc_graphql.prepare import Invalid, Prepared, prepare
from cnc_graphql.schema import core
from graphql import ExecutionResult, GraphQLError, subscribe


class Refused(Exception):
    """The operation cannot run; `errors` are ready for the wire."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(errors[0]["message"])
        self.errors = errors


def run_subscription(registration: Registration, *, context: Context) -> list[dict[str, Any]]:
    """Payloads of `next` messages. Raises Refused when the document or the caller's rights do not allow it."""
    try:
        prepared = prepare(
            registration.text, variables=registration.variables, operation_name=registration.operation_name
        )
        return asyncio.run(_collect(prepared, registration, context))
    except Invalid as invalid:
        raise _refused(invalid.errors, context) from invalid
    except CncError as error:
        raise Refused([cnc_error(error, request_id=context.request_id)]) from error


async def _collect(prepared: Prepared, registration: Registration, context: Context) -> list[dict[str, Any]]:
    """Errors of resolvers that are ours pass through; the caller knows what to say of them."""
    started = subscribe(
        core,
        prepared.document,
        context_value=context,
        variable_values=dict(registration.variables),
        operation_name=registration.operation_name,
        hide_suggestions=True,
    )
    stream = await started if isawaitable(started) else started
    if isinstance(stream, ExecutionResult):
        raise _refused(stream.errors or [], context)
    return [_payload(result, context) async for result in stream]


def _payload(result: ExecutionResult, context: Context) -> dict[str, Any]:
    payload: dict[str, Any] = {"data": result.data}
    if result.errors:
        report(result.errors, context)
        payload["errors"] = [wire_error(error, request_id=context.request_id) for error in result.errors]
    return payload


def _refused(errors: list[GraphQLError], context: Context) -> Refused:
    listed = errors or [GraphQLError("The operation gave no result.")]
    report(listed, context)
    return Refused([wire_error(error, request_id=context.request_id) for error in listed[:5]])
