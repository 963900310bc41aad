"""Cookies of the sign-in carry `__Host-` for clients that keep Secure cookies from http on loopback."""

from html import unescape
from typing import Any

import pytest

from tests.local_cloud.oidc.support import HIDDEN, Browser

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "prefixed"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36", True),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", True),
        (f"{MAC} Version/26.0 Safari/605.1.15", False),
        (f"{PHONE} CriOS/156.0 Mobile/15E148 Safari/604.1", False),
        ("python-requests/2.32", False),
    ],
)
async def test_the_name_follows_what_the_client_keeps(browser: Browser, agent: str, prefixed: bool) -> None:
    url, headers = f"{browser.issuer}/oauth2/authorize", {"User-Agent": agent}
    async with browser.session.get(url, params=browser.query(), headers=headers) as answer:
        (cookie,) = answer.headers.getall("Set-Cookie")
    assert cookie.startswith("__Host-cnc-login-form=") is prefixed
    assert ("Secure" in cookie) is prefixed
    assert {"Path=/", "HttpOnly"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


async def test_a_client_that_keeps_secure_cookies_signs_in_with_them(browser: Browser) -> None:
    jar: dict[str, str] = {}

    async def go(method: str, path: str, **more: Any) -> int:
        browser.session.cookie_jar.clear()  # it keeps no Secure cookie of http
        cookies = "; ".join(f"{name}={value}" for name, value in jar.items())
        headers = {"User-Agent": "Chrome/156.0", "Origin": browser.origin, "Cookie": cookies}
        url = f"{browser.issuer}/{path}"
        async with browser.session.request(method, url, headers=headers, allow_redirects=False, **more) as answer:
            browser.page = await answer.text()
            jar.update({name: morsel.value for name, morsel in answer.cookies.items()})
            return answer.status

    assert await go("GET", "oauth2/authorize", params=browser.query()) == 200
    assert jar.keys() == {"__Host-cnc-login-form"}
    hidden = {name: unescape(value) for name, value in HIDDEN.findall(browser.page)}
    right = {"email": "anna@example.com", "password": "Right-Password-1"}
    assert await go("POST", "login", data=hidden | right) == 303
    assert (jar["__Host-cnc-login-form"], len(jar["__Host-cnc-login"]) > 20) == ("", True)
    assert await go("GET", "oauth2/authorize", params=browser.query()) == 303
    jar["cnc-login"] = jar.pop("__Host-cnc-login")
    assert await go("GET", "oauth2/authorize", params=browser.query()) == 200  # without the prefix it is no session
