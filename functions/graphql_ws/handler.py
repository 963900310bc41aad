"""Open and close sockets, and take the messages of GraphQL clients on them."""

from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from cnc_graphql.context import Context
from cnc_graphql.documents import load as load_documents
from cnc_graphql.socket import Exchange
from cnc_graphql.socket_routes import Door, Response, refused, route

from cnc.cloud.jwks import Jwks
from cnc.cloud.leases import LiveLeases
from cnc.cloud.observability import Observer
from cnc.cloud.origin_secret import OriginSecret
from cnc.cloud.rates import Rates
from cnc.cloud.settings import Directory as DirectorySettings
from cnc.cloud.settings import IotData, Oidc, Origin, Process, Shop, Telemetry, WebSocket, load
from cnc.cloud.store.reads import read_stores
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.store.subscriptions import SubscriptionStore
from cnc.cloud.tenancy import Clients, Directory, acting_for
from cnc.cloud.tenancy.session_rows import SessionTable
from cnc.cloud.websocket import ConnectionPost
from cnc.domain.base.clock import utc_now
from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller
from cnc.services.credentials import Gate, caller_of, names_a_key
from cnc.services.origin import OriginWall
from cnc.services.rates import Turn
from cnc.services.read.reads import ShopReads
from cnc.services.standing import Standing
from cnc.services.strangers import Sparing, Strangers
from cnc.services.subscriptions import Sockets
from cnc.services.visits import viewer_of


@dataclass(frozen=True, kw_only=True)
class Settings(Process, Telemetry, Shop, DirectorySettings, IotData, Oidc, Origin, WebSocket):
    """What this function reads from its environment."""

    portal_origin: str


settings = load(Settings)
observer = Observer("graphql_ws")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
directory = Directory(clients.own("dynamodb"), table=settings.directory_table)
sessions = SessionTable(clients.own("dynamodb"), table=settings.directory_table)
stores = read_stores(clients, settings)
leases = LiveLeases(clients, shop=ShopStore(clients, table=settings.shop_table), endpoint=settings.iot_data_endpoint)
sockets = Sockets(connections=directory, registrations=SubscriptionStore(clients, table=settings.shop_table))
documents = load_documents()
standing = Standing(directory)
rates = Rates(clients, table=settings.shop_table, observer=observer)
strangers, sparing = Strangers(), Sparing()
TO_OPEN = 5  # points of a socket
wall = OriginWall(OriginSecret(clients.own("secretsmanager"), name=settings.origin_secret).values)
post = ConnectionPost(clients.own("apigatewaymanagementapi", endpoint_url=settings.websocket_url))
gate = Gate(
    keys=Jwks(issuer=settings.oidc_issuer),
    client_ids=frozenset(settings.oidc_client_id.split(",")),
    memberships=directory,
    sessions=sessions,
)


def _credential(header: str | None) -> Caller:
    caller = caller_of(header, gate=gate, now=utc_now())
    caller.admit()
    return caller


def _context(caller: Caller, request_id: str, turn: Turn) -> Context:
    return Context(
        caller=caller,
        now=utc_now(),
        ports=ShopReads(stores, caller=caller),
        watches=leases,
        monotonic_s=monotonic,
        request_id=request_id,
        charge=turn.take_document,
    )


def _spend(caller: Caller, turn: Turn, points: int) -> None:
    try:
        turn.take(points)
    finally:
        rates.usage.count(caller, points=turn.points, sent_bytes=0, refused=turn.refused is not None)


def _exchange(connection: str, opened_by: Caller, request_id: str) -> Exchange:
    turn = rates.limiter.turn(opened_by, connection=connection)
    return Exchange(
        connection=connection,
        opened_by=opened_by,
        sockets=sockets,
        documents=documents,
        credential=_credential,
        context_of=lambda caller: _context(standing.checked(caller, now=utc_now()), request_id, turn),
        now=utc_now(),
        request_id=request_id,
        spend=lambda points: _spend(opened_by, turn, points),
    )


door = Door(
    origin=settings.portal_origin,
    tickets=directory,
    sockets=sockets,
    sessions=sessions,
    credential=_credential,
    acting_for=acting_for,
    exchange_of=_exchange,
    post=post,
    spend=lambda caller: _spend(caller, rates.limiter.turn(caller), TO_OPEN),
)


def _came_through_the_front(event: Any) -> bool:
    """Asked when a socket opens; later messages have no headers, they come over the socket that was let in."""
    if event["requestContext"]["eventType"] != "CONNECT":
        return True
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return wall.passes(headers, now=utc_now())


def _door(event: Any) -> Door:
    """Where a socket is opened, keys that nobody knows are counted by the address they come from."""
    if event["requestContext"]["eventType"] != "CONNECT":
        return door

    def credential(header: str | None) -> Caller:
        if header is None or not names_a_key(header):
            return _credential(header)
        return strangers.checked(header, address=viewer_of(event), now=utc_now(), verify=lambda: _credential(header))

    return replace(door, credential=credential)


@observer.observed
def lambda_handler(event: Any, _context_of_lambda: Any) -> Response:
    if not _came_through_the_front(event):
        observer.log.warning("past the front")
        return {"statusCode": 403}
    try:
        return route(event, door=_door(event), now=utc_now())
    except CncError as error:
        left_out = sparing.left_out(error.code, now=utc_now())
        if left_out is not None:
            why = str(error.__cause__ or "")
            observer.log.info("refused", extra={"code": error.code, "why": why, "left_out": left_out})
        return refused(error)
