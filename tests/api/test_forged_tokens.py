"""No forged token is accepted, anywhere: by the authorizer, when a socket opens, on the socket, by the local front."""

import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from local_cloud.oidc.access_token import NoToken, claims_of
from local_cloud.oidc.keys import SigningKey
from tests.api.events import SHOWN, LambdaContext, socket
from tests.api.forgery import Forger
from tests.api.issuer import CLIENT_ID, ISSUER, KID, Issuer, good_claims
from tests.api.tenants import Shop
from tests.graphql.sockets import Posted

LEAST = 300


@pytest.fixture(scope="module")
def forger(issuer: Issuer, ours: Shop) -> Forger:
    return Forger(issuer.key, KID, good_claims(ours.subject), int(time.time()), issuer.other)


@pytest.fixture(scope="module")
def forged(forger: Forger) -> list[tuple[str, str]]:
    made = list(forger.forged())
    assert len(made) >= LEAST
    assert len({token for _, token in made}) >= LEAST
    return made


def accepted_by(ask: Callable[[str], bool], forged: list[tuple[str, str]]) -> list[str]:
    return [name for name, token in forged if ask(token)]


def test_what_they_are_forged_from_is_good(cold: Callable[[str], ModuleType], forger: Forger) -> None:
    assert _authorized(cold("authorizer"), forger.token())
    assert _told_by_the_front(forger, forger.token(username="ann"))


def _authorized(module: ModuleType, token: str, **event: Any) -> bool:
    headers = {"authorization": f"Bearer {token}", "x-cnc-origin": SHOWN}
    answered = module.lambda_handler({"headers": headers, "rawPath": "/graphql", **event}, LambdaContext())
    return "tenant" in answered.get("context", {})


def test_the_authorizer_accepts_none(cold: Callable[[str], ModuleType], forged: list[tuple[str, str]]) -> None:
    module = cold("authorizer")
    assert accepted_by(lambda token: _authorized(module, token), forged) == []


def test_the_authorizer_accepts_none_in_the_other_payload_form(
    cold: Callable[[str], ModuleType], forged: list[tuple[str, str]], forger: Forger
) -> None:
    """Payload 1.0 has names of headers as they were sent and a policy for an answer, which nobody configured here."""
    module = cold("authorizer")

    def ask(token: str) -> bool:
        sent = {"Authorization": f"Bearer {token}", "X-Cnc-Origin": SHOWN}
        event = {"version": "1.0", "type": "REQUEST", "identitySource": f"Bearer {token}", "headers": sent}
        event |= {"authorizationToken": f"Bearer {token}", "methodArn": "arn:aws:execute-api:::a/b/GET/graphql"}
        answered = module.lambda_handler(event, LambdaContext())
        return "tenant" in answered.get("context", {})

    assert accepted_by(ask, forged) == []


def test_no_socket_opens_with_one(cold: Callable[[str], ModuleType], forged: list[tuple[str, str]]) -> None:
    module = cold("graphql_ws")

    def ask(token: str) -> bool:
        event = socket("CONNECT", "forged=", authorization=f"Bearer {token}")
        return module.lambda_handler(event, LambdaContext())["statusCode"] == 200

    assert accepted_by(ask, forged) == []


def test_an_open_socket_takes_none(
    cold: Callable[[str], ModuleType], forged: list[tuple[str, str]], ours: Shop
) -> None:
    module, posted = cold("graphql_ws"), Posted()
    object.__setattr__(module.door, "post", posted)

    def ask(token: str) -> bool:
        posted.sent.clear()
        body = {"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}
        module.lambda_handler(socket("MESSAGE", "init=", body=body), LambdaContext())
        return any(message["type"] == "connection_ack" for message in posted.sent.get("init=", []))

    opened = socket("CONNECT", "init=", authorization=f"Bearer {ours.secret}")
    assert module.lambda_handler(opened, LambdaContext())["statusCode"] == 200
    assert accepted_by(ask, forged) == []


def _told_by_the_front(forger: Forger, token: str) -> bool:
    try:
        claims_of(token, key=SigningKey(forger.key, forger.kid), issuer=ISSUER, clients=[CLIENT_ID], now_s=time.time())
    except NoToken:
        return False
    return True


def test_the_local_front_accepts_none_either(forger: Forger) -> None:
    named = Forger(forger.key, forger.kid, {**forger.good, "username": "ann"}, forger.now_s, forger.other)
    assert accepted_by(lambda token: _told_by_the_front(forger, token), list(named.forged())) == []
