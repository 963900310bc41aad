"""The executable schema: built once per process, with caches for parsing and validating."""

from typing import Any

import strawberry
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from cnc_graphql.guard import DocumentGuard
from cnc_graphql.roots import Mutation, Query, Subscription
from cnc_graphql.scalars import SCALARS
from graphql import GraphQLError

CACHED_DOCUMENTS = 256


class QuietSchema(strawberry.Schema):
    """Strawberry logs each error of a request; ours is one line per request, written where it is answered."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Keep silent: `cnc_graphql.execute` reports."""


def _extensions() -> list[Any]:
    return [
        lambda: ParserCache(maxsize=CACHED_DOCUMENTS),
        DocumentGuard,  # after the parser's cache: it needs the document, and must speak before the validator
        lambda: ValidationCache(maxsize=CACHED_DOCUMENTS),
    ]


schema = QuietSchema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    extensions=_extensions(),
    config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True, batching_config=None),
)


def sdl() -> str:
    """The schema as text, as it is committed in graphql/schema.graphql."""
    return f"{schema.as_str().rstrip()}\n"
