"""Signals of a machine: those it has now, and which names of a question are none of its."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from cnc.domain.telemetry.schema import Schema
from cnc.services.ingest.ports import Newest
from cnc.services.read.facts import SignalFacts
from cnc.services.read.ports import ReadStores
from cnc.services.read.presence import newest_of
from cnc.services.shop import Machine
from cnc.services.stored import SchemaReader

NEAR_NAMES = 5
#: Share of equal letters from which on a name counts as near.
NEAR = 0.5


def signals_of(newest: Iterable[Newest], schemas: SchemaReader) -> tuple[SignalFacts, ...]:
    """What the newest rows of a machine hold."""
    found: Mapping[str, SignalFacts] = {
        signal.key: SignalFacts(signal.key, signal.unit, signal.kind)
        for at in newest
        if (schema := schemas.get(bytes.fromhex(at.schema))) is not None
        for signal in schema.signals
    }
    return tuple(found.values())


def unknown_signals(
    asked: Sequence[str], *, told: Iterable[Schema], machine: Machine, stores: ReadStores
) -> dict[str, tuple[str, ...]]:
    """Names that neither the rows of the period (`told`) nor the newest ones have, each with the known ones near it.

    Of a machine whose signals nobody knows yet every name may be right.
    """
    known = {key for schema in told for key in schema.index}
    missing = [signal for signal in asked if signal not in known]
    if missing and machine.gateway:
        view = stores.views.of(machine.gateway)
        known.update(signal.key for signal in signals_of(newest_of(machine, view).values(), stores.schemas))
    return {signal: _near(signal, known) for signal in missing if signal not in known} if known else {}


def _near(signal: str, known: Collection[str]) -> tuple[str, ...]:
    from difflib import get_close_matches  # only for a wrong name, not in every cold start

    return tuple(get_close_matches(signal[:120], sorted(known), n=NEAR_NAMES, cutoff=NEAR))
