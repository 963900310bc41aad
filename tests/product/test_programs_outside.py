"""The contract for programs outside: names, forms of time, walls between tenants."""

import json
import re
from typing import Any

import pytest
import websockets

from tests.product.running import Product, Refused, ago, until

pytestmark = pytest.mark.cloud
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
UNKNOWN = "m_0000000000000000"
DETAIL = """query($id: ID!, $from: Timestamp!, $to: Timestamp!) { machine(id: $id) { id
  latest { signal value unit at quality }
  completeness(from: $from, to: $to) { produced stored declaredGaps missing duplicates }
  stateTimeline(from: $from, to: $to) { execution from to } } }"""
SERIES = """query($id: ID!, $signals: [String!]!, $from: Timestamp!, $to: Timestamp!) {
  series(machineId: $id, signals: $signals, from: $from, to: $to, resolutionS: 10) { timestamps columns } }"""


def detail(product: Product, machine: str, *, tenant: int = 0) -> dict[str, Any] | None:
    found: dict[str, Any] | None = product.graphql(
        DETAIL, tenant=tenant, id=machine, **{"from": ago(600), "to": ago(0)}
    )["machine"]
    return found


def test_every_machine_of_the_demo_is_seen_with_its_state(product: Product) -> None:
    simulated = {simulator["machine"] for simulator in product.endpoints["simulators"]}

    def of_the_demo() -> list[dict[str, Any]]:
        """Other tests connect machines of their own."""
        return [machine for machine in product.machines() if machine["id"] in simulated]

    seen = until(
        lambda: [m for m in of_the_demo() if m["lastSeen"] and m["execution"] != "UNAVAILABLE"][5:] and of_the_demo(),
        within_s=90,
        what="six machines with a state",
    )
    assert len(seen) == 6
    assert all(machine["simulated"] and TIME.fullmatch(machine["lastSeen"]) for machine in seen)


def test_a_machine_opens_down_to_its_rows(product: Product) -> None:
    machine = product.machines()[0]["id"]
    found = until(lambda: (detail(product, machine) or {}).get("latest"), within_s=150, what="the first minute")
    units = {value["signal"]: value["unit"] for value in found}
    assert units["s1.load"] == "PERCENT"
    assert units["s1.rotary_velocity.actual"] == "REVOLUTION/MINUTE"
    assert all(TIME.fullmatch(value["at"]) for value in found)


def test_rows_produced_are_rows_stored(product: Product) -> None:
    machine = product.machines()[0]["id"]

    def complete() -> dict[str, int] | None:
        found = product.graphql(DETAIL, id=machine, **{"from": ago(600), "to": ago(100)})["machine"]["completeness"]
        return found if found["produced"] > 0 and found["produced"] == found["stored"] else None

    found = until(complete, within_s=240, what="a complete stretch", every_s=2)
    assert (found["missing"], found["duplicates"]) == (0, 0)


def test_series_are_columns_with_null_for_what_is_missing(product: Product) -> None:
    machine = product.machines()[0]["id"]
    window = {"from": ago(600), "to": ago(0)}
    found = product.graphql(SERIES, id=machine, signals=["s1.load", "no.such.signal"], **window)["series"]
    assert found["columns"].keys() == {"s1.load", "no.such.signal"}
    assert all(len(column) == len(found["timestamps"]) for column in found["columns"].values())
    assert set(found["columns"]["no.such.signal"]) <= {None}


def test_a_key_of_one_shop_never_sees_the_other(product: Product) -> None:
    ours, theirs = ({machine["id"] for machine in product.machines(tenant=n)} for n in (0, 1))
    assert len(theirs) == 2
    assert not ours & theirs
    assert [detail(product, foreign) for foreign in sorted(theirs)] == [None, None]


def test_a_foreign_machine_answers_like_an_unknown_one(product: Product) -> None:
    foreign = product.machines(tenant=1)[0]["id"]
    window = {"signals": ["s1.load"], "from": ago(60), "to": ago(0)}
    answers = [product.ask({"query": SERIES, "variables": {"id": one, **window}}) for one in (foreign, UNKNOWN)]
    texts = [json.dumps(answer).replace(foreign, "ID").replace(UNKNOWN, "ID") for answer in answers]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("credential", ["", "cnc_api_" + "x" * 43, "ey.ey.ey"])
def test_nobody_gets_in_without_a_credential(product: Product, credential: str) -> None:
    with pytest.raises(Refused) as refused:
        product.ask({"query": "{ machines { id } }"}, credential=credential or "-")
    assert refused.value.status in (401, 403)


async def test_a_subscriber_sees_its_own_machines_change(product: Product) -> None:
    headers = {"Authorization": f"Bearer {product.key()}"}
    ours = {machine["id"] for machine in product.machines()}
    url = product.endpoints["graphql_ws"]
    async with websockets.connect(url, subprotocols=["graphql-transport-ws"], additional_headers=headers) as socket:
        shown = {"authorization": headers["Authorization"]}
        await socket.send(json.dumps({"type": "connection_init", "payload": shown}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        query = "subscription { machineState { machineId execution at } }"
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": query}}))
        seen = [json.loads(await socket.recv()) for _ in range(8)]
    states = [message["payload"]["data"]["machineState"] for message in seen if message["type"] == "next"]
    assert states
    assert {state["machineId"] for state in states} <= ours
    assert all(TIME.fullmatch(state["at"]) for state in states)
