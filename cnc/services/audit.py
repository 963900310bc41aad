"""Who did what to what: every change of state is written in one transaction with its entry of the tenant's chain.

    log.commit(action, [stores.changes.putting(change, seen_version=3)])

Either both are stored or neither is. A store makes an effect by a method in the -ing form (`putting`, `removing`) that
writes nothing yet. What lies outside of the tenant's own tables cannot be in the transaction (another role writes the
directory): what opens something comes after the commit, what closes something comes before it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Protocol

from cnc.domain.audit.entry import Action, Entry
from cnc.domain.base.errors import CncError

__all__ = ["Action", "AuditBusy", "AuditLog", "Circumstances", "Effect", "Entry", "note", "refusals_noted", "under"]


@dataclass(frozen=True, slots=True)
class Effect:
    """One change of one row. `write` is for the log alone; `refused()` is raised when its condition does not hold."""

    write: Mapping[str, Any]
    refused: Callable[[], Exception]


class AuditLog(Protocol):
    """The chain of the tenant acted for."""

    def commit(self, action: Action, effects: Sequence[Effect] = (), /) -> Entry:
        """Append the entry and make the effects, all or nothing.

        Raises the `refused()` of an effect whose condition does not hold, AuditBusy when others kept taking the next
        place; then nothing was stored. At most 99 effects and 4 MB, one effect per row (limits of DynamoDB).
        """
        ...


class AuditBusy(RuntimeError):
    """Others kept taking the next place of the chain; nothing was noted and nothing was done."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Of the request at hand: its id, for whom support acts, and the address it came from.

    `address(actor)` is a pseudonym under a key of the actor's own; it is asked for when something is noted.
    """

    address: Callable[[str], str] = lambda _actor: ""
    trace: str = ""
    on_behalf: str = ""


_UNKNOWN = Circumstances()
_noted: ContextVar[list[str] | None] = ContextVar("noted", default=None)
_circumstances: ContextVar[Circumstances] = ContextVar("circumstances", default=_UNKNOWN)


@contextmanager
def under(circumstances: Circumstances) -> Iterator[list[str]]:
    """Everything noted inside carries these; functions set them once per request. Yields the actions noted so far."""
    noted: list[str] = []
    tokens = _circumstances.set(circumstances), _noted.set(noted)
    try:
        yield noted
    finally:
        _circumstances.reset(tokens[0])
        _noted.reset(tokens[1])


def tell_noted(action: Action) -> None:
    """For logs: this action is in the chain now."""
    noted = _noted.get()
    if noted is not None:
        noted.append(action.action)


def circumstanced(action: Action) -> Action:
    """The action with what is known of the request at hand, where it does not say so itself."""
    known = _circumstances.get()
    return replace(
        action,
        address=action.address or known.address(action.actor),
        trace=action.trace or known.trace,
        on_behalf=action.on_behalf or known.on_behalf,
    )


def note(action: Action, *, log: AuditLog) -> Entry:
    """An entry of what changes no row: a refusal, a command that was sent. Raises AuditBusy."""
    return log.commit(action)


@contextmanager
def refusals_noted(action: Action, *, log: AuditLog) -> Iterator[None]:
    """What raises CncError inside is noted with its code as the result, then raised on."""
    try:
        yield
    except CncError as error:
        log.commit(replace(action, result=error.code))
        raise
