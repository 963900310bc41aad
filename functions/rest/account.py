"""Sessions, second factors and screens: their ports over one directory, and all their routes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import token_bytes
from typing import Any, Protocol

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from cnc.cloud.sms import StageSms
from cnc.cloud.store.audit import AuditStore
from cnc.cloud.store.factors import FactorStore
from cnc.cloud.store.screens import ScreenStore
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.store.subscriptions import SubscriptionStore
from cnc.cloud.tenancy import Clients, Directory, acting_for
from cnc.cloud.tenancy.pairings import PairingTable
from cnc.cloud.tenancy.policies import PolicyTable
from cnc.cloud.tenancy.session_rows import SessionTable
from cnc.cloud.websocket import ConnectionPost
from cnc.domain.base.clock import utc_now
from cnc.services.attached import Closer
from cnc.services.caller import Caller
from cnc.services.step_up import MAX_AGE_S, step_up
from cnc.services.subscriptions import Sockets
from functions.rest.factor import FactorPorts, add_factor
from functions.rest.screens import ScreenPorts, add_screens
from functions.rest.sessions import SessionPorts, add_sessions


class Places(Protocol):
    """Any settings with these."""

    @property
    def shop_table(self) -> str: ...
    @property
    def audit_table(self) -> str: ...
    @property
    def directory_table(self) -> str: ...
    @property
    def websocket_url(self) -> str: ...
    @property
    def sms_through(self) -> str: ...
    @property
    def sms_secret(self) -> str: ...


@dataclass(frozen=True, slots=True)
class AccountPorts:
    """What the routes need. `step_up` is for every other route that is dangerous; `closer` ends sockets."""

    sessions: SessionPorts
    factor: FactorPorts
    screens: ScreenPorts
    step_up: Callable[..., object]
    closer: Closer


def account_ports(
    clients: Clients, places: Places, *, caller: Callable[[], Caller], event: Callable[[], Mapping[str, Any]]
) -> AccountPorts:
    """Over the clients of this process; `caller` and `event` are of the request at hand."""
    own, table = clients.own("dynamodb"), places.directory_table
    rows, pairings = SessionTable(own, table=table), PairingTable(own, table=table)
    shop, factors = ShopStore(clients, table=places.shop_table), FactorStore(clients, table=places.shop_table)
    audit = AuditStore(clients.tenant("dynamodb"), table=places.audit_table)
    closer = Closer(
        post=lambda: ConnectionPost(clients.own("apigatewaymanagementapi", endpoint_url=places.websocket_url)),
        sockets=Sockets(
            connections=Directory(own, table=table),
            registrations=SubscriptionStore(clients, table=places.shop_table),
        ),
        sessions=rows,
        acting_for=acting_for,
    )
    sessions = SessionPorts(
        caller=caller,
        rows=rows,
        factors=factors,
        people=shop,
        closer=closer,
        tallies=pairings,
        sms=StageSms(
            through=places.sms_through,
            sns=lambda: clients.own("sns"),
            secret=lambda: str(
                clients.own("secretsmanager").get_secret_value(SecretId=places.sms_secret)["SecretString"]
            ),
        ),
        audit=audit,
        random=token_bytes,
        now=utc_now,
    )
    screens = ScreenPorts(
        caller=caller,
        event=event,
        pairings=pairings,
        tallies=pairings,
        screens=ScreenStore(clients, table=places.shop_table),
        sites=shop,
        sessions=rows,
        close=closer.close,
        audit=audit,
        random=token_bytes,
        now=utc_now,
    )
    return AccountPorts(
        sessions=sessions,
        factor=FactorPorts(sessions, policies=lambda: PolicyTable(own, table=table)),
        screens=screens,
        step_up=lambda who, max_age_s=MAX_AGE_S: step_up(
            who, max_age_s, sessions=rows, now=utc_now(), has_factor=_confirmed(factors, who)
        ),
        closer=closer,
    )


def add_account(app: APIGatewayHttpResolver, ports: AccountPorts) -> None:
    """Add the routes."""
    add_sessions(app, ports.sessions)
    add_factor(app, ports.factor)
    add_screens(app, ports.screens)


def _confirmed(factors: FactorStore, who: Caller) -> bool:
    held = factors.get(who.subject) if who.tenant else None
    return held is not None and held.factor.confirmed
