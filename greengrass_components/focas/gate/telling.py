"""What the gate tells the cloud of the orders it was given."""

import logging
from pathlib import Path
from typing import Final

from greengrass_components.edge_kit.mailbox import outbox, report
from greengrass_components.focas.gate.gate import Outcome

log = logging.getLogger(__name__)
COMPONENT: Final = "focas"


def tell(outcome: Outcome, *, data: Path) -> bool:
    """Leave a `write_report` for the relay; whether it is kept. An order that could not be read is only logged."""
    order = outcome.order
    if order is None:
        log.error("an order was refused: %s at %s: %s", outcome.code, outcome.step, outcome.seen)
        return True
    log.warning("order %s: %s %s at %s", order.id, outcome.outcome, outcome.code, outcome.step)
    body = {
        "type": "write_report",
        "machine": order.machine,
        "order": order.id,
        "change": order.change,
        "outcome": outcome.outcome,
        "code": outcome.code,
        "step": outcome.step,
        "seen": dict(outcome.seen),
        "sha256": order.sha256 if outcome.outcome == "released" else "",
    }
    return report(outbox(data, COMPONENT), body)
