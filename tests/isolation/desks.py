"""The functions of the product, each with its environment, its roles and nothing else of its own."""

import importlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from types import ModuleType
from typing import Any

from cnc.cloud import issuer_facts
from cnc.cloud.issuer_facts import IssuerFacts
from cnc.cloud.store import shop_rows
from cnc.cloud.store.lazily_sealed import seal_lazily
from cnc.cloud.store.sealed import seal_with
from cnc.cloud.tenancy import Clients
from cnc.services.rates.limiter import Limiter
from local_cloud.lambda_runtime import functions
from tests.api.events import http, socket
from tests.api.issuer import CLIENT_ID, ISSUER, Issuer
from tests.api.tenants import ORIGIN
from tests.isolation.stage import Stage

_NUMBERS = count(1)


class LambdaContext:
    aws_request_id = "11111111-2222-3333-4444-555555555555"
    function_name = "cnc-test"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:cnc-test"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 240_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody outside sees of an attempt. `text` is without the id of the request."""

    status: int
    text: str
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def json(self) -> Any:
        return json.loads(self.text) if self.text else None


@dataclass
class Desk:
    """All functions of one stage, in this process; each is imported when it is first asked."""

    stage: Stage
    issuer: Issuer
    _modules: dict[str, ModuleType] = field(default_factory=dict)
    _environments: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def call(self, function: str, event: Mapping[str, Any]) -> Any:
        """What the handler answers; its AWS calls are signed with its own roles."""
        with self.environment(function):
            module = self.module(function)
            if getattr(module, "clients", None) is not None and "SHOP_TABLE" in os.environ:
                # One process is one function in AWS; here the rows of all of them share one connection, and its keys.
                shop_rows.bind(module.clients, table=os.environ["SHOP_TABLE"])
                self.seal_by(module.clients)
            return module.lambda_handler(event, LambdaContext())

    @staticmethod
    def seal_by(clients: Clients) -> None:
        """Names of people are sealed as the function whose environment this is may do it."""
        table, key = os.environ.get("KEYS_TABLE", ""), os.environ.get("PERSON_KEY", "")
        if table and key:
            seal_lazily(clients, table=table, key_id=key)
        else:
            seal_with(None)

    def module(self, function: str) -> ModuleType:
        if function not in self._modules:
            name = f"functions.{function}.handler"
            sys.modules.pop(name, None)
            with self.environment(function):
                made = importlib.import_module(name)
            if hasattr(made, "gate"):
                made.gate.keys._fetch = self.issuer.fetch
            self._modules[function] = made
        return self._modules[function]

    def __post_init__(self) -> None:
        """Tens of thousands of attempts are far more than any quota; what quotas do is tried in tests/rates."""
        self._limits = Limiter._spend, Limiter._cap
        Limiter._spend = Limiter._cap = lambda *_: None  # type: ignore[assignment,method-assign]
        self._fetch = issuer_facts.fetch_once
        issuer_facts.fetch_once = IssuerFacts.__init__.__kwdefaults__["fetch"] = self._fetched

    def forget(self) -> None:
        """Other tests import handlers with an environment of their own, and have limits."""
        Limiter._spend, Limiter._cap = self._limits  # type: ignore[method-assign]
        issuer_facts.fetch_once = IssuerFacts.__init__.__kwdefaults__["fetch"] = self._fetch
        for function in self._modules:
            sys.modules.pop(f"functions.{function}.handler", None)

    def _fetched(self, address: str, *, headers: Mapping[str, str] | None = None) -> bytes:
        """What the issuer answers, which is on no network here; it knows of nobody's address."""
        if headers:
            return b"{}"
        ends = {"authorization_endpoint": f"{ISSUER}/oauth2/authorize", "userinfo_endpoint": f"{ISSUER}/userinfo"}
        return json.dumps({**json.loads(self.issuer.fetch(address)), **ends}).encode()

    @contextmanager
    def environment(self, function: str) -> Iterator[None]:
        """That of the template, for the time of one call."""
        if function not in self._environments:
            self._environments[function] = self._environment(function)
        before = dict(os.environ)
        os.environ.update(self._environments[function])
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    def _environment(self, function: str) -> Mapping[str, str]:
        spec = functions.of(self.stage.cloud)[self.stage.resource(function)]
        own = self.stage.role(spec.role.rpartition("/")[2])
        keys = {
            "AWS_ACCESS_KEY_ID": own.access_key_id,
            "AWS_SECRET_ACCESS_KEY": own.secret_access_key,
            "AWS_SESSION_TOKEN": own.session_token,
        }
        made = functions.environment(spec, self.stage.cloud, runtime_api="", credentials=keys)
        foreign = {"OIDC_ISSUER": ISSUER, "OIDC_CLIENT_ID": CLIENT_ID, "PORTAL_ORIGIN": ORIGIN}
        # API Gateway's management API is behind the one door here.
        socket_url = {"WEBSOCKET_URL": f"{self.stage.cloud.aws_url}/live"} if "WEBSOCKET_URL" in made else {}
        return {**made, **{name: text for name, text in foreign.items() if name in made}, **socket_url}

    @property
    def shown(self) -> str:
        """What the front shows to the origins."""
        secret = self.stage.client("secretsmanager").get_secret_value(SecretId=self.stage.resource("origin"))
        return str(secret["SecretString"])

    def authorized(self, credential: str | None, *, path: str, headers: Mapping[str, str] | None = None) -> Any:
        """The decision of the authorizer about a request that came through the front."""
        sent = {**(headers or {}), "x-cnc-origin": self._origin()}
        if credential is not None:
            sent["authorization"] = credential
        return self.call("authorizer", {"headers": sent, "rawPath": path, "version": "2.0"})

    def _origin(self) -> str:
        if not hasattr(self, "_shown"):
            self._shown = self.shown
        return self._shown

    def http(
        self,
        function: str,
        method: str,
        path: str,
        *,
        credential: str | None,
        body: Any = None,
        query: dict[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request from the authorizer to the answer, as API Gateway carries it."""
        decided = self.authorized(credential, path=path, headers=headers)
        if not decided["isAuthorized"]:
            return Answer(403, "")
        named = {name.replace("-", "_"): text for name, text in (headers or {}).items()}
        event = http(method, path, body=body, query=query, **named)
        request_id = f"r-{next(_NUMBERS)}"
        event["requestContext"] |= {"requestId": request_id, "authorizer": {"lambda": decided["context"]}}
        answered = self.call(function, event)
        return _answer(answered, request_id)

    def rest(self, method: str, path: str, *, credential: str | None, **more: Any) -> Answer:
        return self.http("rest", method, path, credential=credential, **more)

    def graphql(self, query: str, *, credential: str | None, variables: Any = None, **more: Any) -> Answer:
        body = {"query": query, "variables": variables or {}}
        return self.http("graphql", "POST", "/graphql", credential=credential, body=body, **more)

    def socket(self, kind: str, connection: str, **more: Any) -> list[dict[str, Any]]:
        """One event of a socket; what was posted to the connection by it, and first the status."""
        before = len(self.stage.forward.posted)
        event = socket(kind, connection, shown=self._origin(), **more)
        try:
            answered = self.call("graphql_ws", event)
        except Exception:  # noqa: BLE001 - API Gateway answers so for a function that fails, whatever it fails with
            answered = {"statusCode": 500}
        posted = [json.loads(body) for _, body in self.stage.forward.posted[before:] if body]
        return [{"status": answered["statusCode"]}, *posted]


def _answer(answered: Mapping[str, Any], request_id: str) -> Answer:
    headers = {name.lower(): str(text) for name, text in (answered.get("headers") or {}).items()}
    for name, texts in (answered.get("multiValueHeaders") or {}).items():
        headers[name.lower()] = ", ".join(texts)
    kept = tuple(sorted((name, text.replace(request_id, "<request>")) for name, text in headers.items()))
    return Answer(answered["statusCode"], str(answered.get("body") or "").replace(request_id, "<request>"), kept)
