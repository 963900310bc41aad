"""Query parameters that a route does not know: refused by name, like unknown fields of a body."""

import re
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from cnc.domain.base.errors import CncError
from functions.rest.problems import problem

MOST_NAMED = 10
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")


def known_query(request_id: Callable[[], str]) -> Callable[..., Response[Any]]:
    """Middleware of the router; the names are those of the OpenAPI document."""

    def middleware(app: APIGatewayHttpResolver, go_on: Callable[..., Response[Any]]) -> Response[Any]:
        sent = app.current_event.query_string_parameters or {}
        if any(_NOT_TEXT.search(value) for pair in sent.items() for value in pair):
            error = CncError("request.invalid", seen="a NUL or half of a surrogate pair", expected="text")
            return problem(error, request_id=request_id())
        known = sorted(field.alias for field in app.context["_route"].dependant.query_params)
        unknown = sorted(set(sent) - set(known))
        if not unknown:
            return go_on(app)
        expected = ", ".join(known) or "no query parameters"
        error = CncError("request.invalid", seen=", ".join(unknown[:MOST_NAMED]), expected=expected)
        fields = [{"field": f"query.{name[:64]}", "problem": f"unknown; known: {expected}"} for name in unknown]
        return problem(error, request_id=request_id(), errors=fields[:MOST_NAMED])

    return middleware
