"""OpenAPI 3.1 of the routes, made from their types, with the errors and the credential as they are."""

import json
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from cnc.services.problem import MEDIA_TYPE
from functions.rest.admission import OPEN

_DESCRIPTION = """Machines, their newest values and their history.

Every request carries `Authorization: Bearer <access token or API key>`. Errors are RFC 9457 problem documents with a
stable `code`. Query parameters and fields that are not named here are refused with 422."""
_TEXT = {"type": "string"}
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": _TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": _TEXT,
        "code": {"type": "string", "pattern": r"^[a-z]+\.[a-z_]+$", "description": "Stable, such as auth.expired."},
        "requestId": {"type": "string", "description": "To ask with. Not in answers with status 404."},
        "seen": _TEXT,
        "expected": _TEXT,
        "todo": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "problem"],
                "properties": {"field": _TEXT, "problem": _TEXT},
            },
        },
    },
}
_ONCE: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "For a day the request is carried out once under this key, and then answered as the first time.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
}
#: What the router adds for its own form of errors, which is not ours.
_NOT_OURS = ("HTTPValidationError", "ValidationError", "ResponseValidationError")


def document(app: APIGatewayHttpResolver) -> dict[str, Any]:
    """The document as an object; `paths` are those of the router."""
    made: dict[str, Any] = json.loads(
        app.get_openapi_json_schema(title="CNC Copilot", version="1.0.0", description=_DESCRIPTION)
    )
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            operation["responses"] |= _errors(method, path)
            if method == "post" and (method.upper(), path) not in OPEN:  # nobody to remember it for
                operation["parameters"] = [*operation.get("parameters", []), _ONCE]
            if (method.upper(), path) in OPEN:
                operation["security"] = []
    components = made["components"]
    components["schemas"] = {name: one for name, one in components["schemas"].items() if name not in _NOT_OURS}
    components["schemas"]["Problem"] = _PROBLEM
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An access token of the sign-in, or an API key."}
    }
    return made | {"security": [{"bearer": []}]}


def _errors(method: str, path: str) -> dict[str, Any]:
    missing = _problem("No credential, or one that is not valid or has expired.")
    missing["headers"] = {"WWW-Authenticate": {"description": "RFC 6750.", "schema": _TEXT}}
    busy = _problem("Too many requests in a short time.")
    # The firewall of the front cannot name the other media type, and answers for GraphQL in the same words.
    busy["content"]["application/json"] = {"schema": {"type": "object", "required": ["code", "status", "title"]}}
    busy["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}}
    errors = {
        "400": _problem("The request cannot be read, or asks for what cannot be answered."),
        "401": missing,
        "403": _problem("The credential does not allow this."),
        "422": _problem("A parameter or field is missing, unknown or of another kind; `errors` says which."),
        "429": busy,
        "503": _problem("The store is busy; nothing was lost."),
        "default": _problem("Any other error; `code` says which."),
    }
    if "{" in path:
        errors["404"] = _problem("There is no such thing in your company.")
    if method in ("post", "put", "patch"):
        errors["409"] = _problem("Not now: it is in another state, or somebody else changed it meanwhile.")
        errors["413"] = _problem("The body is too large.")
        errors["415"] = _problem("The body is not JSON.")
    return errors


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
