"""The company itself: its name and sites, closing it for a while, opening it again, and its end."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from cnc.domain.base.clock import to_ms
from cnc.domain.base.errors import CncError
from cnc.domain.base.ids import check_id, new_id
from cnc.domain.identity.permissions import Permission
from cnc.services.audit import Action, refusals_noted
from cnc.services.caller import ACTIVE, Caller
from cnc.services.membership import Membership, memberships_of
from cnc.services.people.ports import Desk, Directory
from cnc.services.people.signing_up import known_zone, named
from cnc.services.shop import Site, Tenant

SUSPENDED: Final = "suspended"
DELETING: Final = "deleting"
MOST_SITES: Final = 100


def company(*, desk: Desk) -> Tenant:
    """Raises CncError `tenant.not_found`."""
    found = desk.people.tenant()
    if found is None:
        raise CncError("tenant.not_found")
    return found


def rename(name: str, *, by: Caller, desk: Desk, now: datetime) -> Tenant:
    """Raises CncError `auth.forbidden`; BadValue."""
    by.require(Permission.TENANT_MANAGE)
    shown = named(name)
    before = company(desk=desk)
    desk.audit.commit(
        Action(by.subject, "tenant.renamed", by.tenant, "done", to_ms(now)), [desk.people.renaming(shown)]
    )
    desk.directory.set_tenant(by.tenant, facts={"name": shown})
    return before._replace(name=shown)


def add_site(name: str, *, time_zone: str, by: Caller, desk: Desk, now: datetime) -> Site:
    """Raises CncError `auth.forbidden`, `limit.rate`; BadValue."""
    by.require(Permission.TENANT_MANAGE)
    site = Site(new_id("s", desk.random), named(name), known_zone(time_zone))
    if len(desk.people.sites()) >= MOST_SITES:
        raise CncError("limit.rate", seen=f"{MOST_SITES} sites", expected=f"at most {MOST_SITES}")
    _put(site, "site.created", by=by, desk=desk, now=now)
    return site


def change_site(site: str, name: str, *, time_zone: str, by: Caller, desk: Desk, now: datetime) -> Site:
    """Raises CncError `site.not_found`, `auth.forbidden`; BadValue."""
    check_id("s", site)
    if not any(one.id == site and by.sees(one.id) for one in desk.people.sites()):
        raise CncError("site.not_found", todo="Take the id from `sites`.")
    by.require(Permission.TENANT_MANAGE)
    changed = Site(site, named(name), known_zone(time_zone))
    _put(changed, "site.changed", by=by, desk=desk, now=now)
    return changed


def suspend(*, by: Caller, desk: Desk, now: datetime) -> None:
    """Close the company: nobody gets in but to open it again or to take their data along; gateways' data is kept.

    Closed before it is noted: a log that is busy keeps nothing open.
    """
    action = Action(by.subject, "tenant.suspended", by.tenant, "done", to_ms(now))
    with refusals_noted(action, log=desk.audit):
        by.require(Permission.TENANT_MANAGE)
    desk.directory.set_tenant(by.tenant, facts={"status": SUSPENDED, "suspended_by": by.subject})
    desk.audit.commit(action)


def resume(*, by: Caller, desk: Desk, now: datetime) -> None:
    """Open it again. Raises CncError `auth.forbidden`, `tenant.suspended` when the company did not close it itself."""
    action = Action(by.subject, "tenant.resumed", by.tenant, "done", to_ms(now))
    with refusals_noted(action, log=desk.audit):
        by.require(Permission.TENANT_RESUME)
        row = desk.directory.tenant(by.tenant)
        facts = row.facts if row else {}
        if facts.get("status", ACTIVE) == ACTIVE:
            return
        if facts["status"] != SUSPENDED or not facts.get("suspended_by", "").startswith("u_"):
            todo = "Ask the operator of the service."
            raise CncError("tenant.suspended", seen=facts["status"], expected="closed by the company itself", todo=todo)
    desk.audit.commit(action)
    desk.directory.set_tenant(by.tenant, facts={"status": ACTIVE, "suspended_by": ""})


def delete(confirmation: str, *, by: Caller, desk: Desk, erase: Callable[[], None], now: datetime) -> None:
    """End the company and begin the erasure of all it holds. `confirmation` is its name, typed.

    Raises CncError `auth.forbidden`, `request.invalid`.
    """
    action = Action(by.subject, "tenant.deleted", by.tenant, "done", to_ms(now))
    with refusals_noted(action, log=desk.audit):
        by.require(Permission.TENANT_DELETE)
        name = company(desk=desk).name
        if confirmation != name:
            raise CncError("request.invalid", seen=confirmation, expected=f"the company's name: {name}")
    desk.directory.set_tenant(by.tenant, facts={"status": DELETING})
    desk.audit.commit(action)
    erase()


def own_memberships(caller: Caller, *, directory: Directory, now: datetime) -> list[Membership]:
    """Every company that this person belongs to."""
    row = directory.user(issuer=caller.issuer, subject=caller.login)
    return [one for one in memberships_of(row) if not one.ended(now)]


def _put(site: Site, action: str, *, by: Caller, desk: Desk, now: datetime) -> None:
    desk.audit.commit(Action(by.subject, action, site.id, "done", to_ms(now)), [desk.people.putting_site(site)])
