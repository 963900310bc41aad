"""Answer REST under `/v1`."""

from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from secrets import token_bytes
from typing import Any

from cnc.cloud.iot import GatewayChannel
from cnc.cloud.observability import Observer
from cnc.cloud.programs import gate_stores
from cnc.cloud.rates import Rates
from cnc.cloud.settings import (
    Accounts,
    Anchors,
    Audit,
    Bucket,
    IotData,
    Keys,
    Mail,
    Process,
    Shop,
    SignIn,
    Sms,
    Telemetry,
    TenantErasure,
    TenantExport,
    WebSocket,
    WriteKey,
    load,
)
from cnc.cloud.settings import Directory as DirectorySettings
from cnc.cloud.store.alarms import AlarmStore
from cnc.cloud.store.anchors import AnchorStore
from cnc.cloud.store.audit import AuditStore
from cnc.cloud.store.changes import SwitchStore
from cnc.cloud.store.factors import FactorStore, ProbeStore
from cnc.cloud.store.idempotency import IdempotencyStore
from cnc.cloud.store.reads import read_stores
from cnc.cloud.store.sealed import pseudonym
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.store.usage import UsageStore
from cnc.cloud.tenancy import Clients, Directory, acting_for
from cnc.domain.base.clock import utc_now
from cnc.domain.base.errors import CncError
from cnc.domain.rates.costs import cost_of_route
from cnc.services.audit import Circumstances, under
from cnc.services.caller import Caller
from cnc.services.entrance import Response, serve, verified
from cnc.services.keys import KeyDesk
from cnc.services.problem import problem_response
from cnc.services.read.reads import ShopReads
from cnc.services.visits import viewer_of
from functions.rest.account import account_ports
from functions.rest.administration import administration_ports
from functions.rest.admission import admit, is_open
from functions.rest.api import Ports, build, methods_of
from functions.rest.audit import AuditPorts
from functions.rest.audited import lacks_entry
from functions.rest.body import check_body
from functions.rest.connect import ConnectPorts
from functions.rest.keys import KeyPorts
from functions.rest.once import answered_once
from functions.rest.privacy_ports import privacy_ports
from functions.rest.sign_in import Outside, sign_in_ports
from functions.rest.vault import VaultPorts


@dataclass(frozen=True, kw_only=True)
class Settings(
    Process,
    Telemetry,
    Shop,
    Audit,
    Anchors,
    Bucket,
    DirectorySettings,
    IotData,
    WriteKey,
    WebSocket,
    Sms,
    Accounts,
    Mail,
    Keys,
    TenantExport,
    TenantErasure,
    SignIn,
):
    """What this function reads from its environment."""


#: Of all routes together; the router knows which path answers which.
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")

settings = load(Settings)
observer = Observer("rest")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
stores = read_stores(clients, settings)
marks = IdempotencyStore(clients, table=settings.shop_table)
rates = Rates(clients, table=settings.shop_table, observer=observer)


def _event() -> dict[str, Any]:
    event: dict[str, Any] = app.current_event.raw_event
    return event


def _request() -> dict[str, Any]:
    context: dict[str, Any] = _event()["requestContext"]
    return context


def _caller() -> Caller:
    return verified({"requestContext": _request()})


def _key_desk() -> KeyDesk:
    return KeyDesk(
        shop=ShopStore(clients, table=settings.shop_table),
        directory=Directory(clients.own("dynamodb"), table=settings.directory_table),
        audit=AuditStore(clients.tenant("dynamodb"), table=settings.audit_table),
        random=token_bytes,
    )


def _fits(key: str, signature: bytes, signed: bytes) -> bool:
    """Imported when the first anchor is looked at."""
    from cnc.cloud.ed25519 import fits

    return fits(key, signature, signed)


def _channel() -> GatewayChannel:
    return GatewayChannel(clients.tenant("iot-data", endpoint_url=settings.iot_data_endpoint))


@cache
def outside() -> Outside:
    """Made when somebody sets up a sign-in."""
    return Outside.of(settings)


def _sign(text: bytes) -> bytes:
    """Imported when the first order is signed: nothing else here needs the library."""
    from cnc.cloud.write_key import WriteKey as Key

    return Key(clients.own("secretsmanager"), secret_id=settings.write_secret).sign(text)


account = account_ports(clients, settings, caller=_caller, event=_event)
administration = administration_ports(clients, settings, caller=_caller, account=account)
privacy = privacy_ports(
    clients, settings, caller=_caller, account=account, administration=administration, keys=_key_desk
)
sign_in = sign_in_ports(clients, settings, caller=_caller, event=_event, account=account, outside=lambda: outside())
app = build(
    Ports(
        caller=_caller,
        reads=lambda caller: ShopReads(stores, caller=caller),
        tickets=Directory(clients.own("dynamodb"), table=settings.directory_table),
        random=token_bytes,
        now=utc_now,
        request_id=lambda: str(_request().get("requestId", "")),
        report=lambda error: observer.log.error("failed", exc_info=error),
        vault=VaultPorts(
            caller=_caller,
            stores=lambda: gate_stores(clients, settings, tenant=_caller().tenant),
            places=ShopStore(clients, table=settings.shop_table),
            commands=_channel,
            sign=_sign,
            factors=FactorStore(clients, table=settings.shop_table),
            switches=SwitchStore(clients, table=settings.shop_table),
            alarms=AlarmStore(clients.tenant("dynamodb"), table=settings.telemetry_table),
            now=utc_now,
        ),
        connect=ConnectPorts(
            caller=_caller,
            shop=ShopStore(clients, table=settings.shop_table),
            probes=ProbeStore(clients, table=settings.shop_table),
            audit=AuditStore(clients.tenant("dynamodb"), table=settings.audit_table),
            channel=_channel,
            random=token_bytes,
            now=utc_now,
        ),
        account=account,
        audit=AuditPorts(
            caller=_caller,
            chain=AuditStore(clients.tenant("dynamodb"), table=settings.audit_table),
            anchors=AnchorStore(lambda: clients.tenant("s3"), bucket=settings.anchor_bucket),
            fits=_fits,
            now=utc_now,
        ),
        administration=administration,
        sign_in=sign_in,
        privacy=privacy,
        keys=KeyPorts(
            caller=_caller,
            desk=_key_desk,
            usage=UsageStore(clients, table=settings.shop_table),
            step_up=account.step_up,
            now=utc_now,
        ),
    )
)


@observer.observed
def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    path = event["rawPath"]
    methods = methods_of(path, app)

    def answer(caller: Caller) -> Response:
        if not methods:
            raise CncError("path.not_found", seen=path)
        check_body(event)
        # People of no company act for none: their routes say for which one, once they may.
        tenant = acting_for(caller.tenant) if caller.tenant else nullcontext()
        with tenant, under(Circumstances(address, trace=request_id)) as noted:
            return answered_once(
                event, caller=caller, answer=lambda: carried_out(caller, noted), marks=marks, now=utc_now
            )

    def carried_out(caller: Caller, noted: list[str]) -> Response:
        response: Response = app.resolve(event, context)
        method = event["requestContext"]["http"]["method"]
        if caller.tenant and lacks_entry(method, event["rawPath"], status=int(response["statusCode"]), noted=noted):
            observer.log.warning("unaudited", extra={"route": f"{method} {event['rawPath']}"})
            observer.count({"Unaudited": 1})
        return response

    def address(actor: str) -> str:
        return pseudonym(actor, viewer_of(event)) if actor.startswith("u_") else ""

    def unknown() -> Response:
        check_body(event)
        return app.resolve(event, context)

    request_id = str(event["requestContext"].get("requestId", ""))
    return serve(
        event,
        methods=methods or METHODS,
        answer=answer,
        admit=lambda caller: admit(caller, event),
        unknown=unknown if is_open(event) else None,
        refuse=lambda error: problem_response(error, request_id=request_id),
        gauge=rates.gauge(cost_of_route(event["requestContext"]["http"]["method"], event["rawPath"])),
    )
