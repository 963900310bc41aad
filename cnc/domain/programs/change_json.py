"""A change as a row of the store holds it."""

import json
from dataclasses import asdict
from typing import Any

from cnc.domain.programs.change import Approval, Change, ChangeState
from cnc.domain.programs.targets import target_from, target_to


def change_text(change: Change) -> str:
    """Compact JSON, keys sorted."""
    body = asdict(change) | {"v": 1, "target": target_to(change.target), "state": change.state.value}
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


def change_from(text: str) -> Change:
    """The change of `change_text`."""
    body: dict[str, Any] = json.loads(text)
    body.pop("v")
    return Change(
        **body
        | {
            "target": target_from(body["operation"], body["target"]),
            "state": ChangeState(body["state"]),
            "findings": tuple(body["findings"]),
            "approvals": tuple(Approval(**given) for given in body["approvals"]),
        }
    )
