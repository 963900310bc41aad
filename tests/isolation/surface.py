"""Everything the product can be asked, found in its own descriptions: whatever is added to one of them is seen here."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from cnc_graphql.schema import core

from functions.rest.document import document
from graphql import GraphQLObjectType, GraphQLSchema
from infra_cdk.gateways import DOWN_CHANNELS, UP_CHANNELS
from infra_cdk.manifests import functions
from local_cloud.cloud import Cloud
from tests.isolation.desks import Desk

ROOT = Path(__file__).resolve().parents[2]
_ROOTS = ("Query", "Mutation", "Subscription")


def operations(desk: Desk) -> set[str]:
    """Names of all operations: `GET /v1/…`, `Query.machine`, `up receipt`, `down cmd`, `table shop`, …"""
    return {
        *rest(desk),
        *graphql(core),
        *topics(),
        *tables(desk.stage.cloud),
        *objects(),
        *invoked(),
    }


def rest(desk: Desk) -> Iterator[str]:
    """Routes by the OpenAPI document."""
    for path, methods in document(desk.module("rest").app)["paths"].items():
        yield from (f"{method.upper()} {path}" for method in methods)


def graphql(schema: GraphQLSchema) -> Iterator[str]:
    """Root fields, and every field that takes arguments."""
    for name, type_ in schema.type_map.items():
        if isinstance(type_, GraphQLObjectType) and not name.startswith("__"):
            yield from (f"{name}.{field}" for field, one in type_.fields.items() if one.args or name in _ROOTS)


def topics() -> Iterator[str]:
    """What gateways publish and receive, by the policy, the rules and the folder of rules."""
    rules = {path.parent.name for path in ROOT.glob("iot_rules/*/rule.sql")}
    yield from (f"up {channel}" for channel in rules | set(UP_CHANNELS))
    yield from (f"down {channel}" for channel in DOWN_CHANNELS)


def tables(cloud: Cloud) -> Iterator[str]:
    yield from (f"table {table.physical_id.rpartition('-')[2]}" for table in cloud.of("AWS::DynamoDB::GlobalTable"))


def objects() -> Iterator[str]:
    """Kinds of objects in the bucket, by what functions may do with them."""
    for path in ROOT.glob("functions/*/function.toml"):
        access = tomllib.loads(path.read_text())["access"]
        yield from (f"object {kind}" for kind in access.get("bucket", {}))
        yield from ("object anchor" for _ in range("anchors" in access))


def invoked() -> Iterator[str]:
    """Functions that are told a tenant by another function or find all of them themselves."""
    for name, manifest in functions().items():
        if manifest.trigger.keys() & {"invoke", "schedule", "provisioning"}:
            yield f"function {name}"
