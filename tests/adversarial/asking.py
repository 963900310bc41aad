"""Asks the HTTP entrance of GraphQL in this process, and counts what an answer cost."""

import json
import logging
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cnc_graphql.documents import load
from cnc_graphql.http import respond
from cnc_graphql.socket import Exchange, handle

from cnc.services.caller import Caller
from tests.adversarial.requests import Attack
from tests.api.events import http
from tests.graphql.shop import KIOSK, NOW, OUR_KEY, context
from tests.graphql.sockets import Posted, sockets

DOCUMENTS = load()
__all__ = ["KIOSK", "OUR_KEY", "Cost", "Lines", "ask", "calls_of", "over_the_socket"]


class Cost(NamedTuple):
    """What one attack got and cost; `refused`: nothing of it ran."""

    family: str
    status: int
    refused: bool
    cpu_ms: float
    lines: int
    size: int
    body: bytes


@dataclass
class Lines(logging.Handler):
    """Every log line of every logger."""

    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def __hash__(self) -> int:
        return id(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.seen += self.format(record).splitlines()


def calls_of(action: Callable[[], object]) -> int:
    """How many Python functions an action calls: a measure of its work that is the same on every machine."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(None)
    return calls


def over_the_socket(attack: Attack) -> list[dict[str, Any]]:
    """What the socket says to the attack as the payload of `subscribe`, from a client that was let in."""
    posted, held = Posted(), sockets()
    exchange = Exchange(
        connection="c1",
        opened_by=OUR_KEY,
        sockets=held,
        documents=DOCUMENTS,
        credential=lambda _: OUR_KEY,
        context_of=lambda caller: context(caller=caller),
        now=NOW,
        request_id="r-1",
    )
    payload = attack.body.decode("utf-8", "replace")
    handle('{"type":"connection_init"}', exchange=exchange, post=posted)
    handle('{"type":"subscribe","id":"1","payload":' + payload + "}", exchange=exchange, post=posted)
    return posted.sent["c1"][1:]


def ask(attack: Attack, *, lines: Lines, caller: Caller | None = OUR_KEY) -> tuple[Cost, dict[str, Any]]:
    """The cost of one attack, and the answer's JSON."""
    event = http("POST", "/graphql", caller=caller, body=b64encode(attack.body).decode())
    event["isBase64Encoded"] = True
    before = len(lines.seen)
    started = time.process_time()
    response = respond(
        event,
        acting_for=lambda _: nullcontext(),
        context_of=lambda caller, _: context(caller=caller),
        documents=DOCUMENTS,
    )
    cpu_ms = (time.process_time() - started) * 1000
    answered = json.loads(response["body"])
    cost = Cost(
        family=attack.family,
        status=response["statusCode"],
        refused="data" not in answered,
        cpu_ms=cpu_ms,
        lines=len(lines.seen) - before,
        size=len(response["body"]),
        body=attack.body,
    )
    return cost, answered
