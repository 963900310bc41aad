"""What every page of the sign-in shares: who asks, whether a form is ours, and where a person goes afterwards."""

import hmac
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Protocol, TypeVar
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from local_cloud.oidc import cookies, pages
from local_cloud.oidc.cookies import FORM, SESSION
from local_cloud.oidc.keys import SigningKey
from local_cloud.oidc.pool import Person, Pool
from local_cloud.oidc.request import Asked, Client, NoRedirect, Redirected, addressed, check
from local_cloud.oidc.store import ABSOLUTE_S, Login, Store

FORM_BYTES = 64 * 1024
AWAY = "Sign-in is not available right now. Please try again in a moment."
TOO_LONG = "This page was open for too long. Please try again."


class Refused(Exception):
    """An error of a request whose client and address are right."""

    def __init__(self, asked: Asked, error: Redirected) -> None:
        super().__init__(str(error))
        self.asked, self.error = asked, error


class Flow:
    """All pools of one origin. `clock` is epoch seconds."""

    def __init__(
        self,
        *,
        origin: str,
        clients: Mapping[str, Client],
        pools: Mapping[str, Pool],
        key: SigningKey,
        store: Store,
        form_key: bytes,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.origin, self.clients, self.pools = origin, clients, pools
        self.key, self.store, self.form_key, self.clock = key, store, form_key, clock

    @property
    def flow(self) -> "Flow":
        return self

    # requests
    def issuer(self, request: web.Request) -> str:
        pool = request.match_info["pool"]
        if pool not in self.pools:
            raise web.HTTPNotFound(text="no such user pool")
        return f"{self.origin}/oidc/{pool}"

    def asked(self, request: web.Request, query: str) -> Asked:
        """Raises NoRedirect and Refused."""
        pairs = parse_qsl(query, keep_blank_values=True)
        asked = addressed(dict(pairs), self.clients)
        if asked.client.pool != request.match_info["pool"]:
            raise NoRedirect("This application is not known here.")
        try:
            check(asked, repeated=len({name for name, _ in pairs}) != len(pairs))
        except Redirected as error:
            raise Refused(asked, error) from error
        return asked

    def session(self, request: web.Request) -> Login | None:
        secret = cookies.read(request, SESSION)
        return self.store.login(secret, request.match_info["pool"], now=self.clock()) if secret else None

    async def form_of(self, request: web.Request) -> tuple[dict[str, str], Asked]:
        """The form that was sent and the request it belongs to. Raises NoRedirect and Refused."""
        form = await form_fields(request)
        return form, self.asked(request, form.get("request", ""))

    # pages
    def form(
        self, request: web.Request, asked: Asked, *, email: str = "", error: str = "", status: int = 200
    ) -> web.Response:
        ways = {way: self.path(request, way, asked) for way in ("signup", "forgotPassword")}
        return self.page(
            request,
            asked,
            lambda hidden: pages.sign_in(
                self.path(request, "login"), hidden, ways=ways, email=email, error=error, status=status
            ),
        )

    def page(self, request: web.Request, asked: Asked, make: Callable[[dict[str, str]], web.Response]) -> web.Response:
        """A page with a form; its hidden fields belong to this browser."""
        hidden, cookie = self._hidden(request, asked)
        answer = make(hidden)
        cookies.give(request, answer, FORM, cookie)
        return answer

    def path(self, request: web.Request, name: str, asked: Asked | None = None) -> str:
        query = f"?{self.query(asked)}" if asked else ""
        return f"/oidc/{request.match_info['pool']}/{name}{query}"

    @staticmethod
    def query(asked: Asked) -> str:
        """The request again, as `asked()` reads it."""
        return urlencode(asked.fields)

    def is_ours(self, request: web.Request, form: Mapping[str, str]) -> bool:
        """The form came from our page in this browser."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            return False
        if request.headers.get("Origin", self.origin) != self.origin:
            return False
        cookie = cookies.read(request, FORM)
        wanted = self._proof(cookie, form.get("request", ""))
        return bool(cookie) and hmac.compare_digest(wanted.encode(), form.get("token", "").encode())

    def _hidden(self, request: web.Request, asked: Asked) -> tuple[dict[str, str], str]:
        """Fields of the form and the cookie they belong to."""
        cookie = cookies.read(request, FORM) or secrets.token_urlsafe(24)
        query = self.query(asked)
        return {"request": query, "token": self._proof(cookie, query)}, cookie

    def _proof(self, cookie: str, query: str) -> str:
        return hmac.new(self.form_key, f"{cookie}\n{query}".encode(), "sha256").hexdigest()

    # answers
    def welcome(self, request: web.Request, asked: Asked, person: Person) -> web.Response:
        """A new session in this browser, and back to the client."""
        old = self.session(request)
        if old is not None and old.username == person.username:
            self.store.sign_out(old.hash)  # of somebody else it goes on where it is still open, as in Cognito
        now = self.clock()
        secret = self.store.sign_in(asked.client.pool, person.username, person.claims, now=now)
        login = self.store.login(secret, asked.client.pool, now=now)
        if login is None:
            raise RuntimeError("a session just made is gone")
        answer = self.back(asked, self.issuer(request), login)
        cookies.give(request, answer, SESSION, secret, max_age=ABSOLUTE_S)
        cookies.take(request, answer, FORM)
        return answer

    def back(self, asked: Asked, issuer: str, login: Login) -> web.Response:
        code = self.store.add_code(login.hash, dict(asked.fields), now=self.clock())
        return self._redirect(asked, {"code": code, "iss": issuer})

    def error(self, asked: Asked, issuer: str, code: str, message: str) -> web.Response:
        return self._redirect(asked, {"error": code, "error_description": message, "iss": issuer})

    def _redirect(self, asked: Asked, fields: dict[str, str]) -> web.Response:
        state = {"state": asked.fields["state"]} if "state" in asked.fields else {}
        join = "&" if "?" in asked.redirect_uri else "?"
        address = f"{asked.redirect_uri}{join}{urlencode(fields | state)}"
        return web.Response(status=303, headers={"Location": address, **pages.AWAY_FIELDS})


class Part(Protocol):
    """Pages that stand on the flow."""

    @property
    def flow(self) -> Flow: ...


Kind = TypeVar("Kind", bound=Part)
Handler = Callable[[Kind, web.Request], Awaitable[web.StreamResponse]]


def answering(handler: Handler[Kind]) -> Handler[Kind]:
    """A handler whose wrong requests are answered: on a page, or at the client when its address is right."""

    @wraps(handler)
    async def answered(self: Kind, request: web.Request) -> web.StreamResponse:
        issuer = self.flow.issuer(request)
        try:
            return await handler(self, request)
        except NoRedirect as error:
            return pages.message("This link does not work", str(error), status=400)
        except Refused as back:
            return self.flow.error(back.asked, issuer, back.error.code, str(back.error))

    return answered


async def form_fields(request: web.Request, *, most: int = FORM_BYTES) -> dict[str, str]:
    """Raises NoRedirect when the body is no form of a sensible size."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise NoRedirect("A form was expected.")
    body = await request.content.read(most + 1)
    if len(body) > most:
        raise NoRedirect("The form is too large.")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=50)
    except ValueError as error:
        raise NoRedirect("The form cannot be read.") from error
    return dict(pairs)
