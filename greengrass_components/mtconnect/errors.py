"""What can be wrong with an agent.

DriverError          (edge_kit) what the poll loop understands
├── BadDocument      an answer that is no MTConnect document, or one beyond the limits
└── Refused          the agent said no: an MTConnectError document, with its codes
"""

from collections.abc import Sequence

from greengrass_components.edge_kit.driver import DriverError


class BadDocument(DriverError):
    """What was seen and what was expected."""

    def __init__(self, *, seen: object, expected: str) -> None:
        super().__init__(f"saw {str(seen)[:120]!r}, expected {expected}")


class Refused(DriverError):
    """The errors of an MTConnectError document as (code, text)."""

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        told = "; ".join(f"{code}: {text}"[:200] for code, text in errors[:3])
        super().__init__(f"the agent refused: {told or 'without a reason'}")
        self.codes = frozenset(code for code, _ in errors)
