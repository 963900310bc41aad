"""Everything that is done to a change is noted first; what is refused is noted with the code of the refusal."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from cnc.domain.base.errors import CncError
from cnc.domain.programs.change import Actor
from cnc.services.audit import Action, note
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
) -> None:
    """Append to the audit log; `more` goes in by its digest. Raises AuditBusy, and then nothing may be done."""
    text = json.dumps(more, sort_keys=True, default=str) if more else ""
    request = sha256(text.encode()).hexdigest() if text else ""
    note(Action(by.id, action, subject, result, now_ms, request), log=stores.audit)


@contextmanager
def refusals_noted(action: str, *, by: Actor, subject: str, stores: GateStores, now_ms: int) -> Iterator[None]:
    """What raises CncError inside is noted as refused, then raised on."""
    try:
        yield
    except CncError as error:
        noted(action, by=by, subject=subject, stores=stores, now_ms=now_ms, result=error.code)
        raise
