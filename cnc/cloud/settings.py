"""What a function needs to know from its environment: the only reader of `os.environ` in the product.

A function composes its settings from the small classes below and loads them at import:

    class Settings(Process, Telemetry, Shop): ...
    settings = load(Settings)

so that a missing or wrong variable fails the cold start with its name, not the third request of the night. Without
`eq` and `repr`: nobody compares or prints settings, and every generated method is compiled at each cold start.
"""

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import TypeVar

Kind = TypeVar("Kind")


class BadSetting(Exception):
    """An environment variable is missing or cannot be read; the text names it."""

    def __init__(self, name: str, seen: object, expected: str) -> None:
        super().__init__(f"{name}: saw {seen!r}, expected {expected}")
        self.name = name


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Process:
    """Known to every function."""

    stage: str
    aws_region: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TenantRole:
    """The role that is assumed, tagged with one tenant, for everything that belongs to a tenant."""

    tenant_role_arn: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Telemetry(TenantRole):
    telemetry_table: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Shop(TenantRole):
    shop_table: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Audit(TenantRole):
    audit_table: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Directory:
    directory_table: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Bucket(TenantRole):
    bucket: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FanOut:
    function_fan_out: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class HourParquet:
    function_hour_parquet: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class IotData(TenantRole):
    """Empty endpoint: the SDK's own for the account and region."""

    iot_data_endpoint: str = ""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Oidc:
    oidc_issuer: str
    oidc_client_id: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Origin:
    """Name of the secret that the front shows to the origins."""

    origin_secret: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class WriteKey:
    """Name of the secret that the key of write orders is made from."""

    write_secret: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class WebSocket:
    websocket_url: str


def load(kind: type[Kind], *, environ: Mapping[str, str] = os.environ) -> Kind:
    """Read every field of the dataclass `kind` from the variable of its upper-case name.

    Fields are `str` or `int`. Raises BadSetting for the first that is missing, empty or not a number.
    """
    values: dict[str, str | int] = {}
    for field in fields(kind):  # type: ignore[arg-type]
        name = field.name.upper()
        text = environ.get(name, "")
        if text:
            values[field.name] = _whole(name, text) if field.type is int else text
        elif field.default is MISSING:
            raise BadSetting(name, environ.get(name), "a value that is not empty")
    return kind(**values)


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise BadSetting(name, text, "a whole number") from error
