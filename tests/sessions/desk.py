"""People of one shop at the authorizer, the REST function and the socket, as API Gateway puts them together."""

import json
from base64 import b32decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_bytes
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from cnc.cloud.store.shop import ShopStore
from cnc.cloud.tenancy import Directory, acting_for
from cnc.cloud.tenancy.session_rows import SessionTable
from cnc.domain.base.clock import utc_now
from cnc.domain.identity.totp import STEP_S, code
from cnc.services.membership import Membership
from cnc.services.provisioning import create_site, create_user
from cnc.services.sessions import session_id
from tests.api.events import SHOWN, LambdaContext, http, socket
from tests.api.issuer import ISSUER, Issuer
from tests.api.tenants import Shop
from tests.cloud.fixtures import Cloud
from tests.graphql.sockets import Posted

__all__ = ["Desk", "Token", "desk", "functions"]


@dataclass
class Token:
    """One sign-in: the header, and the id of the session behind it."""

    header: str
    session: str
    subject: str


@dataclass
class Desk:
    authorizer: ModuleType
    rest: ModuleType
    ws: ModuleType
    shop: Shop
    cloud: Cloud
    issuer: Issuer
    posted: Posted = field(default_factory=Posted)
    sms: list[tuple[str, str]] = field(default_factory=list)

    @property
    def rows(self) -> SessionTable:
        return SessionTable(self.cloud.raw, table=self.cloud.tables["directory"])

    @staticmethod
    def now() -> datetime:
        return utc_now()

    def person(self, *roles: str, shop: Shop | None = None) -> str:
        """Subject of a new person."""
        shop, subject = shop or self.shop, f"sub-{uuid4()}"
        with acting_for(shop.tenant):
            create_user(
                tenant=shop.tenant,
                issuer=ISSUER,
                subject=subject,
                email="x@example.test",
                name="x",
                roles=list(roles),
                shop=ShopStore(self.cloud.clients, table=self.cloud.tables["shop"]),
                directory=Directory(self.cloud.raw, table=self.cloud.tables["directory"]),
                random=lambda n: uuid4().bytes[:n] * (n // 16 + 1),
            )
        return subject

    def at_sites(self, grants: dict[str, tuple[str, ...]]) -> str:
        """Subject of a person of the first shop with roles at some of its sites."""
        subject, user = f"sub-{uuid4()}", f"u_{uuid4().hex[:16]}"
        directory = Directory(self.cloud.raw, table=self.cloud.tables["directory"])
        directory.add_membership(issuer=ISSUER, subject=subject, membership=Membership(self.shop.tenant, user, grants))
        return subject

    def another_site(self) -> str:
        with acting_for(self.shop.tenant):
            shop = ShopStore(self.cloud.clients, table=self.cloud.tables["shop"])
            return create_site("Yard", time_zone="Europe/Berlin", shop=shop, random=token_bytes).id

    def sign_in(self, subject: str, **claims: Any) -> Token:
        family = str(claims.pop("origin_jti", uuid4()))
        token = self.issuer.token(subject, origin_jti=family, **claims)
        return Token(f"Bearer {token}", session_id({"origin_jti": family}), subject)

    def context(self, token: Token | str | None, **headers: str) -> dict[str, Any]:
        """What the authorizer says of a credential, looked at anew."""
        self.authorizer.recent._kept.clear()
        header = token.header if isinstance(token, Token) else token
        sent = {"x-cnc-origin": SHOWN, **headers} | ({"authorization": header} if header else {})
        event = http("GET", "/v1/status") | {"headers": sent}
        answered = self.authorizer.lambda_handler(event, LambdaContext())
        assert answered["isAuthorized"] is True
        context: dict[str, Any] = answered["context"]
        return context

    def ask(self, token: Token | str | None, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        answered = self.answer(token, method, path, body, **more)
        return answered["statusCode"], json.loads(answered["body"])

    def answer(
        self, token: Token | str | None, method: str, path: str, body: Any = None, *, cookie: str = "", **headers: Any
    ) -> dict[str, Any]:
        event = http(method, path, body={} if method == "POST" and body is None else body, **headers)
        event["requestContext"]["authorizer"] = {"lambda": self.context(token)}
        if cookie:
            event["cookies"] = [cookie]
        answered: dict[str, Any] = self.rest.lambda_handler(event, LambdaContext())
        return answered

    def enrol(self, token: Token) -> Callable[[], str]:
        """Sets up an authenticator; gives the one code of the moment that was not used."""
        status, made = self.ask(token, "POST", "/v1/second-factor")
        assert status == 200, made
        secret = b32decode(parse_qs(urlsplit(made["uri"]).query)["secret"][0])
        step = int(utc_now().timestamp()) // STEP_S
        confirmed = self.ask(token, "POST", "/v1/second-factor/confirmation", {"code": code(secret, step=step - 1)})
        assert confirmed[0] == 200, confirmed
        return lambda: code(secret, step=step)

    def age(self, token: Token, **ages: timedelta) -> None:
        """Make a session look older: `seen`, `auth` or `factor`."""
        held = self.rows.get(token.session)
        assert held is not None
        for name, age in ages.items():
            value = {":v": {"N": str(int((utc_now() - age).timestamp() * 1000))}}
            key = {"p": {"S": f"S#{token.session}"}}
            table = self.cloud.tables["directory"]
            self.cloud.raw.update_item(
                TableName=table, Key=key, UpdateExpression=f"SET {name}_ms = :v", ExpressionAttributeValues=value
            )

    @contextmanager
    def later(self, by: timedelta) -> Iterator[None]:
        """What the REST function takes for now is `by` later; the authorizer lives on wall time."""
        ports = self.rest.account.sessions
        object.__setattr__(ports, "now", lambda: utc_now() + by)
        try:
            yield
        finally:
            object.__setattr__(ports, "now", utc_now)

    def open_socket(self, connection: str, token: Token | str) -> list[dict[str, Any]]:
        """Connects and shows the credential; what came back."""
        header = token.header if isinstance(token, Token) else token
        connected = self.ws.lambda_handler(socket("CONNECT", connection, authorization=header), LambdaContext())
        if connected["statusCode"] != 200:
            return [{"type": "refused", "status": connected["statusCode"]}]
        return self.say(connection, type="connection_init", payload={"authorization": header})

    def say(self, connection: str, **message: Any) -> list[dict[str, Any]]:
        before = len(self.posted.sent.get(connection, []))
        self.ws.lambda_handler(socket("MESSAGE", connection, body=message), LambdaContext())
        return self.posted.sent.get(connection, [])[before:]


@pytest.fixture(scope="module")
def functions(cold: Callable[[str], ModuleType]) -> tuple[ModuleType, ModuleType, ModuleType]:
    return cold("authorizer"), cold("rest"), cold("graphql_ws")


@pytest.fixture
def desk(functions: tuple[ModuleType, ModuleType, ModuleType], ours: Shop, cloud: Cloud, issuer: Issuer) -> Desk:
    made = Desk(*functions, ours, cloud, issuer)
    object.__setattr__(made.ws.door, "post", made.posted)
    account = made.rest.account
    object.__setattr__(account.closer, "post", lambda: made.posted)
    account.sessions.sms._made = type("Kept", (), {"send": lambda _, number, text: made.sms.append((number, text))})()
    return made
