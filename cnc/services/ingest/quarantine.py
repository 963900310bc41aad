"""Nothing a gateway sent is thrown away: what cannot be used is kept with its reason."""

from collections.abc import Sequence

from cnc.domain.base.errors import MalformedMessage
from cnc.domain.telemetry.chunk import HEADER
from cnc.services.ingest.ports import Assignment, Assignments, Quarantine, Refusal, Rows

UNKNOWN_GATEWAY = "gateway.not_found"
FOREIGN_SITE = "gateway.other_site"
FOREIGN_SOURCE = "source.not_assigned"


def assigned(assignments: Assignments, *, thing: str, site: str, sources: Sequence[str]) -> Assignment | Refusal:
    """What the gateway may speak for, or why it may not speak at all.

    A source that is not in the kept assignment is looked up afresh once: it may have been added just now.
    """
    found = assignments.of(thing)
    if found is None or not found.machines.keys() >= set(sources):
        found = assignments.of(thing, fresh=True)
    if found is None:
        return Refusal(UNKNOWN_GATEWAY)
    if found.site != site:
        return Refusal(FOREIGN_SITE)
    return found


def malformed(
    payload: bytes, *, error: MalformedMessage, thing: str, quarantine: Quarantine, received_ms: int
) -> Refusal:
    """Keep a message that could not be read at all."""
    refusal = Refusal(str(error))
    quarantine.keep(payload, thing=thing, refusals=[refusal], received_ms=received_ms)
    return refusal


def rows_told_by(chunk: bytes, *, source: str, machine: str = "") -> Rows:
    """The rows a damaged chunk claims to hold, if its header is long enough to claim any.

    They are declared as a gap only when the gateway asks for exactly these rows: a false claim hides nothing.
    """
    if len(chunk) < HEADER.size:
        return Rows(source, machine=machine)
    _, _, _, boot, first, _, _, rows, _, _ = HEADER.unpack_from(chunk)
    if not 1 <= first < 1 << 62 or not rows:
        return Rows(source, machine=machine)
    return Rows(source, boot.hex(), first, first + rows - 1, machine)
