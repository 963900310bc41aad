"""One event to everyone who asked for it: equal operations of equal rights run once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller
from cnc.services.subscriptions import Group, Registration, Sockets, disconnect, grouped
from cnc_graphql.context import Context
from cnc_graphql.errors import cnc_error
from cnc_graphql.run_subscription import Refused, run_subscription
from cnc_graphql.socket import Post, encoded, error_message, next_message


@dataclass(slots=True)
class Delivered:
    """What one event became."""

    runs: int = 0
    messages: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class FanOut:
    """Delivers events of the tenant that is acted for; `holds` says whether a caller still is what it was."""

    sockets: Sockets
    post: Post
    context_of: Callable[[Caller], Context]
    holds: Callable[[Caller], bool] = lambda _: True

    def deliver(self, *, now: datetime) -> Delivered:
        """Run every registered operation for the event in the context and post the results."""
        delivered = Delivered()
        alive = self._without_ended(self.sockets.registrations.all(), now)
        gone: set[str] = set()
        for group in grouped(alive):
            delivered.runs += 1
            self._deliver_group(group, gone, delivered)
        delivered.gone = len(gone)
        return delivered

    def _deliver_group(self, group: Group, gone: set[str], delivered: Delivered) -> None:
        try:
            payloads = run_subscription(group.first, context=self.context_of(group.first.caller))
        except Refused as refused:
            self._post_errors(group.members, refused.errors, gone)
            return
        for payload in payloads:
            for member in group.members:
                delivered.messages += self._post(member, encoded(next_message(member.operation, payload)), gone)

    def _post(self, member: Registration, message: bytes, gone: set[str]) -> bool:
        if member.connection in gone:
            return False
        if self.post(member.connection, message):
            return True
        gone.add(member.connection)
        disconnect(member.connection, sockets=self.sockets)
        return False

    def _post_errors(self, members: Iterable[Registration], errors: list[dict[str, object]], gone: set[str]) -> None:
        """An error ends an operation, so its row goes as well."""
        for member in members:
            if self._post(member, encoded(error_message(member.operation, errors)), gone):
                self.sockets.registrations.remove(member.connection, operations=[member.operation])

    def _without_ended(self, registrations: Iterable[Registration], now: datetime) -> list[Registration]:
        """Operations whose credential still holds; the others are told to connect again."""
        alive: list[Registration] = []
        expired = cnc_error(CncError("auth.expired", todo="Connect again with a fresh credential."), request_id="")
        gone: set[str] = set()
        for registration in registrations:
            if registration.caller.ended(now) or not self.holds(registration.caller):
                self._post_errors([registration], [expired], gone)
            else:
                alive.append(registration)
        return alive
