"""A socket ends with its session, at once and for good."""

from datetime import timedelta

from cnc.cloud.tenancy import Directory
from tests.api.events import LambdaContext, socket
from tests.sessions.desk import Desk

STATES = {"query": "subscription { machineState { machineId execution } }"}
ENDED = [
    {
        "id": "",
        "type": "error",
        "payload": [{"message": "The session has ended.", "extensions": {"code": "auth.ended"}}],
    }
]


def codes(messages: list[dict[str, object]]) -> list[str]:
    return [one["payload"][0]["extensions"]["code"] for one in messages if one["type"] == "error"]  # type: ignore[index]


def test_ending_a_session_closes_its_sockets_and_forgets_what_ran_on_them(desk: Desk) -> None:
    anna = desk.sign_in(desk.person("operator"))
    here = desk.sign_in(anna.subject)
    assert desk.open_socket("s1=", anna)[0]["type"] == "connection_ack"
    assert desk.open_socket("s2=", here)[0]["type"] == "connection_ack"
    assert desk.say("s1=", id="1", type="subscribe", payload=STATES)[0]["type"] == "next"
    before = len(desk.posted.sent["s1="])
    assert desk.ask(here, "DELETE", f"/v1/sessions/{anna.session}") == (200, {"ended": 1})
    assert (desk.posted.ended, desk.posted.sent["s1="][before:]) == (["s1="], ENDED)
    directory = Directory(desk.cloud.raw, table=desk.cloud.tables["directory"])
    assert directory.connection("s1=") is None
    assert directory.connection("s2=") is not None


def test_a_message_on_the_socket_of_an_ended_session_is_answered_by_its_end(desk: Desk) -> None:
    anna = desk.sign_in(desk.person("operator"))
    desk.open_socket("s3=", anna)
    desk.rows.end(anna.session, now_ms=1)  # as if the close had been lost
    assert codes(desk.say("s3=", type="ping")) == ["auth.ended"]
    assert desk.posted.ended == ["s3="]


def test_no_socket_opens_for_an_ended_session_or_one_without_its_second_factor(desk: Desk) -> None:
    anna = desk.sign_in(desk.person("operator"))
    desk.enrol(anna)
    half = desk.sign_in(anna.subject)
    assert desk.open_socket("s4=", half) == [{"type": "refused", "status": 403}]
    desk.rows.end(anna.session, now_ms=1)
    assert desk.open_socket("s5=", anna) == [{"type": "refused", "status": 401}]


def test_messages_keep_a_session_alive_and_a_quiet_socket_does_not(desk: Desk) -> None:
    anna = desk.sign_in(desk.person("operator"))
    desk.open_socket("s6=", anna)
    desk.age(anna, seen=timedelta(minutes=20))
    desk.say("s6=", type="ping")
    held = desk.rows.get(anna.session)
    assert held is not None
    desk.age(anna, seen=timedelta(minutes=31))
    assert codes(desk.say("s6=", type="ping")) == ["auth.ended"]


def test_a_socket_that_closes_is_forgotten_by_its_session(desk: Desk) -> None:
    anna = desk.sign_in(desk.person("operator"))
    desk.open_socket("s7=", anna)
    held = desk.rows.get(anna.session)
    assert held is not None
    assert held.connections == {"s7="}
    desk.ws.lambda_handler(socket("DISCONNECT", "s7="), LambdaContext())
    held = desk.rows.get(anna.session)
    assert held is not None
    assert not held.connections


def test_a_factor_that_was_set_up_elsewhere_is_asked_for_on_sockets_that_were_open(desk: Desk) -> None:
    tablet = desk.sign_in(desk.person("operator"))
    desk.open_socket("s8=", tablet)
    desk.enrol(desk.sign_in(tablet.subject))
    assert codes(desk.say("s8=", id="1", type="subscribe", payload=STATES)) == ["auth.second_factor"]
    assert desk.posted.ended == ["s8="]
