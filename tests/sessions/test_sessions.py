"""A session lives as long as its rules say, whatever its token says."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from cnc.domain.base.clock import utc_now
from cnc.services.sessions import MOST_SESSIONS
from cnc.services.visits import shortened, viewer_of
from tests.api.tenants import Shop
from tests.sessions.desk import Desk

MINUTE = timedelta(minutes=1)


def refused(context: dict[str, Any]) -> str:
    assert "tenant" not in context
    return str(context["error"])


def test_a_session_begins_with_its_first_request_and_is_listed_with_where_it_came_from(desk: Desk) -> None:
    anna = desk.sign_in(desk.person("operator"))
    desk.context(anna, **{"user-agent": "Firefox on a tablet"})
    phone = desk.sign_in(anna.subject)
    desk.context(phone, **{"user-agent": "A phone"})
    status, body = desk.ask(anna, "GET", "/v1/sessions")
    rows = {row["id"]: row for row in body["sessions"]}
    assert (status, set(rows)) == (200, {anna.session, phone.session})
    assert (rows[anna.session]["device"], rows[anna.session]["address"]) == ("Firefox on a tablet", "192.0.2.0/24")
    assert [row["current"] for row in (rows[anna.session], rows[phone.session])] == [True, False]


def test_tokens_of_one_sign_in_are_one_session(desk: Desk) -> None:
    subject, family = desk.person("operator"), str(uuid4())
    for _ in range(3):
        desk.context(desk.sign_in(subject, origin_jti=family))
    _, body = desk.ask(desk.sign_in(subject, origin_jti=family), "GET", "/v1/sessions")
    assert len(body["sessions"]) == 1


def test_an_ended_session_is_refused_and_with_it_every_token_of_the_same_sign_in(desk: Desk) -> None:
    anna = desk.sign_in(desk.person("operator"))
    other = desk.sign_in(anna.subject)
    assert desk.ask(other, "DELETE", f"/v1/sessions/{other.session}") == (200, {"ended": 1})
    assert refused(desk.context(other)) == "auth.ended"
    assert "tenant" in desk.context(anna)
    signed_in_s = int(utc_now().timestamp()) - 120
    thief = desk.sign_in(anna.subject, auth_time=signed_in_s)
    desk.ask(thief, "DELETE", "/v1/sessions/current")
    continued = desk.sign_in(anna.subject, auth_time=signed_in_s)
    assert refused(desk.context(continued)) == "auth.ended"


def test_a_session_of_somebody_else_is_neither_ended_nor_told_from_an_unknown_one(desk: Desk, theirs: Shop) -> None:
    anna, ben = desk.sign_in(desk.person("operator")), desk.sign_in(desk.person("owner"))
    foreign = desk.sign_in(desk.person("owner", shop=theirs))
    for one in (anna, ben, foreign):
        desk.context(one)
    answers = [desk.answer(anna, "DELETE", f"/v1/sessions/{id_}") for id_ in (ben.session, foreign.session, "0" * 64)]
    assert {(answer["statusCode"], answer["body"]) for answer in answers} == {(404, answers[2]["body"])}
    assert "tenant" in desk.context(ben)


@pytest.mark.parametrize(("name", "age"), [("seen", 31 * MINUTE), ("auth", timedelta(hours=12, minutes=1))])
def test_a_session_ends_by_itself_and_does_not_come_back(desk: Desk, name: str, age: timedelta) -> None:
    anna = desk.sign_in(desk.person("operator"))
    desk.context(anna)
    desk.age(anna, **{name: age})
    assert refused(desk.context(anna)) == "auth.ended"
    desk.age(anna, **{name: timedelta()})
    assert refused(desk.context(anna)) == "auth.ended"


def test_a_sign_in_of_yesterday_begins_no_session(desk: Desk) -> None:
    old = int(utc_now().timestamp()) - 13 * 3600
    assert refused(desk.context(desk.sign_in(desk.person("operator"), auth_time=old))) == "auth.ended"


def test_use_is_written_once_a_minute_and_keeps_a_session_alive(desk: Desk) -> None:
    anna = desk.sign_in(desk.person("operator"))
    desk.context(anna)
    first = desk.rows.get(anna.session)
    desk.age(anna, seen=timedelta(seconds=50))
    desk.context(anna)
    kept = desk.rows.get(anna.session)
    desk.age(anna, seen=29 * MINUTE)
    desk.context(anna)
    moved = desk.rows.get(anna.session)
    assert first is not None
    assert kept is not None
    assert moved is not None
    assert kept.seen_ms < first.seen_ms <= moved.seen_ms


def test_all_but_this_one_are_ended(desk: Desk) -> None:
    anna = desk.sign_in(desk.person("operator"))
    others = [desk.sign_in(anna.subject, auth_time=int(utc_now().timestamp()) - n) for n in (60, 120)]
    for one in (anna, *others):
        desk.context(one)
    assert desk.ask(anna, "DELETE", "/v1/sessions") == (200, {"ended": 2})
    assert [refused(desk.context(one)) for one in others] == ["auth.ended"] * 2
    assert "tenant" in desk.context(anna)


def test_an_admin_signs_a_person_out_everywhere_even_where_they_were_not_seen_yet(desk: Desk) -> None:
    admin, anna = desk.sign_in(desk.person("admin")), desk.sign_in(desk.person("operator"))
    unseen = desk.sign_in(anna.subject, auth_time=int(utc_now().timestamp()) - 5)
    user = desk.context(anna)["subject"]
    path = f"/v1/people/{user}/sessions"
    assert desk.ask(anna, "DELETE", path)[0] == 403
    assert desk.ask(admin, "DELETE", path) == (200, {"ended": 1})
    assert [refused(desk.context(one)) for one in (anna, unseen)] == ["auth.ended"] * 2
    assert desk.ask(admin, "DELETE", "/v1/people/u_0000000000000000/sessions")[0] == 404
    assert "tenant" in desk.context(desk.sign_in(anna.subject))


def test_the_oldest_session_makes_room(desk: Desk) -> None:
    subject = desk.person("operator")
    first, *others = [desk.sign_in(subject) for _ in range(MOST_SESSIONS + 1)]
    for one in (first, *others):
        desk.context(one)
    assert refused(desk.context(first)) == "auth.ended"
    assert "tenant" in desk.context(others[-1])


@pytest.mark.parametrize("claims", [{"jti": None}, {"jti": ""}, {"jti": ["x"]}])
def test_a_token_that_does_not_say_whose_session_it_is_is_no_credential(desk: Desk, claims: dict[str, Any]) -> None:
    token = desk.issuer.token(desk.person("operator"), origin_jti=None, **claims)
    assert refused(desk.context(f"Bearer {token}")) == "auth.invalid"


def test_the_family_of_another_person_opens_nothing(desk: Desk) -> None:
    family = str(uuid4())
    anna = desk.sign_in(desk.person("owner"), origin_jti=family)
    desk.context(anna)
    eve = desk.sign_in(desk.person("operator"), origin_jti=family)
    assert refused(desk.context(eve)) == "auth.ended"
    assert "tenant" in desk.context(anna)


@pytest.mark.parametrize(
    ("address", "kept"),
    [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2:3::4", "2001:db8:1::/48"), ("127.0.0.1", "local"), ("x", "")],
)
def test_of_an_address_the_network_is_kept(address: str, kept: str) -> None:
    assert shortened(address) == kept


def test_the_address_is_what_the_front_saw_and_never_what_the_client_says() -> None:
    event = {"headers": {"X-Forwarded-For": "203.0.113.9, 192.0.2.7, 130.176.0.1"}, "requestContext": {}}
    assert viewer_of(event) == "192.0.2.7"
