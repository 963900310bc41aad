"""Everything that is done to a change is noted with it; what is refused is noted with the code of the refusal."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from cnc.domain.audit.entry import digest
from cnc.domain.programs.change import Actor, Change
from cnc.domain.programs.change_json import change_text
from cnc.services import audit
from cnc.services.audit import Action, Effect
from cnc.services.programs.ports import GateStores


def noted(
    action: str,
    *,
    by: Actor,
    subject: str,
    stores: GateStores,
    now_ms: int,
    result: str = "done",
    more: Mapping[str, Any] | None = None,
    before: str = "",
    after: str = "",
    effects: Sequence[Effect] = (),
) -> None:
    """Append to the audit log and make the effects; `more` goes in by its digest. Raises as `AuditLog.commit` does."""
    request = digest(more or None)
    stores.audit.commit(
        Action(by.id, action, subject, result, now_ms, request=request, before=before, after=after), effects
    )


def change_digest(change: Change) -> str:
    """What `before` and `after` of its entries hold."""
    return digest(change_text(change))


def refusals_noted(
    action: str, *, by: Actor, subject: str, stores: GateStores, now_ms: int
) -> AbstractContextManager[None]:
    """What raises CncError inside is noted as refused, then raised on."""
    return audit.refusals_noted(Action(by.id, action, subject, "", now_ms), log=stores.audit)
