"""One GraphQL request over HTTP or the socket, checked before any parser of documents sees it."""

import re
from dataclasses import dataclass, field
from typing import Any

import orjson

from cnc.domain.base.errors import CncError
from cnc_graphql import limits
from cnc_graphql.guard import check_nesting

_HASH = re.compile(r"(?:sha256:)?([0-9a-f]{64})\Z")


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """Either `text` or `document_id` (SHA-256 hex of a persisted document) is set."""

    text: str | None
    document_id: str | None
    variables: dict[str, Any] = field(default_factory=dict)
    operation_name: str | None = None


def parse_body(body: bytes) -> GraphQLRequest:
    """Raises CncError(limit.size, limit.cost or request.malformed)."""
    if len(body) > limits.BODY_BYTES:
        raise CncError("limit.size", seen=f"{len(body)} bytes", expected=f"at most {limits.BODY_BYTES} bytes")
    try:
        check_nesting(body.decode("utf-8"))
        parsed = orjson.loads(body)
    except ValueError as error:  # both decoders' errors are ValueErrors
        raise _malformed("a body that is no JSON", "a JSON object in UTF-8") from error
    return parse_payload(parsed)


def parse_payload(parsed: object) -> GraphQLRequest:
    """A decoded request. Raises CncError(request.malformed or limit.size)."""
    if not isinstance(parsed, dict):
        raise _malformed(type(parsed).__name__, 'an object such as {"query": "{ sites { id } }"}')
    text = _optional(parsed, "query", str)
    document_id = _document_id(parsed)
    if not text and document_id is None:
        raise _malformed("neither query nor documentId", "one of them")
    variables = _optional(parsed, "variables", dict) or {}
    size = len(orjson.dumps(variables))
    if size > limits.VARIABLE_BYTES:
        raise CncError("limit.size", seen=f"variables of {size} bytes", expected=f"at most {limits.VARIABLE_BYTES}")
    return GraphQLRequest(
        text=text, document_id=document_id, variables=variables, operation_name=_optional(parsed, "operationName", str)
    )


def _document_id(parsed: dict[str, Any]) -> str | None:
    """`documentId` of the persisted documents appendix, or the hash that Apollo clients and urql send."""
    given = _optional(parsed, "documentId", str)
    if given is None:
        extensions = _optional(parsed, "extensions", dict) or {}
        persisted = _optional(extensions, "persistedQuery", dict) or {}
        given = _optional(persisted, "sha256Hash", str)
    if given is None:
        return None
    match = _HASH.match(given)
    if match is None:
        raise CncError("document.unknown", seen=given, expected="sha256: and 64 hex digits")
    return match.group(1)


def _optional(parsed: dict[str, Any], name: str, kind: type[Any]) -> Any:
    value = parsed.get(name)
    if value is not None and not isinstance(value, kind):
        raise _malformed(f"{name} of type {type(value).__name__}", f"{name} of type {kind.__name__}")
    return value


def _malformed(seen: str, expected: str) -> CncError:
    return CncError("request.malformed", seen=seen, expected=expected)
