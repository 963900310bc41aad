"""Decide who a request comes from: the one authorizer of every HTTP route (payload 2.0, simple response).

What did not come through the front is refused here. A credential that is not good is not: API Gateway would say so in
two words, so the reason goes along, and `cnc.services.entrance` refuses with a body that helps.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cnc.cloud.jwks import Jwks
from cnc.cloud.observability import Observer
from cnc.cloud.origin_secret import OriginSecret
from cnc.cloud.settings import Directory as DirectorySettings
from cnc.cloud.settings import Oidc, Origin, Process, load
from cnc.cloud.tenancy import Clients, Directory
from cnc.cloud.tenancy.session_rows import SessionTable
from cnc.domain.base.clock import utc_now
from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller
from cnc.services.credentials import Gate, caller_of, names_a_key
from cnc.services.entrance import refusal
from cnc.services.origin import OriginWall
from cnc.services.recent import Recent
from cnc.services.strangers import Sparing, Strangers
from cnc.services.visits import viewer_of, visit_of


@dataclass(frozen=True, kw_only=True)
class Settings(Process, DirectorySettings, Oidc, Origin):
    """What this function reads from its environment."""


settings = load(Settings)
observer = Observer("authorizer")
clients = Clients(region=settings.aws_region, tenant_role_arn="")  # acts for nobody: it reads the directory alone
wall = OriginWall(OriginSecret(clients.own("secretsmanager"), name=settings.origin_secret).values)
gate = Gate(
    keys=Jwks(issuer=settings.oidc_issuer),
    client_ids=frozenset(settings.oidc_client_id.split(",")),
    memberships=Directory(clients.own("dynamodb"), table=settings.directory_table),
    sessions=SessionTable(clients.own("dynamodb"), table=settings.directory_table),
)
strangers, sparing = Strangers(), Sparing()
recent = Recent(lambda header, now, visit: caller_of(header, gate=gate, now=now, visit=visit))


@observer.observed
def lambda_handler(event: Any, _context: Any) -> dict[str, Any]:
    headers, now = event.get("headers") or {}, utc_now()
    if not wall.passes(headers, now=now):
        observer.log.warning("past the front", extra={"path": event.get("rawPath", "")})
        return {"isAuthorized": False}
    try:
        caller = _caller(headers.get("authorization"), event, now)
    except CncError as error:
        _note(error, now)
        return {"isAuthorized": True, "context": refusal(error)}
    return {"isAuthorized": True, "context": {"tenant": caller.tenant, **caller.facts()}}


def _caller(header: str | None, event: Any, now: datetime) -> Caller:
    def verify() -> Caller:
        return recent.caller(header, now=now, visit=visit_of(event))

    if header is None or not names_a_key(header):
        return verify()
    return strangers.checked(header, address=viewer_of(event), now=now, verify=verify)


def _note(error: CncError, now: datetime) -> None:
    if error.code == "auth.missing":  # the page and preflights carry none
        return
    left_out = sparing.left_out(error.code, now=now)
    if left_out is not None:
        why = str(error.__cause__ or "")
        observer.log.info("refused", extra={"code": error.code, "why": why, "left_out": left_out})
