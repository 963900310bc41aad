"""What a function needs to know from its environment: the only reader of `os.environ` in the product.

A function composes its settings from the small classes below and loads them at import:

    class Settings(Process, Telemetry, Shop): ...
    settings = load(Settings)

so that a missing or wrong variable fails the cold start with its name, not the third request of the night. The parts
are plain classes: what a dataclass generates for each of them would be compiled at every cold start and never used.
"""

import os
from collections.abc import Mapping
from inspect import get_annotations
from typing import TypeVar

Kind = TypeVar("Kind")


class BadSetting(Exception):
    """An environment variable is missing or cannot be read; the text names it."""

    def __init__(self, name: str, seen: object, expected: str) -> None:
        super().__init__(f"{name}: saw {seen!r}, expected {expected}")
        self.name = name


class Process:
    """Known to every function."""

    stage: str
    aws_region: str


class TenantRole:
    """The role that is assumed, tagged with one tenant, for everything that belongs to a tenant."""

    tenant_role_arn: str


class Telemetry(TenantRole):
    telemetry_table: str


class Shop(TenantRole):
    shop_table: str


class Audit(TenantRole):
    audit_table: str


class Directory:
    directory_table: str


class Bucket(TenantRole):
    bucket: str


class Keys(TenantRole):
    """Keys of people, and the key of the stage that wraps them."""

    keys_table: str
    person_key: str


class Accounts:
    """The pool that people sign in at."""

    user_pool: str


class DeadLetters:
    """URL of the queue of messages whose rule failed."""

    dead_letters: str


class TenantExport:
    function_tenant_export: str


class TenantErasure:
    function_tenant_erasure: str


class Anchors(TenantRole):
    """Bucket of the anchors of audit chains."""

    anchor_bucket: str


class AnchorKey:
    """Name of the secret that the key of anchors is made from."""

    anchor_key_secret: str


class FanOut:
    function_fan_out: str


class HourParquet:
    function_hour_parquet: str


class IotData(TenantRole):
    """Empty endpoint: the SDK's own for the account and region."""

    iot_data_endpoint: str = ""


class Oidc:
    oidc_issuer: str
    oidc_client_id: str


class SignIn(Oidc):
    """`loopback_fetch` is `1` in development alone: companies' providers may run on this computer."""

    user_pool: str
    portal_origin: str
    loopback_fetch: str = ""


class Origin:
    """Name of the secret that the front shows to the origins."""

    origin_secret: str


class WriteKey:
    """Name of the secret that the key of write orders is made from."""

    write_secret: str


class Mail:
    """The address that mail is sent from, and the portal's own, which its links lead to."""

    mail_sender: str
    portal_origin: str


class Sms:
    """The carrier of messages to phones, `sns` or `twilio`, and the name of the latter's secret."""

    sms_through: str = "sns"
    sms_secret: str = ""


class WebSocket:
    websocket_url: str


def load(kind: type[Kind], *, environ: Mapping[str, str] = os.environ) -> Kind:
    """Read every annotated name of `kind` and its parts from the variable of its upper-case name.

    They are `str` or `int`. Raises BadSetting for the first that is missing, empty or not a number.
    """
    loaded = object.__new__(kind)
    for field, type_ in _declared(kind).items():
        name = field.upper()
        text = environ.get(name, "")
        if text:
            object.__setattr__(loaded, field, _whole(name, text) if type_ is int else text)
        elif not hasattr(kind, field):
            raise BadSetting(name, environ.get(name), "a value that is not empty")
    return loaded


def load_silos(*, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Tenants with tables of their own: `SILOS`, such as `t_0123456789abcdef=acme`, separated by spaces.

    Raises BadSetting.
    """
    silos = {}
    for part in environ.get("SILOS", "").split():
        tenant, _, name = part.partition("=")
        if not tenant.startswith("t_") or not name:
            raise BadSetting("SILOS", part, "a tenant id, '=' and the name of its silo")
        silos[tenant] = name
    return silos


def _declared(kind: type) -> dict[str, object]:
    return {name: type_ for part in reversed(kind.__mro__) for name, type_ in get_annotations(part).items()}


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise BadSetting(name, text, "a whole number") from error
