"""The cookies of the sign-in: with the `__Host-` prefix wherever the client keeps one.

The prefix needs Secure. Over http on loopback, Chromium and Firefox keep such cookies (tried with Chromium 156, on
127.0.0.1 and localhost, in navigations and in posts of forms); Safari and the clients of programs do not, and could
not sign in at all. So the name follows the client, and each name is read from those it is given to.
"""

import re
from typing import Any

from aiohttp import web

SESSION, FORM, FEDERATION = "cnc-login", "cnc-login-form", "cnc-login-away"
_SAME_SITE = {SESSION: "Lax", FORM: "Strict", FEDERATION: "Lax"}
# Chrome and Firefox on iOS name themselves otherwise: underneath they are Safari.
_KEEPS_SECURE = re.compile(r"(?:Chrome|Firefox)/\d")


def read(request: web.Request, name: str) -> str:
    return request.cookies.get(_name(request, name), "")


def give(request: web.Request, answer: web.StreamResponse, name: str, value: str, **more: Any) -> None:
    site = _SAME_SITE[name]
    answer.set_cookie(
        _name(request, name), value, path="/", httponly=True, secure=_secure(request), samesite=site, **more
    )


def take(request: web.Request, answer: web.StreamResponse, name: str) -> None:
    answer.del_cookie(_name(request, name), path="/", secure=_secure(request), httponly=True)


def _secure(request: web.Request) -> bool:
    return request.secure or _KEEPS_SECURE.search(request.headers.get("User-Agent", "")) is not None


def _name(request: web.Request, name: str) -> str:
    return f"__Host-{name}" if _secure(request) else name
