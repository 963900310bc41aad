"""What a program outside gets for the documents of the contract."""

import json
from typing import Any

import pytest
from cnc_graphql.documents import Documents
from cnc_graphql.execute import answer
from cnc_graphql.request import GraphQLRequest

from tests.graphql.shop import FOREIGN, LATHE, MILL, UNKNOWN, FakeReads, context, our_shop, their_shop

WATCH = "mutation($id: ID!) { watchMachine(id: $id) }"
SPAN = '(from: "2026-11-24T07:00:00.000Z", to: "2026-11-24T08:00:00Z")'


def ask(text: str, reads: FakeReads | None = None, **variables: Any) -> dict[str, Any]:
    request = GraphQLRequest(text=text, document_id=None, variables=variables)
    return json.loads(answer(request, context=context(reads), documents=Documents([])).body)


def test_machines_answer_the_fields_of_the_contract() -> None:
    answered = ask("{ machines { id name kind execution simulated lastSeen } }")
    assert answered["data"]["machines"][0] == {
        "id": MILL,
        "name": "Mill 1",
        "kind": "mill",
        "execution": "ACTIVE",
        "simulated": True,
        "lastSeen": "2026-11-24T07:59:59.000Z",
    }


def test_a_latest_value_is_a_number_a_text_or_null() -> None:
    answered = ask('{ machine(id: "MILL") { latest { signal value text unit at quality } } }'.replace("MILL", MILL))
    latest = answered["data"]["machine"]["latest"]
    assert [(value["value"], value["text"]) for value in latest] == [(41.5, None), ("ACTIVE", "ACTIVE"), (None, None)]
    assert latest[0]["at"] == "2026-11-24T08:00:00.000Z"


def test_completeness_and_timeline_of_a_span() -> None:
    text = (
        '{ machine(id: "MILL") { completeness(SPAN) { produced stored declaredGaps missing duplicates }'
        " stateTimeline(SPAN) { execution from to } } }"
    )
    answered = ask(text.replace("MILL", MILL).replace("(SPAN)", SPAN))
    machine = answered["data"]["machine"]
    assert machine["completeness"] == {
        "produced": 3600,
        "stored": 3590,
        "declaredGaps": 10,
        "missing": 0,
        "duplicates": 4,
    }
    assert machine["stateTimeline"] == [
        {"execution": "ACTIVE", "from": "2026-11-24T07:00:00.000Z", "to": "2026-11-24T08:00:00.000Z"}
    ]


def test_a_series_answers_columns_with_null_for_what_is_missing() -> None:
    answered = ask(
        "query($m: ID!, $s: [String!]!, $f: Timestamp!, $t: Timestamp!) {"
        " series(machineId: $m, signals: $s, from: $f, to: $t, resolutionS: 10) { timestamps columns } }",
        m=MILL,
        s=["s1.load"],
        f="2026-11-24T09:00:00.250+02:00",
        t="2026-11-24T07:01:00Z",
    )
    assert answered["data"]["series"] == {
        "timestamps": ["2026-11-24T07:00:00.250Z", "2026-11-24T07:00:10.250Z", "2026-11-24T07:00:20.250Z"],
        "columns": {"s1.load": [1.5, None, 2.0]},
    }


def test_a_name_that_is_no_signal_is_told_beside_the_data() -> None:
    answered = ask(
        '{ series(machineId: "MILL", signals: ["s1.load", "s1.laod", "else"], from: "2026-11-24T07:00:00Z",'
        ' to: "2026-11-24T07:03:00Z") { columns } }'.replace("MILL", MILL)
    )
    assert answered["data"]["series"]["columns"]["s1.load"] == [1.5, None, 2.0]
    warnings = answered["extensions"]["warnings"]
    assert "errors" not in answered
    assert [(warning["path"], warning["extensions"]["code"]) for warning in warnings] == [
        (["series"], "signal.not_found"),
        (["series"], "signal.not_found"),
    ]
    assert warnings[0]["message"] == (
        "The machine has no such signal. Seen: s1.laod. Expected: a signal of the machine. Near it: s1.load."
    )


def test_newest_values_of_many_machines_are_one_read() -> None:
    reads = our_shop()
    ask("{ machines { latest { value } } }", reads)
    assert reads.calls == ["machines", "latest of 2"]


@pytest.mark.parametrize("id_", [FOREIGN, UNKNOWN, "m_1", "", "T#t_bbbbbbbbbbbbbbbb", "../x"])
def test_a_foreign_and_an_unknown_machine_are_null_alike(id_: str) -> None:
    assert ask("query($id: ID!) { machine(id: $id) { id name } }", id=id_) == {"data": {"machine": None}}


def test_a_series_of_a_foreign_machine_is_not_found_like_an_unknown_one() -> None:
    text = (
        '{ series(machineId: "ID", signals: ["s1.load"], from: "2026-11-24T07:00:00Z", to: "2026-11-24T08:00:00Z")'
        " { columns } }"
    )
    foreign, unknown = (ask(text.replace("ID", id_, 1)) for id_ in (FOREIGN, UNKNOWN))
    assert foreign["errors"][0]["extensions"]["code"] == "machine.not_found"
    assert json.dumps(foreign).replace(FOREIGN, UNKNOWN) == json.dumps(unknown)


def test_every_root_answers_another_tenant_without_a_word_of_ours() -> None:
    text = '{ viewer { tenantId } machines { id name } machine(id: "MILL") { id } alarms(machineId: "MILL") { id } }'
    text = text.replace("MILL", MILL)
    answered = ask(text, their_shop())
    assert answered["data"]["machine"] is None
    assert answered["data"]["alarms"] == []
    assert MILL not in json.dumps(answered)
    assert LATHE not in json.dumps(answered)


def test_watching_renews_the_lease_for_a_minute() -> None:
    assert ask(WATCH, id=MILL) == {"data": {"watchMachine": "2026-11-24T08:01:00.000Z"}}


def test_a_mutation_on_a_foreign_machine_changes_nothing_and_says_not_found() -> None:
    answered = ask(WATCH, id=FOREIGN)
    assert answered["errors"][0]["extensions"]["code"] == "machine.not_found"


def test_a_fault_of_ours_is_masked() -> None:
    class Broken(FakeReads):
        def sites(self) -> Any:
            raise RuntimeError("table T#t_secret does not answer")

    answered = ask("{ sites { id } }", Broken("t", []))
    assert answered["errors"][0] == {
        "message": "Something went wrong on our side.",
        "extensions": {"code": "internal.error", "requestId": "r-1"},
        "path": ["sites"],
    }
