"""Creating an account and forgetting a password, as a person with a browser and a mailbox does it."""

import re

import pytest

from local_cloud.gateway.server import HttpServer
from local_cloud.oidc.codes import Codes
from local_cloud.oidc.mailbox import Mailbox, Message
from tests.local_cloud.gateway.support import POOL
from tests.local_cloud.oidc.support import ANNA, Browser, CognitoDouble

NEW = "Wendel-Kabel-7-Treppe"
WAYS = {"signup": "Create an account", "forgot": "Forgot your password?"}


def newest(server: HttpServer) -> Message:
    return Mailbox(server.cloud.data).newest()[0]


def code_in(message: Message) -> str:
    found = re.search(r"\d{4} \d{4}", message.text)
    assert found, message.text
    return found[0]


async def ask(browser: Browser, way: str, email: str) -> int:
    await browser.authorize(prompt="login")
    assert await browser.follow(WAYS[way]) == 200
    return (await browser.submit(email=email))[0]


async def test_a_person_creates_an_account_and_is_signed_in(browser: Browser, server: HttpServer) -> None:
    assert await ask(browser, "signup", "  Berta@Example.com ") == 200
    assert newest(server).to == "berta@example.com"
    status, back = await browser.submit(code=code_in(newest(server)), new_password=NEW)
    assert (status, back["state"]) == (303, "st&=#")
    _, tokens = await browser.exchange(back["code"])
    assert "access_token" in tokens
    await browser.authorize(prompt="login")
    assert (await browser.submit(email="berta@example.com", password=NEW))[0] == 303


async def test_a_forgotten_password_is_replaced_and_every_session_ends(
    browser: Browser, server: HttpServer, pool: CognitoDouble
) -> None:
    _, tokens = await browser.exchange((await browser.sign_in())["code"])
    await browser.authorize(prompt="login")
    await browser.follow("Forgot your password?")
    await browser.submit(email=ANNA)
    assert (await browser.submit(code=code_in(newest(server)).replace(" ", ""), new_password=NEW))[0] == 303
    assert pool.people[ANNA] == NEW
    assert (await browser.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]))[0] == 400


@pytest.mark.parametrize("way", WAYS)
async def test_known_and_unknown_addresses_get_the_same_page_and_the_same_work(
    browser: Browser, server: HttpServer, pool: CognitoDouble, way: str
) -> None:
    pages, calls = [], []
    for email in (ANNA, "zora@example.com"):
        pool.calls.clear()
        assert await ask(browser, way, email) == 200
        pages.append(browser.page.replace(email, ""))
        assert newest(server).to == email
        calls.append(list(pool.calls))
        assert (await browser.submit(code="00000000", new_password=NEW))[0] == 400
        pages.append(browser.page.replace(email, ""))
        calls.append(list(pool.calls))
    assert pages[:2] == pages[2:]
    assert calls[:2] == calls[2:]
    told = [one.text for one in Mailbox(server.cloud.data).newest()]
    assert (re.search(r"\d{8}|\d{4} \d{4}", told[0]) is None) is (way == "forgot")


@pytest.mark.parametrize("way", WAYS)
async def test_a_code_of_a_mail_that_was_never_sent_opens_nothing(
    browser: Browser, server: HttpServer, pool: CognitoDouble, way: str
) -> None:
    """Whoever guessed it would neither take an account over nor make one of nobody."""
    email = ANNA if way == "signup" else "zora@example.com"
    await ask(browser, way, email)
    flow = server.sign_in
    purpose = {"signup": "signup", "forgot": "forgotPassword"}[way]
    made = Codes(flow.store.db, flow.form_key).make(purpose, f"{POOL}#{email}", now=flow.clock())
    assert (await browser.submit(code=made, new_password=NEW))[0] == 400
    assert pool.people == {ANNA: "Right-Password-1"}


async def test_a_code_is_void_after_five_tries_and_works_once(
    browser: Browser, server: HttpServer, pool: CognitoDouble
) -> None:
    await ask(browser, "forgot", ANNA)
    code = code_in(newest(server))
    wrong = f"{(int(code.replace(' ', '')) + 1) % 10**8:08d}"
    for _ in range(5):
        assert (await browser.submit(code=wrong, new_password=NEW))[0] == 400
    assert (await browser.submit(code=code, new_password=NEW))[0] == 400
    await browser.submit(form=1)
    fresh, page = code_in(newest(server)), browser.page
    assert "A new code is on its way." in page
    assert (await browser.submit(code=fresh, new_password=NEW))[0] == 303
    await ask(browser, "forgot", ANNA)
    assert (await browser.submit(code=fresh, new_password=NEW))[0] == 400


async def test_a_code_ends_after_fifteen_minutes(browser: Browser, server: HttpServer) -> None:
    now = [1_800_000_000.0]
    server.sign_in.clock = lambda: now[0]
    await ask(browser, "forgot", ANNA)
    now[0] += 901
    assert (await browser.submit(code=code_in(newest(server)), new_password=NEW))[0] == 400


@pytest.mark.parametrize("email", [ANNA, "zora@example.com"])
async def test_five_codes_in_an_hour_are_enough(browser: Browser, server: HttpServer, email: str) -> None:
    now = [1_800_000_000.0]
    server.sign_in.clock = lambda: now[0]
    assert [await ask(browser, "forgot", email) for _ in range(6)] == [200] * 5 + [429]
    assert len(Mailbox(server.cloud.data).newest()) == 5
    now[0] += 3601
    assert await ask(browser, "forgot", email) == 200


async def test_a_weak_password_does_not_use_the_code_up(browser: Browser, server: HttpServer) -> None:
    await ask(browser, "forgot", ANNA)
    code = code_in(newest(server))
    for weak in ("short", "Password1234!", "Cnc-Copilot-2026!", "Anna-Example-1!"):
        assert (await browser.submit(code=code, new_password=weak))[0] == 400
    assert (await browser.submit(code=code, new_password=NEW))[0] == 303


async def test_a_disabled_person_is_told_nothing_new(browser: Browser, server: HttpServer, pool: CognitoDouble) -> None:
    pool.enabled = False
    await ask(browser, "forgot", ANNA)
    assert re.search(r"\d{4} \d{4}", newest(server).text) is None


async def test_forms_from_elsewhere_send_no_mail(browser: Browser, server: HttpServer) -> None:
    await browser.authorize()
    await browser.follow("Forgot")
    assert (await browser.submit(headers={"Origin": "https://evil.example"}, email=ANNA))[0] == 403
    assert Mailbox(server.cloud.data).newest() == []


@pytest.mark.parametrize("email", ["", "anna", "@example.com", "anna@", "a b@example.com", "x" * 250 + "@example.com"])
async def test_what_is_no_address_is_asked_again(browser: Browser, email: str) -> None:
    assert await ask(browser, "signup", email) == 400


async def test_a_pool_that_is_away_is_told_as_such_here_too(browser: Browser, pool: CognitoDouble) -> None:
    await browser.authorize()
    await browser.follow("Create an account")
    pool.away = True
    assert (await browser.submit(email="berta@example.com"))[0] == 503
