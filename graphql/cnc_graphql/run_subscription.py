"""Runs a stored operation once: for the present state, or for the event in the context."""

import asyncio
from functools import lru_cache
from typing import Any

from strawberry.types import ExecutionResult

from cnc.services.subscriptions import Registration
from cnc_graphql.context import Context
from cnc_graphql.errors import wire_error
from cnc_graphql.execute import report
from cnc_graphql.limits import TOKENS
from cnc_graphql.schema import schema
from graphql import GraphQLError, OperationDefinitionNode, OperationType, parse


class Refused(Exception):
    """The operation cannot run; `errors` are ready for the wire."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(errors[0]["message"])
        self.errors = errors


def run_subscription(registration: Registration, *, context: Context) -> list[dict[str, Any]]:
    """Payloads of `next` messages. Raises Refused when the document or the caller's rights do not allow it."""
    return asyncio.run(_collect(registration, context))


async def _collect(registration: Registration, context: Context) -> list[dict[str, Any]]:
    stream = await schema.subscribe(
        registration.text,
        variable_values=dict(registration.variables),
        context_value=context,
        operation_name=registration.operation_name,
    )
    payloads: list[dict[str, Any]] = []
    async for result in stream:
        if result.data is None:
            raise _refused(result.errors or [], context)
        payloads.append(_payload(result, context))
    return payloads


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


@lru_cache(maxsize=256)
def is_subscription(text: str, operation_name: str | None) -> bool:
    """Whether the operation that would run is a subscription; a text that cannot be read is none."""
    try:
        definitions = parse(text, no_location=True, max_tokens=TOKENS).definitions
    except GraphQLError:
        return False
    for node in definitions:
        if isinstance(node, OperationDefinitionNode):
            name = node.name.value if node.name else None
            if operation_name in (None, name):
                return node.operation is OperationType.SUBSCRIPTION
    return False
