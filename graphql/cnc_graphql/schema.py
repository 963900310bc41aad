"""The schema, built once per process from the types."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from cnc_graphql.roots import Mutation, Query, Subscription
from cnc_graphql.scalars import SCALARS
from graphql import GraphQLSchema

schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True, batching_config=None),
)

#: What the executor of graphql-core runs; Strawberry keeps it under this name.
core: GraphQLSchema = schema._schema


def sdl() -> str:
    """The schema as text, as it is committed in graphql/schema.graphql."""
    return f"{schema.as_str().rstrip()}\n"
