"""The parameter guardian: what changes on a control outside of the gate raises an alarm that a person has to clear."""

from typing import Final

from cnc.domain.identity.permissions import Permission
from cnc.domain.programs.change import Actor, person
from cnc.domain.programs.snapshot import Drift
from cnc.domain.telemetry.events import Event
from cnc.services.audit import Effect
from cnc.services.ingest.alarms import AlarmMoved, Alarms, apply_alarm, applying_alarm
from cnc.services.programs.library import MachineDrift, machine_drift
from cnc.services.programs.place import known_machine
from cnc.services.programs.ports import GateStores
from cnc.services.programs.trail import noted

#: Alarms of the product itself have no boot of a journal; the time of the snapshot orders them.
_BOOT: Final = "0" * 16
_TYPE: Final = "GATE"
_NUMBER: Final = "drift"
_MOST_NAMED: Final = 5
_ATTEMPTS: Final = 5


def watch_drift(machine: str, *, source: str, stores: GateStores, alarms: Alarms) -> bool:
    """After a new snapshot: whether it differs from the one before without a released change; then an alarm stands."""
    found = machine_drift(machine, stores=stores)
    if found is None or not found.found:
        return False
    data = {"number": _NUMBER, "type": _TYPE, "text": drift_text(found), "active": True}
    event = Event(source=source, boot=_BOOT, seq=found.until_ms, at_ms=found.until_ms, type="alarm", data=data)
    return apply_alarm(event, machine=machine, alarms=alarms)


def acknowledge_drift(machine: str, *, by: Actor, stores: GateStores, alarms: Alarms, now_ms: int) -> None:
    """A person says that the change outside of the gate is known. Raises CncError `auth.forbidden`."""
    person(by.at(known_machine(machine, shop=stores.shop).site), Permission.DRIFT_ACKNOWLEDGE)
    for attempt in range(_ATTEMPTS):
        effects = _clearing(machine, stores=stores, alarms=alarms, now_ms=now_ms)
        try:
            noted("drift.acknowledged", by=by, subject=machine, stores=stores, now_ms=now_ms, effects=effects)
        except AlarmMoved:  # a snapshot came in between: look again
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            return


def _clearing(machine: str, *, stores: GateStores, alarms: Alarms, now_ms: int) -> list[Effect]:
    effects: list[Effect] = []
    for snapshot in stores.snapshots.newest(machine, most=1):
        data = {"number": _NUMBER, "type": _TYPE, "active": False}
        event = Event(source=snapshot.source, boot=_BOOT, seq=now_ms, at_ms=now_ms, type="alarm", data=data)
        effects += applying_alarm(event, machine=machine, alarms=alarms)
    return effects


def drift_text(drift: MachineDrift) -> str:
    """What people read: which items changed, came or went."""
    named = [f"{one.name.rpartition('/')[2] or one.kind} {_verb(one)}" for one in drift.found[:_MOST_NAMED]]
    more = len(drift.found) - len(named)
    return f"Changed outside of the gate: {', '.join(named)}" + (f" and {more} more" if more > 0 else "")


def _verb(one: Drift) -> str:
    if not one.before:
        return "is new"
    return "changed" if one.after else "is gone"
