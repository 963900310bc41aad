"""Answer REST under `/v1`."""

from dataclasses import dataclass
from secrets import token_bytes
from typing import Any

from cnc.cloud.observability import Observer
from cnc.cloud.settings import Directory as DirectorySettings
from cnc.cloud.settings import Process, Shop, Telemetry, load
from cnc.cloud.store.reads import read_stores
from cnc.cloud.tenancy import Clients, Directory, acting_for
from cnc.domain.base.clock import utc_now
from cnc.services.caller import Caller
from cnc.services.entrance import Response, serve, verified
from cnc.services.problem import problem_response
from cnc.services.read.reads import ShopReads
from functions.rest.api import Ports, build
from functions.rest.body import check_body


@dataclass(frozen=True, kw_only=True)
class Settings(Process, Telemetry, Shop, DirectorySettings):
    """What this function reads from its environment."""


#: Of all routes together; the router knows which path answers which.
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")

settings = load(Settings)
observer = Observer("rest")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
stores = read_stores(clients, settings)


def _request() -> dict[str, Any]:
    context: dict[str, Any] = app.current_event.raw_event["requestContext"]
    return context


app = build(
    Ports(
        caller=lambda: verified({"requestContext": _request()}),
        reads=lambda caller: ShopReads(stores, caller=caller),
        tickets=Directory(clients.own("dynamodb"), table=settings.directory_table),
        random=token_bytes,
        now=utc_now,
        request_id=lambda: str(_request().get("requestId", "")),
        report=lambda error: observer.log.error("failed", exc_info=error),
    )
)


@observer.observed
def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    def answer(caller: Caller) -> Response:
        check_body(event)
        with acting_for(caller.tenant):
            return app.resolve(event, context)

    request_id = str(event["requestContext"].get("requestId", ""))
    return serve(
        event, methods=METHODS, answer=answer, refuse=lambda error: problem_response(error, request_id=request_id)
    )
