"""Write one value of a control, read it back, and put the old one back when it differs."""

from cnc.domain.programs.tables import ValueTarget, same_number
from greengrass_components.focas.gate.ports import Control, Guard


async def settle_value(control: Control, target: ValueTarget, *, old: str, guard: Guard) -> str:
    """What stands there, after trying to put the old value back where it is neither: "new", "old" or "unknown".

    Idempotent. Raises ControlError and Denied when it cannot be told or done now.
    """
    now = await control.read_value(target)
    if same_number(now, target.value):
        return "new"
    if not same_number(now, old) and old:
        await guard()
        await control.write_value(target, old)
        now = await control.read_value(target)
    return "old" if same_number(now, old) else "unknown"
