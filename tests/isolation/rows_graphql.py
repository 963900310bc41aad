"""The matrix of GraphQL: every root field and every field with arguments, over HTTP and, where it fits, the socket."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.isolation.desks import Answer, Desk
from tests.isolation.shops import Shop
from tests.isolation.ways import Attempt, Way, colliding, fresh

_SPAN = 'from: "2026-11-24T07:00:00.000Z", to: "2026-11-24T08:00:00.000Z"'
_ID = "query ($id: ID!) "


@dataclass(frozen=True, slots=True)
class Field:
    """`document` has the variable `$id` of this kind, or no id at all with kind ""."""

    document: str
    kind: str = "machine"
    #: Over the socket only.
    subscribes: bool = False


FIELDS: dict[str, Field] = {
    "Query.viewer": Field("{ viewer { tenantId tenantName userId name roles } }", ""),
    "Query.sites": Field("{ sites { id name timeZone } }", ""),
    "Query.machines": Field("{ machines(first: 100) { id name site { name } latest { value } } }", ""),
    "Query.machine": Field(_ID + "{ machine(id: $id) { id name site { name } latest { value } } }"),
    "Query.gateways": Field("{ gateways { id name site { name } quarantined } }", ""),
    "Query.alarms": Field(_ID + "{ alarms(machineId: $id) { id text machineId } }"),
    "Query.series": Field(_ID + '{ series(machineId: $id, signals: ["s1.load"], ' + _SPAN + ") { timestamps } }"),
    "Machine.alarms": Field(_ID + "{ machine(id: $id) { alarms(active: true) { text } } }"),
    "Machine.completeness": Field(_ID + "{ machine(id: $id) { completeness(" + _SPAN + ") { produced missing } } }"),
    "Machine.stateTimeline": Field(_ID + "{ machine(id: $id) { stateTimeline(" + _SPAN + ") { execution } } }"),
    "Site.machines": Field("{ sites { machines(first: 100) { id name } } }", ""),
    "Mutation.watchMachine": Field("mutation ($id: ID!) { watchMachine(id: $id) }"),
    "Subscription.machineState": Field(
        "subscription ($id: ID!) { machineState(machineIds: [$id]) { machineId execution } }", subscribes=True
    ),
    "Subscription.liveSignals": Field(
        "subscription ($id: ID!) { liveSignals(machineId: $id) { machineId columns } }", subscribes=True
    ),
}
_NUMBERS = count(1)
_HEADERS = ("x-tenant", "x-tenant-id", "x-cnc-tenant", "x-hasura-tenant", "x-apollo-tenant")


def asked(desk: Desk, field: Field, shop: Shop, id_: str, *, inline: bool = False, **more: Any) -> Answer:
    """The document with an id in its variables, or written into its text."""
    credential = more.pop("credential", shop.owner)
    if not field.kind:
        return desk.graphql(field.document, credential=credential, **more)
    text, variables = field.document, {"id": id_}
    if inline:
        text = text.replace("($id: ID!) ", "").replace("$id", json.dumps(id_))
        variables = {}
    if field.subscribes:
        return subscribed(desk, shop, text, variables, credential=credential)
    return desk.graphql(text, credential=credential, variables=variables, **more)


def subscribed(desk: Desk, shop: Shop, text: str, variables: Any, *, credential: str) -> Answer:
    """What a socket says that opens, subscribes and ends."""
    connection = f"c{next(_NUMBERS)}="
    opened = desk.socket("CONNECT", connection, authorization=credential)
    if opened[0]["status"] != 200:
        return Answer(opened[0]["status"], "")
    try:
        desk.socket("MESSAGE", connection, body={"type": "connection_init", "payload": {"authorization": credential}})
        payload = {"query": text, "variables": variables}
        said = desk.socket("MESSAGE", connection, body={"id": "1", "type": "subscribe", "payload": payload})
        return Answer(said[0]["status"], json.dumps(said[1:], sort_keys=True))
    finally:
        desk.socket("DISCONNECT", connection)


def attempts(desk: Desk, operation: str, mine: Shop, other: Shop, rng: random.Random) -> Iterator[Attempt]:
    """Every way that fits the field."""
    field, tenant = FIELDS[operation], mine.tenant
    if field.kind:
        foreign, unknown = other.ids[field.kind], fresh(other.ids[field.kind], rng)
        for inline in (False, True):

            def ask(id_: str, inline: bool = inline) -> Answer:
                return asked(desk, field, mine, id_, inline=inline)

            yield Attempt(operation, Way.VARIABLES, tenant, ask, foreign, unknown)
            for text, odd in zip(*(colliding(core, mine.ids[field.kind]) for core in (foreign, unknown)), strict=True):
                yield Attempt(operation, Way.COLLIDING, tenant, ask, text, odd, cores=(foreign, unknown))
    yield from _as_another(desk, operation, mine, other, rng)
    if field.subscribes:
        yield from _tickets(desk, operation, mine, other, rng)


def _as_another(desk: Desk, operation: str, mine: Shop, other: Shop, rng: random.Random) -> Iterator[Attempt]:
    field, tenant = FIELDS[operation], mine.tenant
    stranger = f"stranger-{rng.randrange(1 << 40)}"
    own = mine.ids.get(field.kind, "")

    def claiming(id_: str) -> Answer:
        token = desk.issuer.token(stranger, **{"custom:tenant": id_, "cognito:groups": ["owner"]})
        return asked(desk, field, other, other.ids.get(field.kind, ""), credential=f"Bearer {token}")

    never = f"Bearer {desk.issuer.token(stranger)}"

    def ended(who: str) -> Answer:
        token = other.credentials["ended"] if who == "ended" else never
        return asked(desk, field, other, other.ids.get(field.kind, ""), credential=token)

    unknown = fresh(other.tenant, rng)
    yield Attempt(operation, Way.SESSION, tenant, claiming, other.tenant, unknown, frozenset({401, 403}))
    yield Attempt(operation, Way.ENDED, tenant, ended, "ended", "stranger", frozenset({401, 403}))
    gone = mine.suspended
    if gone is not None:

        def suspended(id_: str) -> Answer:
            return asked(desk, field, gone, id_)

        there = gone.ids[field.kind or "tenant"]
        yield Attempt(operation, Way.SUSPENDED, gone.tenant, suspended, there, fresh(there, rng), frozenset({401, 403}))
    if field.subscribes:
        return
    header = rng.choice(_HEADERS)

    def with_header(id_: str) -> Answer:
        return asked(desk, field, mine, own, headers={header: id_, "cookie": f"tenant={id_}"})

    yield Attempt(operation, Way.HEADER, tenant, with_header, other.tenant, unknown, frozenset({200}))

    def with_more(id_: str) -> Answer:
        body = {"query": field.document, "variables": {"id": own}, "tenant": id_, "extensions": {"tenant": id_}}
        return desk.http("graphql", "POST", "/graphql", credential=mine.owner, body=body, query={"tenant": id_})

    yield Attempt(operation, Way.BODY, tenant, with_more, other.tenant, unknown)


def _tickets(desk: Desk, operation: str, mine: Shop, other: Shop, rng: random.Random) -> Iterator[Attempt]:
    """A ticket of the other tenant with the own credential, and one that was used already."""
    field, connection = FIELDS[operation], f"k{rng.randrange(10**8)}="

    def ticket(owner: str) -> str:
        if owner != other.tenant:
            return "A" * 43
        text: str = desk.rest("POST", "/v1/socket-tickets", credential=other.owner, body={}).json["ticket"]
        return text

    def mixed(owner: str) -> Answer:
        opened = desk.socket("CONNECT", connection, ticket=ticket(owner))
        try:
            init = {"type": "connection_init", "payload": {"authorization": mine.owner}}
            refused = desk.socket("MESSAGE", connection, body=init) if opened[0]["status"] == 200 else []
            payload = {"query": field.document, "variables": {"id": other.ids["machine"]}}
            said = desk.socket("MESSAGE", connection, body={"id": "1", "type": "subscribe", "payload": payload})
            rows = [one for one in (*refused, *said) if one.get("type") in ("connection_ack", "next")]
            return Answer(200 if rows else 403, json.dumps(rows))
        finally:
            desk.socket("DISCONNECT", connection)

    def used(owner: str) -> Answer:
        text = ticket(owner)
        if owner == other.tenant:
            desk.socket("CONNECT", f"u{connection}", ticket=text)
            desk.socket("DISCONNECT", f"u{connection}")
        return Answer(desk.socket("CONNECT", connection, ticket=text)[0]["status"], "")

    unknown = fresh(other.tenant, rng)
    for way_of in (mixed, used):
        refused = frozenset({401, 403})
        yield Attempt(operation, Way.TICKET, "", way_of, other.tenant, unknown, refused, ticketed=True)
