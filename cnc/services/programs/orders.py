"""Send the signed order of an approved change, and stop all writing."""

import json
from base64 import b64encode

from cnc.domain.base.errors import CncError
from cnc.domain.base.ids import new_id
from cnc.domain.identity.permissions import EVERYWHERE, Permission
from cnc.domain.programs import change as gate
from cnc.domain.programs.change import Actor, Change
from cnc.domain.programs.order import EVERYONE, LIFE_MS, NONCE_BYTES, Order
from cnc.services.audit import Action
from cnc.services.programs.drafts import newest_snapshot
from cnc.services.programs.place import Control, control_of, known_machine
from cnc.services.programs.ports import Commands, GateStores, Sign
from cnc.services.programs.steps import step
from cnc.services.programs.trail import noted, refusals_noted
from cnc.services.shop import Gateway


def order(change: str, *, by: Actor, stores: GateStores, commands: Commands, sign: Sign, now_ms: int) -> Change:
    """The change at `ordered`; its command is on the way and dies after 60 s.

    Stored before it is sent: an order that nobody knows of must not exist. Raises CncError as the gate does, and
    `writing.refused` when writing is stopped.
    """
    order_id = new_id("o", stores.random)
    after = step(
        "change.ordered",
        change,
        lambda found, by: _ordered(found, order_id, by=by, stores=stores, now_ms=now_ms),
        by=by,
        stores=stores,
        now_ms=now_ms,
    )
    control = control_of(after.machine, shop=stores.shop)
    text = _order(after, control, stores=stores, now_ms=now_ms).text()
    command = {
        "v": 1,
        "type": "write",
        "order": text,
        "signature": b64encode(sign(text.encode())).decode(),
        "content_url": stores.contents.link(after.sha256) if after.operation == "program" else "",
    }
    commands.command(_packed(command), site=control.site, thing=control.thing)
    return after


def set_writing(
    subject: str, *, machine: str, allowed: bool, by: Actor, stores: GateStores, commands: Commands, now_ms: int
) -> None:
    """Close or open the gate for the tenant, a site or a machine (`subject`); `machine` is the one it was asked at.

    Raises CncError `auth.forbidden`. A log that is busy keeps no gate open: what closes is stored by itself first, and
    once more with its entry.
    """
    needed = Permission.PROGRAM_ALLOW if allowed else Permission.PROGRAM_STOP
    site = EVERYWHERE if subject == stores.tenant else known_machine(machine, shop=stores.shop).site
    action = "writing.allowed" if allowed else "writing.stopped"
    with refusals_noted(action, by=by, subject=subject, stores=stores, now_ms=now_ms):
        gate.person(by.at(site), needed)
    if allowed:
        effect = stores.stops.allowing(subject)
        noted(action, by=by, subject=subject, stores=stores, now_ms=now_ms, effects=[effect])
    else:
        stores.stops.stop(subject)
    command = stop_command(subject, stopped=not allowed)
    for gateway in _in_reach(subject, machine=machine, stores=stores):
        commands.command(command, site=gateway.site, thing=gateway.id)
    if not allowed:
        effect = stores.stops.stopping(subject)
        noted(action, by=by, subject=subject, stores=stores, now_ms=now_ms, effects=[effect])


def set_writing_everywhere(*, allowed: bool, by: str, stores: GateStores, commands: Commands, now_ms: int) -> int:
    """Close or open the gate of the tenant acted for in the name of the product's operator; gateways told.

    Apart from the tenant's own stops, which stay as they are.
    """
    if not allowed:
        stores.stops.stop(EVERYONE)
    command, gateways = stop_command(EVERYONE, stopped=not allowed), list(stores.shop.gateways())
    for gateway in gateways:
        commands.command(command, site=gateway.site, thing=gateway.id)
    action = "writing.allowed" if allowed else "writing.stopped"
    effect = stores.stops.allowing(EVERYONE) if allowed else stores.stops.stopping(EVERYONE)
    stores.audit.commit(Action(by, action, EVERYONE, "done", now_ms), [effect])
    return len(gateways)


def stop_command(subject: str, *, stopped: bool) -> bytes:
    """The command that closes or opens a gateway's gate for the tenant, a site or a machine."""
    return _packed({"v": 1, "type": "stop_writing", "subject": subject, "stopped": stopped})


def _in_reach(subject: str, *, machine: str, stores: GateStores) -> list[Gateway]:
    """The gateways of the tenant, the site or the machine that `subject` names."""
    if subject == stores.tenant:
        return list(stores.shop.gateways())
    if subject == machine:
        control = control_of(machine, shop=stores.shop)
        return [gateway for gateway in stores.shop.gateways() if gateway.id == control.thing]
    return [gateway for gateway in stores.shop.gateways() if gateway.site == subject]


def _ordered(change: Change, order_id: str, *, by: Actor, stores: GateStores, now_ms: int) -> Change:
    control = control_of(change.machine, shop=stores.shop)
    stopped = stores.stops.stopped() & {EVERYONE, stores.tenant, control.machine.site, change.machine}
    if stopped:
        raise CncError("writing.refused", seen=f"stopped for {', '.join(sorted(stopped))}", expected="writing allowed")
    serial = newest_snapshot(change.machine, stores=stores).serial
    if serial != change.serial:
        raise CncError(
            "writing.refused",
            seen=f"control {serial}",
            expected=f"control {change.serial}, for which this was approved",
            todo="Draft the change again for the control that is there now.",
        )
    return gate.order(change, order_id=order_id, by=by, now_ms=now_ms)


def _order(change: Change, control: Control, *, stores: GateStores, now_ms: int) -> Order:
    first, second = (approval.by for approval in change.approvals)
    return Order(
        id=change.order,
        tenant=stores.tenant,
        site=control.site,
        thing=control.thing,
        machine=change.machine,
        source=control.source,
        serial=change.serial,
        change=change.id,
        operation=change.operation,
        target=change.target,
        sha256=change.sha256,
        present_sha256=change.present_sha256,
        approvers=(first, second),
        nonce=stores.random(NONCE_BYTES).hex(),
        not_before_ms=now_ms - 1000,
        expires_ms=now_ms - 1000 + LIFE_MS,
    )


def _packed(command: dict[str, object]) -> bytes:
    return json.dumps(command, separators=(",", ":"), sort_keys=True).encode()
