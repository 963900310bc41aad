"""Single-use tickets for opening a WebSocket: a browser sends no header there, and a token must not be in a URL."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller

LIFE = timedelta(seconds=30)
BYTES = 32

_FORM = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class Row(Protocol):
    @property
    def tenant(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, str]: ...


class NewTickets(Protocol):
    def add_ticket(self, ticket_hash: str, *, tenant: str, facts: Mapping[str, str], ends_at: datetime) -> None: ...


class OpenTickets(Protocol):
    """The first taker of a ticket gets it, within its life; everyone else gets None."""

    def take_ticket(self, ticket_hash: str, *, now: datetime) -> Row | None: ...


@dataclass(frozen=True, slots=True)
class Ticket:
    """`text` is shown once; only its SHA-256 is stored."""

    text: str = field(repr=False)
    ends_at: datetime


def issue(caller: Caller, *, tickets: NewTickets, random: Callable[[int], bytes], now: datetime) -> Ticket:
    """A ticket with which `caller` may connect once within 30 seconds."""
    text = urlsafe_b64encode(random(BYTES)).rstrip(b"=").decode()
    ticket = Ticket(text=text, ends_at=now + LIFE)
    tickets.add_ticket(_hash(text), tenant=caller.tenant, facts=caller.facts(), ends_at=ticket.ends_at)
    return ticket


def redeem(text: str, *, tickets: OpenTickets, now: datetime) -> Caller:
    """Who the ticket was made for; it is used up. Raises CncError(auth.invalid)."""
    row = tickets.take_ticket(_hash(text), now=now) if _FORM.fullmatch(text) else None
    if row is None:
        raise CncError("auth.invalid", expected="a ticket not older than 30 s, used once", todo="Ask for a new ticket.")
    return Caller.of_facts(row.tenant, row.facts)


def _hash(text: str) -> str:
    return sha256(text.encode("ascii")).hexdigest()
