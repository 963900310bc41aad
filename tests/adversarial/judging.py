"""What every answer to a hostile request has to keep to."""

from collections.abc import Mapping
from typing import Any

from cnc.domain.base.errors import CODES
from tests.adversarial.asking import Cost

ANSWER_MS, REFUSAL_MS, LINES = 500.0, 50.0, 20
#: Python calls: a document of 600 tokens is read, measured, validated and refused with half of it.
CALLS = 75_000
ANSWER_BYTES = 8_192


def complaints(cost: Cost, answer: Mapping[str, Any], *, timed: bool = True) -> list[str]:
    """What is wrong with one answer; `timed` judges CPU time too, on a machine that is quiet enough."""
    found = said_badly(answer.get("errors", []))
    limit_ms = REFUSAL_MS if cost.refused else ANSWER_MS
    if timed and cost.cpu_ms > limit_ms:
        found.append(f"{cost.cpu_ms:.1f} ms")
    if cost.lines > LINES:
        found.append(f"{cost.lines} log lines")
    if cost.status >= 500 or cost.refused is ("data" in answer):
        found.append(f"status {cost.status}")
    if cost.refused and cost.size > ANSWER_BYTES:
        found.append(f"a refusal of {cost.size} bytes")
    return found


def said_badly(errors: list[Mapping[str, Any]]) -> list[str]:
    """Codes that are none of ours, or that say that the fault was ours."""
    codes = {error["extensions"]["code"] for error in errors}
    return [f"code {code}" for code in codes if code not in CODES or code == "internal.error"]
