"""Write one value of a control, read it back, and put the old one back when it differs."""

from decimal import Decimal, InvalidOperation

from cnc.domain.programs.tables import ValueTarget
from greengrass_components.focas.gate.ports import Control, Guard


async def settle_value(control: Control, target: ValueTarget, *, old: str, guard: Guard) -> str:
    """What stands there, after trying to put the old value back where it is neither: "new", "old" or "unknown".

    Idempotent. Raises ControlError and Denied when it cannot be told or done now.
    """
    now = await control.read_value(target)
    if same(now, target.value):
        return "new"
    if not same(now, old) and old:
        await guard()
        await control.write_value(target, old)
        now = await control.read_value(target)
    return "old" if same(now, old) else "unknown"


def same(one: str | None, other: str) -> bool:
    """Equal as numbers: controls add and drop zeros. A vacant value is "" and equals nothing but itself."""
    if one is None or not one or not other:
        return one == other
    try:
        return Decimal(one) == Decimal(other)
    except InvalidOperation:
        return False
