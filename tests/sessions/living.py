"""People who signed in a moment ago, as rows of the directory say it."""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from cnc.cloud.store.shop import ShopStore
from cnc.cloud.tenancy import acting_for
from cnc.cloud.tenancy.session_rows import SessionTable
from cnc.domain.base.clock import to_ms, utc_now
from cnc.services.caller import Caller
from cnc.services.sessions import Session
from cnc.services.shop import User
from tests.api.issuer import ISSUER
from tests.cloud.fixtures import Cloud


def signed_in(caller: Caller, *, cloud: Cloud, at: datetime | None = None, device: str = "test") -> Caller:
    """The caller with a session that began at `at` (now), and with a row among the people of the shop."""
    rows, now_ms = SessionTable(cloud.raw, table=cloud.tables["directory"]), to_ms(at or utc_now())
    id_ = sha256(f"{caller.subject} {device} {now_ms}".encode()).hexdigest()
    session = Session(id_, caller.tenant, ISSUER, caller.subject, now_ms, now_ms, now_ms, device=device)
    rows.add(session)
    rows.enlist(session, forget=frozenset())
    user = User(caller.subject, ISSUER, caller.subject, "x@example.test", caller.subject, caller.roles)
    with acting_for(caller.tenant):
        ShopStore(cloud.clients, table=cloud.tables["shop"]).put_user(user)
    return replace(caller, session=id_, issuer=ISSUER, login=caller.subject)
