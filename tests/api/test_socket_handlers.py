"""A socket from ticket to delivery: both functions over real tables, the gateway's post recorded."""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import orjson
import pytest

from cnc.cloud.tenancy import Directory
from cnc.domain.base.clock import utc_now
from cnc.services.caller import Caller
from cnc.services.tickets import issue
from tests.api.events import LambdaContext, socket
from tests.api.issuer import Issuer
from tests.api.tenants import ORIGIN, Shop
from tests.cloud.fixtures import Cloud
from tests.graphql.sockets import Posted

STATES = "subscription { machineState { machineId execution } }"


class Api:
    """Both functions as API Gateway and the event lane call them."""

    def __init__(self, socket_function: ModuleType, fan_out: ModuleType) -> None:
        self.posted = Posted()
        self._socket, self._fan_out = socket_function, fan_out
        object.__setattr__(socket_function.door, "post", self.posted)
        fan_out.post = self.posted

    def call(self, kind: str, connection: str, **more: Any) -> dict[str, Any]:
        return self._socket.lambda_handler(socket(kind, connection, **more), LambdaContext())

    def say(self, connection: str, **message: Any) -> list[dict[str, Any]]:
        before = len(self.posted.sent.get(connection, []))
        assert self.call("MESSAGE", connection, body=message)["statusCode"] == 200
        return self.posted.sent.get(connection, [])[before:]

    def deliver(self, tenant: str, machine: str, execution: str) -> dict[str, int]:
        payload = {"machine": machine, "execution": execution, "tile_state": "IDLE", "at_ms": 1_764_000_000_000}
        event = {"v": 1, "tenant": tenant, "kind": "machine_state", "machine": machine, "payload": payload}
        return self._fan_out.lambda_handler(event, LambdaContext())


@pytest.fixture(scope="module")
def functions(cold: Callable[[str], ModuleType]) -> tuple[ModuleType, ModuleType]:
    return cold("graphql_ws"), cold("fan_out")


@pytest.fixture
def api(functions: tuple[ModuleType, ModuleType]) -> Iterator[Api]:
    made = Api(*functions)
    yield made
    for connection in ("ours=", "theirs="):
        made.call("DISCONNECT", connection)


def ticket(cloud: Cloud, caller: Caller) -> str:
    directory = Directory(cloud.raw, table=cloud.tables["directory"])
    return issue(caller, tickets=directory, random=lambda n: orjson.dumps(str(utc_now()))[:n], now=utc_now()).text


def opened(api: Api, connection: str, shop: Shop) -> None:
    answered = api.call("CONNECT", connection, authorization=f"Bearer {shop.secret}")
    assert answered == {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "graphql-transport-ws"}}
    said = api.say(connection, type="connection_init", payload={"authorization": f"Bearer {shop.secret}"})
    assert said == [{"type": "connection_ack"}]


def test_an_event_reaches_its_tenant_and_never_the_other(api: Api, ours: Shop, theirs: Shop) -> None:
    for connection, shop in (("ours=", ours), ("theirs=", theirs)):
        opened(api, connection, shop)
        first = api.say(connection, id="1", type="subscribe", payload={"query": STATES})
        machines = {message["payload"]["data"]["machineState"]["machineId"] for message in first}
        assert machines == set(shop.machines)
    api.posted.sent.clear()
    assert api.deliver(ours.tenant, ours.machines[0], "STOPPED") == {"Runs": 1, "Messages": 1, "Gone": 0}
    state = {"machineState": {"machineId": ours.machines[0], "execution": "STOPPED"}}
    assert api.posted.sent == {"ours=": [{"id": "1", "type": "next", "payload": {"data": state}}]}


def test_a_ticket_opens_one_socket(api: Api, ours: Shop, cloud: Cloud) -> None:
    text = ticket(cloud, ours.key)
    assert api.call("CONNECT", "ours=", ticket=text, origin=ORIGIN)["statusCode"] == 200
    assert api.call("CONNECT", "theirs=", ticket=text, origin=ORIGIN)["statusCode"] == 401


@pytest.mark.parametrize("text", ["", "x", "A" * 43, "é" * 43, "#" * 43])
def test_a_ticket_nobody_made_opens_nothing(api: Api, text: str) -> None:
    assert api.call("CONNECT", "ours=", ticket=text)["statusCode"] == 401


def test_a_page_of_another_origin_opens_nothing(api: Api, ours: Shop) -> None:
    answered = api.call("CONNECT", "ours=", authorization=f"Bearer {ours.secret}", origin="https://evil.test")
    assert answered["statusCode"] == 403


@pytest.mark.parametrize("shown", ["", "guessed"])
def test_past_the_front_neither_ticket_nor_credential_opens_anything(
    api: Api, ours: Shop, cloud: Cloud, shown: str
) -> None:
    text = ticket(cloud, ours.key)
    assert api.call("CONNECT", "ours=", ticket=text, shown=shown)["statusCode"] == 403
    assert api.call("CONNECT", "ours=", authorization=f"Bearer {ours.secret}", shown=shown)["statusCode"] == 403
    assert api.call("CONNECT", "ours=", ticket=text)["statusCode"] == 200  # the ticket was not spent


def test_no_credential_opens_nothing(api: Api) -> None:
    assert api.call("CONNECT", "ours=")["statusCode"] == 401


@pytest.mark.parametrize("protocol", ["", "graphql-ws", "graphql-transport-wss"])
def test_only_our_protocol_is_spoken(api: Api, ours: Shop, protocol: str) -> None:
    answered = api.call("CONNECT", "ours=", authorization=f"Bearer {ours.secret}", sec_websocket_protocol=protocol)
    assert answered["statusCode"] == 400


def test_a_ticket_of_one_and_a_credential_of_another_do_not_mix(
    api: Api, ours: Shop, theirs: Shop, cloud: Cloud
) -> None:
    api.call("CONNECT", "ours=", ticket=ticket(cloud, ours.key))
    said = api.say("ours=", type="connection_init", payload={"authorization": f"Bearer {theirs.secret}"})
    assert said[0]["payload"][0]["extensions"]["code"] == "auth.forbidden"


def test_a_person_connects_with_ticket_and_token(api: Api, ours: Shop, cloud: Cloud, issuer: Issuer) -> None:
    person = Caller(ours.tenant, ours.user, "user", ("owner",), frozenset({"api"}))
    assert api.call("CONNECT", "ours=", ticket=ticket(cloud, person), origin=ORIGIN)["statusCode"] == 200
    token = f"Bearer {issuer.token(ours.subject)}"
    assert api.say("ours=", type="connection_init", payload={"authorization": token}) == [{"type": "connection_ack"}]
    assert len(api.say("ours=", id="1", type="subscribe", payload={"query": STATES})) == 2


def test_a_message_on_a_connection_nobody_opened_is_refused(api: Api) -> None:
    assert api.call("MESSAGE", "stranger=", body={"type": "ping"})["statusCode"] == 401


def test_after_the_end_nothing_is_left(api: Api, ours: Shop, cloud: Cloud) -> None:
    opened(api, "ours=", ours)
    api.say("ours=", id="1", type="subscribe", payload={"query": STATES})
    api.call("DISCONNECT", "ours=")
    api.call("DISCONNECT", "ours=")
    rows = cloud.raw.scan(TableName=cloud.tables["shop"])["Items"]
    assert [row for row in rows if row["p"]["S"] == f"T#{ours.tenant}#W"] == []
    assert "Item" not in cloud.raw.get_item(TableName=cloud.tables["directory"], Key={"p": {"S": "W#ours="}})
