"""The matrix of MQTT: what certificates may connect as, publish and hear; and what rules do with what they carry.

The first half is decided by the broker's own code over the template's policies and the certificates that AWS IoT would
hold. In the second the topic is right, since the first half holds, and the payload lies; or the first half is open, and
the topic lies too: then thing and site are looked up in the rows of the tenant, where the other one's are not.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import replace

from cnc.cloud.envelope import ForeignSender
from local_cloud.broker.access import Access
from tests.isolation.desks import Answer, Desk
from tests.isolation.shops import Shop
from tests.isolation.ways import Attempt, Way, colliding, fresh

NOT_THERE = frozenset({403, 404})


def access(desk: Desk, *, certificate: str, client: str) -> Access:
    """What a connection with this certificate and client id may do; to be asked on the broker's thread."""
    stage = desk.stage
    return Access(stage.broker.registry, arn_prefix=stage.broker.arn_prefix, certificate=certificate, client_id=client)


def may(desk: Desk, act: str, topic: str, *, certificate: str, client: str) -> Answer:
    """200 when the connection may be made and may do `act` on the topic, else 403."""

    def ask() -> bool:
        held = access(desk, certificate=certificate, client=client)
        if not held.may_connect():
            return False
        match act:
            case "publish":
                return held.may_publish(topic, retain=False)
            case "retain":
                return held.may_publish(topic, retain=True)
            case "subscribe":
                return held.may_subscribe(topic)
            case _:
                return held.may_receive(topic)

    return Answer(200 if desk.stage.on_loop(ask) else 403, "")


def topic_of(operation: str, shop: Shop, **changed: str) -> str:
    """The topic of an operation for a gateway of `shop`."""
    direction, _, channel = operation.partition(" ")
    ids = {name: shop.ids[name] for name in ("tenant", "site", "gateway")} | changed
    topic = f"cnc/{ids['tenant']}/{ids['site']}/{ids['gateway']}/{channel}"
    return f"$aws/rules/{channel}/{topic}" if direction == "up" else topic


def acts_of(operation: str) -> tuple[str, ...]:
    return ("publish", "retain") if operation.startswith("up ") else ("subscribe", "receive")


def attempts(desk: Desk, operation: str, mine: Shop, other: Shop, rng: random.Random) -> Iterator[Attempt]:
    """Every way that fits the channel."""
    for act in acts_of(operation):
        yield from _on_topics(desk, operation, act, mine, other, rng)
        yield from _as_gateways(desk, operation, act, mine, other, rng)
    if operation.startswith("up "):
        yield from _in_payloads(desk, operation, mine, other, rng)


def _on_topics(desk: Desk, operation: str, act: str, mine: Shop, other: Shop, rng: random.Random) -> Iterator[Attempt]:
    """The own gateway, on topics of others: of the other tenant, the other thing, the other site, and all at once."""
    own = {"certificate": mine.ids["certificate"], "client": mine.ids["gateway"]}
    for way, part in ((Way.TOPIC, "tenant"), (Way.THING, "gateway"), (Way.SITE, "site")):
        foreign = mine.ids["other_site"] if part == "site" else other.ids[part]
        unknown = fresh(foreign, rng)

        def ask(id_: str, part: str = part) -> Answer:
            return may(desk, act, topic_of(operation, mine, **{part: id_}), **own)

        yield Attempt(operation, way, mine.tenant, ask, foreign, unknown, NOT_THERE)
        yield from (
            Attempt(operation, Way.COLLIDING, mine.tenant, ask, text, odd, NOT_THERE, cores=(foreign, unknown))
            for text, odd in zip(*(colliding(core, mine.ids[part]) for core in (foreign, unknown)), strict=True)
        )

    def whole(tenant: str) -> Answer:
        topic = topic_of(operation, other, tenant=tenant)
        wider = rng.choice([topic, topic.rpartition("/")[0] + "/#", f"cnc/{tenant}/#", f"cnc/{tenant}/+/+/cmd"])
        return may(desk, act, wider if act == "subscribe" else topic, **own)

    yield Attempt(operation, Way.TOPIC, mine.tenant, whole, other.tenant, fresh(other.tenant, rng), NOT_THERE)


def _as_gateways(
    desk: Desk, operation: str, act: str, mine: Shop, other: Shop, rng: random.Random
) -> Iterator[Attempt]:
    """The own certificate under the other's name, and the other's certificate, which the key of the own cannot use."""
    topic = topic_of(operation, other)

    def named(client: str) -> Answer:
        return may(desk, act, topic, certificate=mine.ids["certificate"], client=client)

    unknown = fresh(other.ids["gateway"], rng)
    yield Attempt(operation, Way.CLIENT, mine.tenant, named, other.ids["gateway"], unknown, NOT_THERE)

    def certified(certificate: str) -> Answer:
        return may(desk, act, topic_of(operation, mine), certificate=certificate, client=mine.ids["gateway"])

    nobody = "".join(rng.choices("0123456789abcdef", k=64))
    yield Attempt(operation, Way.CERTIFICATE, mine.tenant, certified, other.ids["certificate"], nobody, NOT_THERE)


def _in_payloads(desk: Desk, operation: str, mine: Shop, other: Shop, rng: random.Random) -> Iterator[Attempt]:
    """The rule's function, told lies by a gateway that is who it says it is, and by one that is not."""
    channel, tenant = operation.partition(" ")[2], mine.tenant
    edge = mine.edge

    def told(**changed: str) -> Answer:
        said = replace(edge, **{name: text for name, text in changed.items() if name in ("source", "machine")})
        where = {name: text for name, text in changed.items() if name in ("site", "thing")}
        done = desk.call(channel, edge.event(said.said(channel), **where))
        return Answer(200, json.dumps(done, sort_keys=True))

    lies = [(Way.BODY, "source"), (Way.BODY, "machine"), (Way.THING, "thing"), (Way.SITE, "site")]
    for way, part in lies:
        kind = "gateway" if part == "thing" else "other_site" if way is Way.SITE else part
        foreign = (mine if way is Way.SITE else other).ids[kind]

        def ask(id_: str, part: str = part) -> Answer:
            return told(**{part: id_})

        yield Attempt(operation, way, tenant, ask, foreign, fresh(foreign, rng), frozenset({200}))

    def published(thing: str) -> Answer:
        """The whole topic is the other's, as no policy allows; the rule says whose connection it was."""
        theirs = replace(other.edge, thing=thing)
        try:
            done = desk.call(channel, theirs.event(theirs.said(channel), client=edge.thing))
        except ForeignSender as error:
            return Answer(403, str(error))
        return Answer(200, json.dumps(done))

    unknown = fresh(other.ids["gateway"], rng)
    yield Attempt(operation, Way.CLIENT, tenant, published, other.ids["gateway"], unknown, NOT_THERE)
