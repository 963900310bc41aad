"""Query parameters that a route does not know: refused by name, like unknown fields of a body."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from cnc.domain.base.errors import CncError
from functions.rest.problems import problem

MOST_NAMED = 10


def known_query(request_id: Callable[[], str]) -> Callable[..., Response[Any]]:
    """Middleware of the router; the names are those of the OpenAPI document."""

    def middleware(app: APIGatewayHttpResolver, go_on: Callable[..., Response[Any]]) -> Response[Any]:
        known = sorted(field.alias for field in app.context["_route"].dependant.query_params)
        unknown = sorted(set(app.current_event.query_string_parameters or {}) - set(known))
        if not unknown:
            return go_on(app)
        expected = ", ".join(known) or "no query parameters"
        error = CncError("request.invalid", seen=", ".join(unknown[:MOST_NAMED]), expected=expected)
        fields = [{"field": f"query.{name[:64]}", "problem": f"unknown; known: {expected}"} for name in unknown]
        return problem(error, request_id=request_id(), errors=fields[:MOST_NAMED])

    return middleware
