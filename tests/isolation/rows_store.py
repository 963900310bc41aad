"""The matrix below the API: tables, objects and functions that are told a tenant, asked directly.

Here the key builder is what lies: ids that no check of ids has seen come to the policies as they are.
"""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from infra_cdk.manifests import functions
from local_cloud.cloud import Credentials
from tests.isolation.desks import Answer, Desk
from tests.isolation.messages import now_ms
from tests.isolation.shops import Shop
from tests.isolation.ways import Attempt, Way, colliding, fresh

#: 400: what is no key at all.
DENIED = frozenset({400, 403})
Ask = Callable[[Any, str], Any]


def row(partition: str) -> dict[str, Any]:
    return {"p": {"S": partition}, "s": {"S": "a"}}


def table_asks(table: str, partition: Callable[[str], str]) -> dict[str, Ask]:
    """Every shape of call that reaches a partition."""

    def transaction(id_: str) -> list[dict[str, Any]]:
        return [{"Put": {"TableName": table, "Item": row(partition(id_))}}]

    values = {":p": lambda id_: {"S": partition(id_)}}
    return {
        "get": lambda client, id_: client.get_item(TableName=table, Key=row(partition(id_))),
        "put": lambda client, id_: client.put_item(TableName=table, Item=row(partition(id_))),
        "delete": lambda client, id_: client.delete_item(TableName=table, Key=row(partition(id_))),
        "update": lambda client, id_: client.update_item(TableName=table, Key=row(partition(id_))),
        "query": lambda client, id_: client.query(
            TableName=table,
            KeyConditionExpression="p = :p",
            ExpressionAttributeValues={":p": values[":p"](id_)},
        ),
        "batch get": lambda client, id_: client.batch_get_item(RequestItems={table: {"Keys": [row(partition(id_))]}}),
        "batch write": lambda client, id_: client.batch_write_item(
            RequestItems={table: [{"PutRequest": {"Item": row(partition(id_))}}]}
        ),
        "transaction": lambda client, id_: client.transact_write_items(TransactItems=transaction(id_)),
        "scan": lambda client, _: client.scan(TableName=table),
        "PartiQL": lambda client, id_: client.execute_statement(
            Statement=f"SELECT * FROM \"{table}\" WHERE p = '{partition(id_)}'"
        ),
    }


def object_asks(bucket: str, kind: str) -> dict[str, Ask]:
    """Every shape of call that reaches an object."""

    def key(id_: str) -> str:
        return f"tenant={id_}/anchor/x" if kind == "anchor" else f"tenant={id_}/kind={kind}/x"

    return {
        "get": lambda client, id_: client.get_object(Bucket=bucket, Key=key(id_)),
        "put": lambda client, id_: client.put_object(Bucket=bucket, Key=key(id_), Body=b"x"),
        "delete": lambda client, id_: client.delete_object(Bucket=bucket, Key=key(id_)),
        "list": lambda client, id_: client.list_objects_v2(Bucket=bucket, Prefix=f"tenant={id_}/"),
        "copy": lambda client, id_: client.copy_object(
            Bucket=bucket, Key=key(id_), CopySource={"Bucket": bucket, "Key": key(id_)}
        ),
    }


def answered(ask: Ask, client: Any, id_: str) -> Answer:
    """200 when the engine was reached."""
    try:
        ask(client, id_)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return Answer(403 if code in ("AccessDenied", "AccessDeniedException") else 400, code)
    return Answer(200, "")


def session(desk: Desk, function: str, shop: Shop) -> Credentials:
    """What a function acts with for a tenant."""
    return desk.stage.role(desk.stage.resource(f"{function}-tenant"), tenant=shop.tenant)


def attempts(desk: Desk, operation: str, mine: Shop, other: Shop, rng: random.Random) -> Iterator[Attempt]:
    """Every way that fits a table, a kind of object or a function."""
    what, _, noun = operation.partition(" ")
    if what == "function":
        yield from _functions(desk, operation, noun, mine, other, rng)
        return
    stage, tenant = desk.stage, mine.tenant
    function = rng.choice(_having(what, noun))
    if what == "table":
        client = _client(desk, "dynamodb", session(desk, function, mine))
        # The directory has keys of its own: a session of a tenant reaches none of them.
        asks = table_asks(stage.resource(noun), lambda id_: f"N#{id_}" if noun == "directory" else f"T#{id_}#M")
    else:
        client = _client(desk, "s3", session(desk, function, mine))
        asks = object_asks(_bucket(desk, noun), noun)
    unknown = fresh(other.tenant, rng)
    for ask in asks.values():

        def reach(id_: str, ask: Ask = ask) -> Answer:
            return answered(ask, client, id_)

        yield Attempt(operation, Way.SESSION, tenant, reach, other.tenant, unknown, DENIED)
    reads = [one for name, one in asks.items() if name in ("get", "put", "query", "list", "transaction", "batch get")]
    for ask in reads:

        def collide(id_: str, ask: Ask = ask) -> Answer:
            return answered(ask, client, id_)

        for text, odd in zip(*(colliding(core, tenant) for core in (other.tenant, unknown)), strict=True):
            near = (text, odd) if "/" not in text or what == "table" else (text.strip("/."), odd.strip("/."))
            if near[0] and not near[0].startswith(f"{tenant}#"):  # that one is within the own tenant
                yield Attempt(
                    operation, Way.COLLIDING, tenant, collide, *near, DENIED, cores=(other.tenant, unknown)
                )  # fmt: skip


def _having(what: str, noun: str) -> list[str]:
    """Functions whose tenant role may do something with it."""
    if noun == "directory":
        return ["rest", "fan_out"]
    found = functions()
    if what == "table":
        return [name for name, one in found.items() if noun in one.tenant_tables()]
    if noun == "anchor":
        return [name for name, one in found.items() if one.access.get("anchors")]
    return [name for name, one in found.items() if noun in one.access.get("bucket", {})]


def _bucket(desk: Desk, noun: str) -> str:
    """The bucket that holds the kind: anchors have one that nobody may change."""
    named = desk.stage.cloud.of("AWS::SSM::Parameter")
    wanted = "/anchor-bucket" if noun == "anchor" else "/bucket"
    return str(next(one.properties["Value"] for one in named if one.physical_id.endswith(wanted)))


def _client(desk: Desk, service: str, credentials: Credentials) -> Any:
    mark = (service, credentials.access_key_id)
    held: dict[tuple[str, str], Any] = desk.__dict__.setdefault("_clients", {})
    if mark not in held:
        held[mark] = desk.stage.client(service, credentials)
    return held[mark]


def _functions(desk: Desk, operation: str, name: str, mine: Shop, other: Shop, rng: random.Random) -> Iterator[Attempt]:
    unknown = fresh(other.ids["machine"], rng)
    if name == "fan_out":

        def told(machine: str) -> Answer:
            payload = {"machine": machine, "execution": "ACTIVE", "tile_state": "ACTIVE", "at_ms": now_ms()}
            event = {"v": 1, "tenant": mine.tenant, "kind": "machine_state", "machine": machine, "payload": payload}
            return Answer(200, json.dumps(desk.call(name, event)))

        yield Attempt(operation, Way.BODY, mine.tenant, told, other.ids["machine"], unknown)
    elif name == "gateway_provisioning":
        unknown = fresh(other.ids["gateway"], rng)

        def enrolled(client: str) -> Answer:
            parameters = {"Token": "cnce_" + "A" * 43, "ThingName": client, "Tenant": other.tenant}
            event = {
                "claimCertificateId": mine.ids["certificate"],
                "certificateId": mine.ids["certificate"],
                "certificatePem": mine.folder.certificate.read_text() if mine.folder else "",
                "clientId": client,
                "parameters": parameters,
            }
            return Answer(200, json.dumps(desk.call(name, event)))

        yield Attempt(operation, Way.CLIENT, mine.tenant, enrolled, other.ids["gateway"], unknown)
    elif name in ("tenant_export", "tenant_erasure"):
        kind = "export" if name == "tenant_export" else "person"
        foreign = other.ids["other_user"] if kind == "person" else fresh("x_", rng)

        def worked(id_: str) -> Answer:
            return Answer(200, json.dumps(desk.call(name, {"v": 1, "tenant": mine.tenant, kind: id_})))

        yield Attempt(operation, Way.BODY, mine.tenant, worked, foreign, fresh(foreign, rng))
    else:

        def run(tenant: str) -> Answer:
            # A job has no caller: what it does for each tenant is done in that tenant's name, seen by the tap.
            desk.call(name, {"v": 1, "tenant": mine.tenant, "hour_ms": now_ms() // 3_600_000 * 3_600_000, "x": tenant})
            return Answer(200, "")

        yield Attempt(operation, Way.BODY, "", run, other.tenant, fresh(other.tenant, rng))
