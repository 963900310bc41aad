"""The rows of the tenant acted for, as the values that services speak of."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, TypeVar

from pynamodb.exceptions import DoesNotExist, PutError

from cnc.cloud.store.effects import putting
from cnc.cloud.store.sealed import opened, sealed
from cnc.cloud.store.shop_rows import (
    ApiKeyRow,
    GatewayRow,
    MachineRow,
    ShopRow,
    SiteRow,
    TenantRow,
    UserRow,
    bind,
)
from cnc.cloud.tenancy import Clients, current
from cnc.domain.base.clock import from_ms, to_ms
from cnc.domain.identity.permissions import EVERYWHERE
from cnc.services.audit import Effect
from cnc.services.caller import packed_grants, unpacked_grants
from cnc.services.shop import ApiKey, Gateway, Machine, Site, Tenant, User

Row = TypeVar("Row", bound=ShopRow)


class ChangedMeanwhile(Exception):
    """Somebody else stored another version of the row; read it again and decide anew."""


class ShopStore:
    """Sites, machines, gateways, users and keys of the tenant acted for."""

    def __init__(self, clients: Clients, *, table: str) -> None:
        bind(clients, table=table)

    def put_tenant(self, tenant: Tenant, /) -> None:
        TenantRow(_p("I"), "tenant", name=tenant.name, created_ms=to_ms(tenant.created_at)).save()

    def tenant(self) -> Tenant | None:
        row = _get(TenantRow, "I", "tenant")
        return Tenant(current().tenant, row.name, from_ms(int(row.created_ms))) if row else None

    def put_site(self, site: Site, /) -> None:
        SiteRow(_p("S"), site.id, name=site.name, time_zone=site.time_zone).save()

    def site(self, site: str, /) -> Site | None:
        row = _get(SiteRow, "S", site)
        return _site(row) if row else None

    def sites(self) -> list[Site]:
        return [_site(row) for row in _all(SiteRow, "S")]

    def put_machine(self, machine: Machine, /) -> None:
        _machine_row(machine).save()

    def putting_machine(self, machine: Machine, /) -> Effect:
        return putting(_machine_row(machine))

    def machine(self, machine: str, /) -> Machine | None:
        row = _get(MachineRow, "M", machine)
        return _machine(row) if row else None

    def machines(self) -> list[Machine]:
        return [_machine(row) for row in _all(MachineRow, "M")]

    def put_gateway(self, gateway: Gateway, /, *, seen_version: int) -> None:
        """Raises ChangedMeanwhile when another version than the one seen is stored; 0 = none."""
        try:
            _gateway_row(gateway).save(condition=_gateway_at(seen_version))
        except PutError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                raise _moved(gateway, seen_version) from error
            raise

    def putting_gateway(self, gateway: Gateway, /, *, seen_version: int) -> Effect:
        """Refused with ChangedMeanwhile when another version than the one seen is stored; 0 = none."""
        row, condition = _gateway_row(gateway), _gateway_at(seen_version)
        return putting(row, condition=condition, refused=lambda: _moved(gateway, seen_version))

    def gateway(self, gateway: str, /) -> Gateway | None:
        row = _get(GatewayRow, "G", gateway)
        return _gateway(row) if row else None

    def site_of(self, gateway: str, /) -> str | None:
        found = self.gateway(gateway)
        return found.site if found else None

    def gateways(self) -> list[Gateway]:
        return [_gateway(row) for row in _all(GatewayRow, "G")]

    def put_user(self, user: User, /) -> None:
        user_row(user).save()

    def user(self, user: str, /) -> User | None:
        row = _get(UserRow, "U", user)
        return _user(row) if row else None

    def users(self) -> list[User]:
        return [_user(row) for row in _all(UserRow, "U")]

    def put_api_key(self, key: ApiKey, /) -> None:
        _api_key_row(key).save()

    def putting_api_key(self, key: ApiKey, /) -> Effect:
        return putting(_api_key_row(key))

    def api_key(self, key: str, /) -> ApiKey | None:
        row = _get(ApiKeyRow, "K", key)
        return _api_key(row) if row else None

    def api_keys(self) -> list[ApiKey]:
        return [_api_key(row) for row in _all(ApiKeyRow, "K")]

    def remove_api_key(self, key: str, /) -> None:
        ApiKeyRow(_p("K"), key).delete()


def _p(noun: str) -> str:
    return current().partition(noun)


def _get(kind: type[Row], noun: str, sort: str) -> Row | None:
    try:
        return kind.get(_p(noun), sort, consistent_read=True)
    except DoesNotExist:
        return None


def _all(kind: type[Row], noun: str) -> Iterator[Row]:
    return iter(kind.query(_p(noun), consistent_read=True))


def _split(text: str | None) -> tuple[str, ...]:
    return tuple(filter(None, (text or "").split(",")))


def _site(row: SiteRow) -> Site:
    return Site(row.s, row.name, row.time_zone)


def _machine_row(machine: Machine) -> MachineRow:
    return MachineRow(
        _p("M"),
        machine.id,
        name=machine.name,
        kind=machine.kind,
        cell=machine.cell,
        site=machine.site,
        simulated=machine.simulated,
        part_target=machine.part_target,
        gateway=machine.gateway or None,
        sources=",".join(machine.sources) or None,
    )


def _gateway_row(gateway: Gateway) -> GatewayRow:
    return GatewayRow(
        _p("G"),
        gateway.id,
        name=gateway.name,
        site=gateway.site,
        version=gateway.version,
        document=gateway.document,
        certificate=gateway.certificate or None,
    )


def _gateway_at(version: int) -> Any:
    return GatewayRow.version == version if version else GatewayRow.p.does_not_exist()


def _moved(gateway: Gateway, seen_version: int) -> ChangedMeanwhile:
    return ChangedMeanwhile(f"gateway {gateway.id} is not at version {seen_version} any more")


def _machine(row: MachineRow) -> Machine:
    return Machine(
        id=row.s,
        name=row.name,
        kind=row.kind,
        cell=row.cell,
        site=row.site,
        simulated=bool(row.simulated),
        part_target=None if row.part_target is None else int(row.part_target),
        gateway=row.gateway or "",
        sources=_split(row.sources),
    )


def _gateway(row: GatewayRow) -> Gateway:
    return Gateway(row.s, row.name, row.site, int(row.version), row.document, row.certificate or "")


def _user(row: UserRow) -> User:
    """Names are readable as long as the key of the person exists."""
    email, name = opened(row.s, row.email), opened(row.s, row.name)
    roles = _split(row.roles)
    return User(
        row.s,
        row.issuer,
        row.subject,
        email,
        name,
        roles,
        grants=unpacked_grants(row.grants) if row.grants else {EVERYWHERE: roles},
        ends_at=_moment(row.ends_ms),
        left_at=_moment(row.left_ms),
    )


def user_row(user: User) -> UserRow:
    """A person as stored: names sealed with the key of the person."""
    return UserRow(
        _p("U"),
        user.id,
        issuer=user.issuer,
        subject=user.subject,
        email=sealed(user.id, user.email),
        name=sealed(user.id, user.name),
        roles=",".join(user.roles),
        grants=packed_grants(user.grants) if user.grants else None,
        ends_ms=to_ms(user.ends_at) if user.ends_at else None,
        left_ms=to_ms(user.left_at) if user.left_at else None,
    )


def _moment(ms: float | None) -> datetime | None:
    return None if ms is None else from_ms(int(ms))


def _api_key_row(key: ApiKey) -> ApiKeyRow:
    return ApiKeyRow(
        _p("K"),
        key.id,
        name=key.name,
        key_hash=key.key_hash,
        scopes=",".join(key.scopes),
        roles=",".join(key.roles),
        created_ms=to_ms(key.created_at),
        ends_ms=to_ms(key.ends_at) if key.ends_at else None,
        prefix=key.prefix or None,
        sites=",".join(key.sites) or None,
        created_by=key.created_by or None,
        revoked_ms=to_ms(key.revoked_at) if key.revoked_at else None,
    )


def _api_key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=row.s,
        name=row.name,
        key_hash=row.key_hash,
        scopes=_split(row.scopes),
        roles=_split(row.roles),
        created_at=from_ms(int(row.created_ms)),
        ends_at=None if row.ends_ms is None else from_ms(int(row.ends_ms)),
        prefix=row.prefix or "",
        sites=_split(row.sites),
        created_by=row.created_by or "",
        revoked_at=None if row.revoked_ms is None else from_ms(int(row.revoked_ms)),
    )
