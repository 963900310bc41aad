"""The socket protocol as a client meets it, without a socket."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from cnc_graphql.documents import Documents
from cnc_graphql.fan_out import FanOut
from cnc_graphql.socket import Exchange, handle

from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller
from cnc.services.subscriptions import connect
from tests.graphql.shop import FOREIGN, KIOSK, LATHE, MILL, NOW, OUR_KEY, UNKNOWN, context, our_shop
from tests.graphql.sockets import Posted, sockets

STATES = "subscription { machineState { machineId execution at } }"
LIVE = "subscription($m: ID!) { liveSignals(machineId: $m) { at columns } }"
ONE = "c1"

Client = Callable[..., list[dict[str, Any]]]


class Harness:
    """A client of one connection, and the stores behind it."""

    def __init__(self, caller: Caller = OUR_KEY) -> None:
        self.caller = caller
        self.sockets = sockets()
        self.posted = Posted()
        connect(ONE, caller=caller, sockets=self.sockets, now=NOW)

    def send(self, message: Any, *, connection: str = ONE, shown: Caller | None = None) -> list[dict[str, Any]]:
        text = message if isinstance(message, str) else orjson.dumps(message).decode()
        before = len(self.posted.sent.get(connection, []))
        exchange = Exchange(
            connection=connection,
            opened_by=self.caller,
            sockets=self.sockets,
            documents=Documents([STATES]),
            credential=lambda header: self._credential(header, shown),
            context_of=lambda caller: context(our_shop(), caller=caller),
            now=NOW,
            request_id="r-1",
        )
        handle(text, exchange=exchange, post=self.posted)
        return self.posted.sent.get(connection, [])[before:]

    def _credential(self, header: str | None, shown: Caller | None) -> Caller:
        if header != "Bearer good":
            raise CncError("auth.invalid")
        return shown or self.caller

    def init(self) -> list[dict[str, Any]]:
        return self.send({"type": "connection_init", "payload": {"authorization": "Bearer good"}})

    def subscribe(self, text: str, operation: str = "1", **variables: Any) -> list[dict[str, Any]]:
        return self.send({"id": operation, "type": "subscribe", "payload": {"query": text, "variables": variables}})

    def deliver(self, event: dict[str, Any], *, now: Any = NOW) -> Any:
        fan_out = FanOut(
            sockets=self.sockets,
            post=self.posted,
            context_of=lambda caller: context(our_shop(), caller=caller, event=event),
        )
        return fan_out.deliver(now=now)


def state_of(machine: str, execution: str = "STOPPED") -> dict[str, Any]:
    payload = {"machine": machine, "execution": execution, "tile_state": "IDLE", "at_ms": 1_764_000_000_250}
    return {"tenant": OUR_KEY.tenant, "kind": "machine_state", "machine": machine, "payload": payload}


def code_of(message: dict[str, Any]) -> str:
    assert message["type"] == "error"
    return str(message["payload"][0]["extensions"]["code"])


def test_a_good_credential_is_acknowledged() -> None:
    assert Harness().init() == [{"type": "connection_ack"}]


def test_the_credential_is_found_under_its_name_in_any_case() -> None:
    init = {"type": "connection_init", "payload": {"Authorization": "Bearer good"}}
    assert Harness().send(init) == [{"type": "connection_ack"}]


def test_a_bad_credential_is_refused_and_the_connection_closed() -> None:
    client = Harness()
    refused = client.send({"type": "connection_init", "payload": {"authorization": "Bearer forged"}})
    assert (code_of(refused[0]), client.posted.ended) == ("auth.invalid", [ONE])


def test_a_subscription_before_init_is_refused_and_the_connection_closed() -> None:
    client = Harness()
    assert (code_of(client.subscribe(STATES)[0]), client.posted.ended) == ("auth.missing", [ONE])


def test_the_credential_must_be_of_who_opened_the_connection() -> None:
    client = Harness()
    other = replace(OUR_KEY, subject="k_bbbbbbbbbbbbbbbb")
    init = {"type": "connection_init", "payload": {"authorization": "Bearer good"}}
    assert code_of(client.send(init, shown=other)[0]) == "auth.forbidden"


def test_a_second_init_is_refused() -> None:
    client = Harness()
    client.init()
    assert code_of(client.init()[0]) == "request.malformed"


def test_a_ping_is_answered_before_init_too() -> None:
    assert Harness().send({"type": "ping", "payload": {"n": 1}}) == [{"type": "pong", "payload": {"n": 1}}]


def test_subscribing_brings_the_present_state_of_every_machine_at_once() -> None:
    client = Harness()
    client.init()
    states = [message["payload"]["data"]["machineState"] for message in client.subscribe(STATES)]
    assert [(state["machineId"], state["execution"]) for state in states] == [(MILL, "ACTIVE"), (LATHE, "READY")]


def test_an_event_reaches_the_subscriber() -> None:
    client = Harness()
    client.init()
    client.subscribe(STATES)
    client.posted.sent.clear()
    client.deliver(state_of(MILL))
    assert client.posted.sent[ONE] == [
        {
            "id": "1",
            "type": "next",
            "payload": {
                "data": {"machineState": {"machineId": MILL, "execution": "STOPPED", "at": "2025-11-24T16:00:00.250Z"}}
            },
        }
    ]


def test_an_event_of_another_machine_does_not() -> None:
    client = Harness()
    client.init()
    client.subscribe("subscription($m: [ID!]) { machineState(machineIds: $m) { execution } }", m=[LATHE])
    client.posted.sent.clear()
    client.deliver(state_of(MILL))
    assert client.posted.sent == {}


def test_equal_operations_of_equal_rights_run_once() -> None:
    client = Harness()
    client.init()
    for operation in ("1", "2", "3"):
        client.subscribe(STATES, operation)
    client.subscribe("subscription { machineState { machineId } }", "4")
    delivered = client.deliver(state_of(MILL))
    assert (delivered.runs, delivered.messages) == (2, 4)


def test_operations_of_other_rights_run_apart() -> None:
    client = Harness()
    client.init()
    client.subscribe(STATES, "1")
    registration = client.sockets.registrations.all()[0]
    client.sockets.registrations.add(replace(registration, operation="2", caller=KIOSK), ends_at=NOW)
    assert client.deliver(state_of(MILL)).runs == 2


def test_live_signals_arrive_as_columns_of_one_value() -> None:
    client = Harness()
    client.init()
    assert client.subscribe(LIVE, m=MILL) == []
    payload = {"machine": MILL, "at_ms": 1_764_000_000_000, "columns": {"s1.load": 40.5, "x.load": None}}
    client.deliver({"kind": "live_signals", "machine": MILL, "payload": payload})
    frame = client.posted.sent[ONE][-1]["payload"]["data"]["liveSignals"]
    assert frame == {"at": "2025-11-24T16:00:00.000Z", "columns": {"s1.load": [40.5], "x.load": [None]}}


@pytest.mark.parametrize("machine", [FOREIGN, UNKNOWN])
def test_live_signals_of_a_foreign_machine_are_not_found(machine: str) -> None:
    client = Harness()
    client.init()
    answered = client.subscribe(LIVE, m=machine)
    assert code_of(answered[0]) == "machine.not_found"
    assert client.sockets.registrations.all() == []


def test_a_completed_operation_gets_nothing_more() -> None:
    client = Harness()
    client.init()
    client.subscribe(STATES)
    client.send({"id": "1", "type": "complete"})
    assert client.deliver(state_of(MILL)).messages == 0


def test_a_connection_that_left_is_forgotten_with_all_its_operations() -> None:
    client = Harness()
    client.init()
    client.subscribe(STATES, "1")
    client.subscribe(STATES, "2")
    client.posted.gone.add(ONE)
    assert client.deliver(state_of(MILL)).gone == 1
    assert client.sockets.registrations.all() == []
    assert client.sockets.connections.connection(ONE) is None


def test_an_expired_credential_ends_the_operation_with_an_error() -> None:
    client = Harness(replace(OUR_KEY, ends_at=NOW + timedelta(minutes=1)))
    client.init()
    client.subscribe(STATES)
    delivered = client.deliver(state_of(MILL), now=NOW + timedelta(minutes=1))
    assert delivered.messages == 0
    assert code_of(client.posted.sent[ONE][-1]) == "auth.expired"
    assert client.sockets.registrations.all() == []


def test_more_than_100_operations_are_refused() -> None:
    client = Harness()
    client.init()
    for operation in range(100):
        client.subscribe(LIVE, str(operation), m=MILL)
    assert code_of(client.subscribe(LIVE, "100", m=MILL)[0]) == "limit.rate"


def test_an_id_in_use_is_refused_and_the_first_operation_stays() -> None:
    client = Harness()
    client.init()
    client.subscribe(LIVE, m=MILL)
    assert code_of(client.subscribe(LIVE, m=LATHE)[0]) == "request.malformed"
    assert len(client.sockets.registrations.all()) == 1


def test_a_query_over_the_socket_gets_one_result_and_the_end() -> None:
    client = Harness()
    client.init()
    answered = client.subscribe("{ sites { name } }")
    assert answered == [
        {"id": "1", "type": "next", "payload": {"data": {"sites": [{"name": "Main hall"}]}}},
        {"id": "1", "type": "complete"},
    ]


def test_a_kiosk_sends_only_documents_of_the_product() -> None:
    client = Harness(KIOSK)
    client.init()
    assert client.subscribe(STATES, "1")[0]["type"] == "next"
    assert code_of(client.subscribe(LIVE, "2", m=MILL)[0]) == "auth.forbidden"


@pytest.mark.parametrize(
    "message",
    ["", "5", "null", "[]", "{", '{"type":"start"}', '{"type":5}', "[" * 9000, '{"type":"subscribe"}', "\ud800"],
)
def test_nonsense_is_answered_by_an_error_and_a_close(message: str) -> None:
    client = Harness()
    (answered,) = client.send(message)
    assert answered["type"] == "error"
    assert client.posted.ended == ([] if answered["id"] else [ONE])


def test_an_error_of_one_operation_leaves_the_connection_open() -> None:
    client = Harness()
    client.init()
    assert code_of(client.subscribe("subscription { nothing }")[0]) == "query.invalid"
    assert code_of(client.subscribe(LIVE, m=FOREIGN)[0]) == "machine.not_found"
    assert client.posted.ended == []


@pytest.mark.parametrize("operation", ["", "a#b", "é", "x" * 65])
def test_an_id_that_would_not_fit_a_key_is_refused(operation: str) -> None:
    client = Harness()
    client.init()
    assert code_of(client.subscribe(LIVE, operation, m=MILL)[0]) == "request.malformed"


def test_a_frame_larger_than_the_gateway_carries_becomes_an_error() -> None:
    client = Harness()
    client.init()
    client.subscribe(LIVE, m=MILL)
    payload = {"machine": MILL, "at_ms": 1, "columns": {f"x{n}.load": "text" * 20 for n in range(400)}}
    client.deliver({"kind": "live_signals", "machine": MILL, "payload": payload})
    assert code_of(client.posted.sent[ONE][-1]) == "limit.size"


def test_a_broken_document_is_refused_without_a_row() -> None:
    client = Harness()
    client.init()
    assert code_of(client.subscribe("subscription { nothing }")[0]) == "query.invalid"
    assert client.sockets.registrations.all() == []


def test_a_fault_of_ours_is_said_in_the_protocol_and_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Harness()
    client.init()

    def broken(connection: str) -> Any:
        raise RuntimeError("table cnc-secret is throttled")

    monkeypatch.setattr(client.sockets.registrations, "operations", broken)
    answered = client.subscribe(STATES)
    assert code_of(answered[0]) == "internal.error"
    assert b"cnc-secret" not in orjson.dumps(answered)
