"""Decide who a request comes from: the one authorizer of `/graphql` and `/v1` (payload 2.0, simple response)."""

from dataclasses import dataclass
from typing import Any

from cnc.cloud.jwks import Jwks
from cnc.cloud.observability import Observer
from cnc.cloud.settings import Directory as DirectorySettings
from cnc.cloud.settings import Oidc, Process, load
from cnc.cloud.tenancy import Clients, Directory
from cnc.domain.base.clock import utc_now
from cnc.domain.base.errors import CncError
from cnc.services.credentials import Gate, caller_of


@dataclass(frozen=True, kw_only=True)
class Settings(Process, DirectorySettings, Oidc):
    """What this function reads from its environment."""


settings = load(Settings)
observer = Observer("authorizer")
clients = Clients(region=settings.aws_region, tenant_role_arn="")  # acts for nobody: it reads the directory alone
gate = Gate(
    keys=Jwks(issuer=settings.oidc_issuer),
    client_ids=frozenset(settings.oidc_client_id.split(",")),
    memberships=Directory(clients.own("dynamodb"), table=settings.directory_table),
)


@observer.observed
def lambda_handler(event: Any, _context: Any) -> dict[str, Any]:
    header = (event.get("headers") or {}).get("authorization")
    try:
        caller = caller_of(header, gate=gate, now=utc_now())
    except CncError as error:
        observer.log.info("refused", extra={"code": error.code, "why": str(error.__cause__ or "")})
        return {"isAuthorized": False}
    return {"isAuthorized": True, "context": {"tenant": caller.tenant, **caller.facts()}}
