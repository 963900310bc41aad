"""A screen on the wall: let in by a code, for the board of one site, and nothing else."""

import json
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest
from cnc_graphql.documents import OPERATIONS, document_id

from cnc.cloud.tenancy import acting_for
from cnc.services.pairing import LENGTH, LETTERS, MOST_ASKED, MOST_TRIED, Pairing
from cnc.services.sessions import Visit
from functions.rest.screens import COOKIE
from tests.api.events import LambdaContext, http
from tests.api.tenants import Shop
from tests.sessions.desk import Desk, Token


def ask_code(desk: Desk, **headers: str) -> tuple[str, str]:
    """A screen that asks: its code, and the cookie it holds from then on."""
    answer = desk.answer(None, "POST", "/v1/pairings", **headers)
    assert answer["statusCode"] == 200, answer
    cookie = SimpleCookie(answer["cookies"][0])[COOKIE]
    return desk_body(answer)["code"], f"{COOKIE}={cookie.value}"


def desk_body(answer: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(answer["body"])
    return body


def approve(desk: Desk, who: Token, code: str, site: str) -> tuple[int, Any]:
    return desk.ask(who, "POST", "/v1/screens", {"code": code, "siteId": site, "name": "Hall 1"})


def token_of(desk: Desk, cookie: str, **headers: str) -> tuple[int, Any]:
    return desk.ask(None, "POST", "/v1/screens/token", cookie=cookie, **headers)


def paired(desk: Desk, site: str | None = None) -> tuple[str, str, str, Token]:
    """Bearer, cookie, id of a screen, and the supervisor who let it in."""
    boss = desk.sign_in(desk.person("supervisor"))
    code, cookie = ask_code(desk)
    status, made = approve(desk, boss, code, site or desk.shop.site)
    assert status == 200, made
    _, found = token_of(desk, cookie)
    return f"Bearer {found['token']}", cookie, made["id"], boss


def test_a_screen_is_let_in_by_its_code_and_keeps_its_secret_from_scripts(desk: Desk) -> None:
    answer = desk.answer(None, "POST", "/v1/pairings", user_agent="TV in the hall")
    code, raw = desk_body(answer)["code"], answer["cookies"][0]
    assert (len(code), set(code) <= set(LETTERS)) == (LENGTH, True)
    assert raw.startswith("__Host-")
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in raw.split(";")}
    assert raw.split("=")[1].split(";")[0] not in answer["body"]
    boss = desk.sign_in(desk.person("supervisor"))
    assert desk.ask(boss, "GET", f"/v1/pairings/{code}")[1]["device"] == "TV in the hall"
    cookie = raw.split(";")[0]
    assert token_of(desk, cookie)[1] == {"state": "waiting", "token": None, "expiresAt": None}
    status, made = approve(desk, boss, f"{code[:3]}-{code[3:]}".lower(), desk.shop.site)
    assert (status, made["name"], made["siteId"]) == (200, "Hall 1", desk.shop.site)
    _, found = token_of(desk, cookie)
    context = desk.context(f"Bearer {found['token']}")
    assert (context["kind"], context["tenant"], context["subject"]) == ("screen", desk.shop.tenant, made["id"])


def test_a_code_lets_one_screen_in_once_and_for_ten_minutes(desk: Desk) -> None:
    boss = desk.sign_in(desk.person("owner"))
    code, _ = ask_code(desk)
    assert [approve(desk, boss, code, desk.shop.site)[0] for _ in range(2)] == [200, 404]
    late, cookie = ask_code(desk)
    object.__setattr__(desk.rest.account.screens, "now", lambda: desk.now() + timedelta(minutes=11))
    try:
        assert approve(desk, boss, late, desk.shop.site)[1]["code"] == "pairing.not_found"
    finally:
        object.__setattr__(desk.rest.account.screens, "now", desk.now)
    assert token_of(desk, cookie)[1]["state"] == "waiting"


def test_the_code_of_a_screen_is_worth_nothing_without_its_secret(desk: Desk) -> None:
    boss = desk.sign_in(desk.person("owner"))
    code, _ = ask_code(desk)
    approve(desk, boss, code, desk.shop.site)
    for cookie in (f"{COOKIE}={code}", f"{COOKIE}={'A' * 43}", f"{COOKIE}={boss.session}"):
        assert token_of(desk, cookie)[1]["state"] == "waiting"
    assert token_of(desk, "other=1")[0] == 401
    assert token_of(desk, f"{COOKIE}=x", sec_fetch_site="cross-site")[0] == 403


def test_the_family_of_a_persons_token_is_no_secret_of_a_screen(desk: Desk) -> None:
    anna = desk.sign_in(desk.person("owner"), origin_jti="11111111-2222-3333-4444-555555555555")
    desk.context(anna)
    stolen = f"{COOKIE}=11111111-2222-3333-4444-555555555555"
    assert token_of(desk, stolen)[1]["state"] == "waiting"


def test_guessing_codes_is_stopped_for_the_person_and_asking_for_the_address(desk: Desk) -> None:
    boss = desk.sign_in(desk.person("owner"))
    tried = [approve(desk, boss, "BCDFGH", desk.shop.site)[0] for _ in range(MOST_TRIED + 1)]
    assert (set(tried[:-1]), tried[-1]) == ({404}, 429)
    code, _ = ask_code(desk, x_forwarded_for="1.1.1.1, 198.51.100.7, 10.0.0.1")
    assert approve(desk, boss, code, desk.shop.site)[0] == 429
    asked = [
        desk.answer(None, "POST", "/v1/pairings", x_forwarded_for=f"{n}.1.1.1, 198.51.100.9, 10.0.0.1")["statusCode"]
        for n in range(MOST_ASKED + 1)
    ]
    assert (set(asked[:-1]), asked[-1]) == ({200}, 429)


@pytest.mark.parametrize("role", ["operator", "maintenance", "viewer", "developer"])
def test_who_may_not_pair_learns_nothing_of_a_code(desk: Desk, role: str) -> None:
    code, _ = ask_code(desk, x_forwarded_for=f"1.1.1.1, 203.0.113.{len(role)}, 10.0.0.1")
    who = desk.sign_in(desk.person(role))
    assert approve(desk, who, code, desk.shop.site)[0] == 403
    assert desk.ask(who, "GET", f"/v1/pairings/{code}")[0] == 403
    assert desk.ask(who, "GET", "/v1/screens")[0] == 403


def test_nobody_lets_a_screen_into_another_company_or_an_unknown_site(desk: Desk, theirs: Shop) -> None:
    boss = desk.sign_in(desk.person("owner"))
    code, cookie = ask_code(desk, x_forwarded_for="1.1.1.1, 198.51.100.77, 10.0.0.1")
    answers = [approve(desk, boss, code, site) for site in (theirs.site, "s_0000000000000000")]
    assert [answer[0] for answer in answers] == [404, 404]
    assert answers[0][1]["code"] == answers[1][1]["code"] == "site.not_found"
    assert token_of(desk, cookie)[1]["state"] == "waiting"
    _, _, screen, _ = paired(desk)
    stranger = desk.sign_in(desk.person("owner", shop=theirs))
    assert desk.ask(stranger, "DELETE", f"/v1/screens/{screen}")[0] == 404
    assert desk.ask(stranger, "GET", "/v1/screens")[1] == {"screens": []}


def test_a_screen_reads_the_board_of_its_site_and_asks_for_nothing_else(desk: Desk, cold: Any) -> None:
    bearer, _, _, _ = paired(desk)
    graphql = cold("graphql")

    def post(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        event = http("POST", "/graphql", body=body)
        event["requestContext"]["authorizer"] = {"lambda": desk.context(bearer)}
        answered = graphql.lambda_handler(event, LambdaContext())
        return answered["statusCode"], desk_body(answered)

    board = (OPERATIONS / "board.graphql").read_text()
    _, answer = post({"query": board})
    assert {machine["id"] for machine in answer["data"]["machines"]} == set(desk.shop.machines)
    assert {machine["site"]["id"] for machine in answer["data"]["machines"]} == {desk.shop.site}
    refused: list[dict[str, Any]] = [
        {"query": "{ machines { id } }"},
        {"query": (OPERATIONS / "gateways.graphql").read_text()},
        {"documentId": f"sha256:{document_id((OPERATIONS / 'alarms.graphql').read_text())}"},
        {"query": (OPERATIONS / "machine_page.graphql").read_text(), "variables": {"id": desk.shop.machines[0]}},
        {"query": (OPERATIONS / "watch_machine.graphql").read_text(), "variables": {"id": desk.shop.machines[0]}},
    ]
    for body in refused:
        assert "data" not in post(body)[1] or post(body)[1]["data"] is None, body


def test_no_route_but_the_ticket_answers_a_screen(desk: Desk) -> None:
    bearer, _, screen, _ = paired(desk)
    machine = desk.shop.machines[0]
    for method, path in (
        ("GET", "/v1/machines"),
        ("GET", f"/v1/machines/{machine}"),
        ("GET", "/v1/people"),
        ("GET", "/v1/sessions"),
        ("GET", "/v1/sessions/current"),
        ("DELETE", "/v1/sessions/current"),
        ("POST", "/v1/second-factor"),
        ("POST", "/v1/screens"),
        ("DELETE", f"/v1/screens/{screen}"),
        ("POST", "/v1/changes"),
        ("GET", "/v1/openapi.json"),
    ):
        assert desk.ask(bearer, method, path)[0] == 403, path
    assert desk.ask(bearer, "POST", "/v1/socket-tickets")[0] == 200


def test_a_screen_never_ends_by_itself_and_at_once_when_it_is_taken_away(desk: Desk) -> None:
    bearer, cookie, screen, boss = paired(desk)
    session = desk.context(bearer)["session"]
    desk.age(Token("", session, ""), seen=timedelta(days=40), auth=timedelta(days=300))
    assert token_of(desk, cookie)[1]["state"] == "paired"
    assert desk.open_socket("tv=", bearer)[0]["type"] == "connection_ack"
    rows = desk.ask(boss, "GET", "/v1/screens")[1]["screens"]
    assert screen in {row["id"] for row in rows}
    assert desk.ask(boss, "DELETE", f"/v1/screens/{screen}")[0] == 200
    assert desk.posted.ended == ["tv="]
    assert desk.context(bearer)["error"] == "auth.ended"
    assert token_of(desk, cookie)[1]["code"] == "auth.ended"
    assert desk.open_socket("tv2=", bearer) == [{"type": "refused", "status": 401}]
    with acting_for(desk.shop.tenant):
        assert screen not in {one.id for one in desk.rest.account.screens.screens.all()}


def test_a_supervisor_of_one_site_lets_screens_in_there_and_nowhere_else(desk: Desk) -> None:
    yard, unseen = desk.another_site(), desk.another_site()
    boss = desk.sign_in(desk.at_sites({desk.shop.site: ("supervisor",), yard: ("viewer",)}))
    code, _ = ask_code(desk, x_forwarded_for="1.1.1.1, 198.51.100.78, 10.0.0.1")
    assert approve(desk, boss, code, yard)[1]["code"] == "auth.forbidden"
    assert approve(desk, boss, code, unseen)[1]["code"] == "site.not_found"
    assert approve(desk, boss, code, desk.shop.site)[0] == 200
    owner = desk.sign_in(desk.person("owner"))
    other, _ = ask_code(desk, x_forwarded_for="1.1.1.1, 198.51.100.79, 10.0.0.1")
    screen = approve(desk, owner, other, yard)[1]["id"]
    assert screen not in {row["id"] for row in desk.ask(boss, "GET", "/v1/screens")[1]["screens"]}
    assert desk.ask(boss, "DELETE", f"/v1/screens/{screen}")[0] == 403


def test_of_two_people_who_approve_at_once_one_lets_the_screen_in(desk: Desk) -> None:
    pairings, now = desk.rest.account.screens.pairings, desk.now()
    asked = Pairing("0" * 64, Visit(), 1)
    assert pairings.ask("1" * 64, asked, now=now, ends_at=now + timedelta(minutes=10))
    assert not pairings.ask("1" * 64, asked, now=now, ends_at=now + timedelta(minutes=10))
    assert [pairings.approve("1" * 64, now=now) for _ in range(2)] == [True, False]
