"""Sign-in as a browser goes through it, tokens as PyJWT verifies them."""

import stat
from pathlib import Path
from typing import Any

import jwt
import pytest

from local_cloud.gateway.server import HttpServer
from tests.local_cloud.gateway.support import CLIENT
from tests.local_cloud.oidc.support import ANNA, Browser, CognitoDouble


async def verified(browser: Browser, token: str, **options: Any) -> dict[str, Any]:
    """By the published keys, as any client would."""
    async with browser.session.get(f"{browser.issuer}/.well-known/jwks.json") as answer:
        keys = jwt.PyJWKSet.from_dict(await answer.json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    required = ["exp", "iat", "iss", "sub", "token_use"]
    return jwt.decode(token, key, algorithms=["RS256"], issuer=browser.issuer, options={"require": required}, **options)


async def test_discovery_names_the_issuer_it_was_asked_at(browser: Browser) -> None:
    async with browser.session.get(f"{browser.issuer}/.well-known/openid-configuration") as answer:
        found = await answer.json()
    assert found["issuer"] == browser.issuer
    assert found["code_challenge_methods_supported"] == ["S256"]


async def test_a_person_signs_in_and_gets_tokens_that_verify(browser: Browser) -> None:
    back = await browser.sign_in()
    assert (back["state"], back["iss"]) == ("st&=#", browser.issuer)
    status, tokens = await browser.exchange(back["code"])
    assert status == 200
    access = await verified(browser, tokens["access_token"])
    assert (access["token_use"], access["client_id"], access["sub"]) == ("access", CLIENT, "u-1")
    assert access["exp"] - access["iat"] == 3600
    assert "aud" not in access
    identity = await verified(browser, tokens["id_token"], audience=CLIENT)
    assert (identity["token_use"], identity["nonce"], identity["email"]) == ("id", "n-1", "anna@example.com")


async def test_every_token_of_one_sign_in_names_it_and_no_token_of_another(browser: Browser) -> None:
    def origin(tokens: dict[str, Any]) -> set[str]:
        kinds = ("access_token", "id_token")
        return {jwt.decode(tokens[kind], options={"verify_signature": False})["origin_jti"] for kind in kinds}

    _, first = await browser.exchange((await browser.sign_in())["code"])
    _, refreshed = await browser.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
    _, silent = await browser.exchange((await browser.authorize(prompt="none"))[1]["code"])
    assert len(origin(first) | origin(refreshed) | origin(silent)) == 1
    await browser.authorize(prompt="login")
    _, again = await browser.exchange((await browser.submit(email=ANNA, password="Right-Password-1"))[1]["code"])
    assert origin(again).isdisjoint(origin(first))


async def test_user_info_takes_an_access_token_and_no_other(browser: Browser) -> None:
    _, tokens = await browser.exchange((await browser.sign_in())["code"])
    for token, wanted in ((tokens["access_token"], 200), (tokens["id_token"], 401), ("x.y.z", 401), ("", 401)):
        headers = {"Authorization": f"Bearer {token}"}
        async with browser.session.get(f"{browser.issuer}/oauth2/userInfo", headers=headers) as answer:
            assert answer.status == wanted


async def test_who_is_signed_in_needs_no_password_again(browser: Browser) -> None:
    await browser.sign_in()
    status, back = await browser.authorize(prompt="none")
    assert (status, "code" in back) == (303, True)
    assert (await browser.authorize(prompt="login"))[0] == 200


async def test_prompt_none_without_a_session_says_login_required(browser: Browser) -> None:
    assert (await browser.authorize(prompt="none"))[1]["error"] == "login_required"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": "openid admin"}, "invalid_scope"),
        ({"scope": "email"}, "invalid_scope"),
        ({"prompt": "consent"}, "invalid_request"),
        ({"nonce": "x" * 3000}, "invalid_request"),
    ],
)
async def test_a_wrong_request_goes_back_with_an_error(
    browser: Browser, change: dict[str, str | None], error: str
) -> None:
    status, back = await browser.authorize(**change)
    assert (status, back["error"], back["iss"]) == (303, error, browser.issuer)


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "other"},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": None},
        {"client_id": None},
    ],
)
async def test_nobody_is_redirected_to_an_address_that_is_not_registered(
    browser: Browser, change: dict[str, str | None]
) -> None:
    status, back = await browser.authorize(**change)
    assert (status, back) == (400, {})


async def test_a_prefix_of_a_registered_address_is_not_that_address(browser: Browser) -> None:
    assert (await browser.authorize(redirect_uri=f"{browser.origin}/callback/../x"))[0] == 400


async def test_a_wrong_password_is_told_without_saying_which_half(browser: Browser) -> None:
    pages = []
    for email in ("anna@example.com", "nobody@example.com"):
        await browser.authorize()
        status, _ = await browser.submit(email=email, password="wrong")
        assert status == 401
        pages.append(browser.page.replace(email, ""))
    assert 'role="alert"' in pages[0]
    assert "E-mail or password is not right." in pages[0]
    assert pages[0] == pages[1]


async def test_repeated_wrong_passwords_lock_known_and_unknown_alike(browser: Browser, pool: CognitoDouble) -> None:
    for email in ("anna@example.com", "nobody@example.com"):
        await browser.authorize()
        statuses = [(await browser.submit(email=email, password="wrong"))[0] for _ in range(6)]
        assert statuses == [401] * 5 + [429]
    asked = len(pool.calls)
    assert (await browser.submit(email="Nobody@Example.com", password="wrong"))[0] == 429
    assert len(pool.calls) == asked


async def test_a_form_from_elsewhere_is_refused(browser: Browser) -> None:
    right = {"email": "anna@example.com", "password": "Right-Password-1"}
    await browser.authorize()
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (await browser.submit(headers=headers, **right))[0] == 403
    assert (await browser.submit(token="0" * 64, **right))[0] == 403
    browser.session.cookie_jar.clear()
    assert (await browser.submit(**right))[0] == 403


async def test_the_page_holds_no_script_and_forbids_any(browser: Browser) -> None:
    await browser.authorize(login_hint='"><script>alert(1)</script>')
    assert "<script" not in browser.page
    async with browser.session.get(f"{browser.issuer}/oauth2/authorize", params=browser.query()) as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


async def test_a_code_works_once_and_only_with_its_verifier_and_address(browser: Browser) -> None:
    for changes in ({"code_verifier": "x" * 64}, {"redirect_uri": f"{browser.origin}/"}, {"client_id": "other"}):
        code = (await browser.authorize())[1].get("code") or (await browser.sign_in())["code"]
        assert (await browser.exchange(code, **changes))[0] in (400, 401)
    code = (await browser.authorize())[1]["code"]
    _, tokens = await browser.exchange(code)
    assert (await browser.exchange(code))[1] == {"error": "invalid_grant"}
    assert (await browser.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]))[0] == 400


async def test_refresh_rotates_and_a_stolen_old_token_ends_the_family(browser: Browser, server: HttpServer) -> None:
    now = [1_800_000_000.0]
    server.sign_in.clock = lambda: now[0]
    first = (await browser.exchange((await browser.sign_in())["code"]))[1]["refresh_token"]
    _, second = await browser.token(grant_type="refresh_token", refresh_token=first)
    assert second["refresh_token"] != first
    now[0] += 60
    assert (await browser.token(grant_type="refresh_token", refresh_token=first))[0] == 400
    assert (await browser.token(grant_type="refresh_token", refresh_token=second["refresh_token"]))[0] == 400


async def test_a_disabled_person_is_not_refreshed(browser: Browser, pool: CognitoDouble) -> None:
    _, tokens = await browser.exchange((await browser.sign_in())["code"])
    pool.enabled = False
    answer = await browser.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert answer == (400, {"error": "invalid_grant"})


async def test_logout_ends_the_session_and_its_refresh_tokens(browser: Browser) -> None:
    _, tokens = await browser.exchange((await browser.sign_in())["code"])
    for address, wanted in (("https://evil.example/", 400), (f"{browser.origin}/", 302)):
        query = {"client_id": CLIENT, "logout_uri": address}
        async with browser.session.get(f"{browser.issuer}/logout", params=query, allow_redirects=False) as answer:
            assert answer.status == wanted
    assert (await browser.authorize(prompt="none"))[1]["error"] == "login_required"
    assert (await browser.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]))[0] == 400


async def test_an_idle_session_ends(browser: Browser, server: HttpServer) -> None:
    now = [1_800_000_000.0]
    server.sign_in.clock = lambda: now[0]
    await browser.sign_in()
    now[0] += 1801
    assert (await browser.authorize(prompt="none"))[1]["error"] == "login_required"


async def test_a_first_password_is_chosen_on_a_page_of_its_own(browser: Browser, pool: CognitoDouble) -> None:
    pool.must_choose = True
    await browser.authorize()
    await browser.submit(email="anna@example.com", password=pool.people[ANNA])
    assert 'autocomplete="new-password"' in browser.page
    status, _ = await browser.submit(new_password="short")
    assert (status, "at least 12 characters" in browser.page) == (400, True)
    assert "code" in (await browser.submit(new_password="Wendel-Kabel-7-Treppe"))[1]


async def test_a_pool_that_is_away_is_told_as_such(browser: Browser, pool: CognitoDouble) -> None:
    pool.away = True
    await browser.authorize()
    assert (await browser.submit(email="anna@example.com", password="x"))[0] == 503


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"a" * 70_000, b"&".join([b"a=1"] * 60), b"request=%00%ff"])
async def test_garbage_is_answered_and_survived(browser: Browser, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for path in ("login", "oauth2/token"):
        async with browser.session.post(f"{browser.issuer}/{path}", data=body, headers=headers) as answer:
            assert 400 <= answer.status < 500


async def test_keys_are_private_files_and_stay_the_same(server: HttpServer) -> None:
    folder = Path(server.cloud.data_dir) / "oidc"
    for name in ("key.pem", "form.key", "oidc.sqlite"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    again = HttpServer(server.cloud)
    assert again.sign_in.key.kid == server.sign_in.key.kid
    again.sign_in.store.close()
