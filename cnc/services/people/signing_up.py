"""A signed-in person without a company makes one: the tenant, its first site, and themselves as owner and admin.

Which tenant it becomes is reserved first and under the person, so that the same request again, and two at once, make
the same one, whatever of it is there already.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tzdata  # noqa: F401 - the zones themselves: the runtime of Lambda need not have them

from cnc.domain.base.clock import to_ms
from cnc.domain.base.errors import BadValue, CncError
from cnc.domain.base.ids import new_id
from cnc.domain.identity.permissions import EVERYWHERE, Role
from cnc.domain.identity.sso import domain_of
from cnc.services.audit import Action
from cnc.services.caller import Caller
from cnc.services.membership import Membership, memberships_of
from cnc.services.people.ports import Desk, Directory, Random
from cnc.services.shop import Site, Tenant, User

#: New companies of one person in a day: more is no shop that begins.
MOST_A_DAY: Final = 3
FOUNDER: Final = (Role.OWNER.value, Role.ADMIN.value)


@dataclass(frozen=True, slots=True)
class NewCompany:
    """What a person says of the company and of themselves; `time_zone` is an IANA name, `email` a verified one."""

    name: str
    site_name: str
    time_zone: str
    person_name: str
    email: str


@dataclass(frozen=True, slots=True)
class Founded:
    """Ids of what was made."""

    tenant: str
    site: str
    user: str


def reserve(caller: Caller, *, directory: Directory, random: Random, now: datetime) -> Founded:
    """The ids that this person's company has or will have; `found` makes it, acting for the tenant.

    Raises CncError `membership.exists` for who belongs to another company, `limit.rate` beyond `MOST_A_DAY`.
    """
    who = {"issuer": caller.issuer, "subject": caller.login}
    held = [one for one in memberships_of(directory.user(**who)) if not one.ended(now)]
    row = directory.sign_up(**who)
    before = Founded(row.tenant, row.facts["site"], row.facts["user"]) if row else None
    if held:
        if before is not None and held[0].tenant == before.tenant:
            return before
        raise CncError("membership.exists", seen=held[0].tenant, expected="a person who belongs to no company yet")
    if before is not None and row is not None and directory.tenant(before.tenant) is None:
        return before  # an attempt that was cut off goes on
    fresh = Founded(new_id("t", random), new_id("s", random), new_id("u", random))
    facts = {"site": fresh.site, "user": fresh.user, **_counted(row.facts if row else {}, now)}
    if not directory.reserve_sign_up(**who, tenant=fresh.tenant, facts=facts, instead_of=row.tenant if row else ""):
        return reserve(caller, directory=directory, random=random, now=now)
    return fresh


def _counted(facts: Mapping[str, str], now: datetime) -> dict[str, str]:
    day = now.strftime("%Y-%m-%d")
    count = int(facts.get("count", "0")) if facts.get("day") == day else 0
    if count >= MOST_A_DAY:
        raise CncError("limit.rate", seen=f"{count} companies today", expected=f"at most {MOST_A_DAY} a day")
    return {"day": day, "count": str(count + 1)}


def found(ids: Founded, wish: NewCompany, *, caller: Caller, desk: Desk, now: datetime) -> Founded:
    """Make the company, acting for its id. Again is harmless: what is there stays as it is. Raises BadValue."""
    tenant = Tenant(ids.tenant, named(wish.name), now)
    site = Site(ids.site, named(wish.site_name), known_zone(wish.time_zone))
    grants = {EVERYWHERE: FOUNDER}
    user = User(ids.user, caller.issuer, caller.login, wish.email, named(wish.person_name), FOUNDER, grants)
    if desk.people.tenant() is None:
        effects = [desk.people.putting_tenant(tenant), desk.people.putting_site(site), desk.people.putting_user(user)]
        try:
            desk.audit.commit(Action(ids.user, "tenant.created", ids.tenant, "done", to_ms(now)), effects)
        except CncError as error:
            if error.code != "tenant.exists":
                raise
    membership = Membership(ids.tenant, ids.user, grants, since_ms=to_ms(now), domain=domain_of(wish.email))
    try:
        desk.directory.add_membership(issuer=caller.issuer, subject=caller.login, membership=membership)
    except CncError as error:
        if error.code != "membership.exists":
            raise
    facts = {"name": tenant.name, "created_ms": str(to_ms(now)), "cell": "1", "status": "active"}
    desk.directory.add_tenant(ids.tenant, facts=facts)
    return ids


def named(text: str) -> str:
    """A name for people to read. Raises BadValue."""
    shown = " ".join(text.split())
    if not 1 <= len(shown) <= 100 or not shown.isprintable():
        raise BadValue(seen=text[:120], expected="a name of 1 to 100 characters that can be read")
    return shown


def known_zone(name: str) -> str:
    """An IANA time zone. Raises BadValue."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadValue(seen=name[:120], expected="an IANA time zone such as Europe/Berlin") from error
    return name
