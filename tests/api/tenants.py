"""Two tenants in real tables, made by the product's own provisioning."""

import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_bytes
from types import ModuleType
from typing import Any

import pytest
from moto import mock_aws

from cnc.cloud.store.sealed import seal_with
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.tenancy import Clients, Directory, acting_for
from cnc.domain.rates.plans import PLANS
from cnc.services.caller import Caller
from cnc.services.provisioning import (
    create_api_key,
    create_gateway,
    create_machine,
    create_site,
    create_tenant,
    create_user,
    new_tenant,
)
from cnc.services.shop import Source
from tests.api.events import SHOWN
from tests.api.issuer import CLIENT_ID, ISSUER, Issuer
from tests.cloud.engine import client_of, make_table
from tests.cloud.fixtures import REGION, ROLE, Cloud, wrapping_key

__all__ = ["Shop", "cloud", "cold", "issuer", "ours", "theirs"]

ORIGIN = "https://portal.test"
ORIGIN_SECRET = "cnc-test-origin"
WRITE_SECRET = "cnc-test-write-key"
ENVIRONMENT = {
    "OIDC_ISSUER": ISSUER,
    "OIDC_CLIENT_ID": CLIENT_ID,
    "PORTAL_ORIGIN": ORIGIN,
    "ORIGIN_SECRET": ORIGIN_SECRET,
    "WRITE_SECRET": WRITE_SECRET,
    "USER_POOL": "eu-central-1_test",
    "MAIL_SENDER": "no-reply@cnc.test",
    "WEBSOCKET_URL": "http://127.0.0.1:9/live",
}


@dataclass(frozen=True)
class Shop:
    """One tenant: its machines, a gateway, an owner who signs in, and an API key."""

    tenant: str
    machines: tuple[str, ...]
    gateway: str
    site: str
    subject: str
    user: str
    secret: str
    key: Caller = field(repr=False)


class NoThings:
    def enrol(self, thing: str, *, site: str, csr_pem: str) -> Any:
        class Made:
            certificate_id = "c"
            pem = "p"

        return Made()


class NoChannel:
    def configure(self, document: bytes, *, site: str, thing: str) -> None: ...


def make(cloud: Cloud, name: str, *, machines: int, role: str = "owner") -> Shop:
    shop = ShopStore(cloud.clients, table=cloud.tables["shop"])
    directory = Directory(cloud.raw, table=cloud.tables["directory"])
    now = datetime.now(UTC)
    tenant = new_tenant(name, random=token_bytes, now=now)
    with acting_for(tenant.id):
        create_tenant(tenant, shop=shop, directory=directory)
        site = create_site("Main hall", time_zone="Europe/Berlin", shop=shop, random=token_bytes)
        made = [
            create_machine(
                f"{name} {n}", kind="mill", cell="A", site=site.id, shop=shop, random=token_bytes, simulated=True
            )
            for n in range(machines)
        ]
        gateway = create_gateway(
            "Gateway",
            tenant=tenant.id,
            site=site.id,
            csr_pem="",
            shop=shop,
            directory=directory,
            things=NoThings(),
            channel=NoChannel(),
            random=token_bytes,
            sources=[Source(id=f"d_{n:016d}", machine=machine.id, component="focas") for n, machine in enumerate(made)],
        )
        subject = f"sub-of-{name.lower()}"
        user = create_user(
            tenant=tenant.id,
            issuer=ISSUER,
            subject=subject,
            email=f"{name}@example.test",
            name=name,
            roles=[role],
            shop=shop,
            directory=directory,
            random=token_bytes,
        )
        key = create_api_key(
            "test",
            tenant=tenant.id,
            scopes=["read"],
            roles=["developer"],
            shop=shop,
            directory=directory,
            random=token_bytes,
            now=now,
        )
    caller = Caller(tenant.id, key.key.id, "key", ("developer",), frozenset({"api", "read"}))
    return Shop(
        tenant.id,
        tuple(machine.id for machine in made),
        gateway.gateway.id,
        site.id,
        subject,
        user.id,
        key.secret,
        caller,
    )


@pytest.fixture(scope="module")
def cloud(dynamodb_url: str) -> Iterator[Cloud]:
    """Empty tables in the real engine, moto for the sessions of tenants, and the environment of the template."""
    raw = client_of(dynamodb_url)
    tables = {
        noun: make_table(raw, noun, sort_key=noun != "directory")
        for noun in ("telemetry", "shop", "audit", "keys", "directory")
    }
    with pytest.MonkeyPatch.context() as patch, mock_aws(config={"core": {"mock_credentials": False}}):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_url)
        clients = Clients(region=REGION, tenant_role_arn=ROLE)
        made = Cloud(dynamodb_url, raw, clients, tables, person_key=wrapping_key())
        for name, value in (made.environment() | ENVIRONMENT).items():
            patch.setenv(name, value)
        made.clients.own("secretsmanager").create_secret(Name=ORIGIN_SECRET, SecretString=SHOWN)
        yield made
    seal_with(None)
    for name in tables.values():
        raw.delete_table(TableName=name)


@pytest.fixture(scope="module")
def ours(cloud: Cloud) -> Shop:
    return make(cloud, "Ours", machines=2)


@pytest.fixture(scope="module")
def theirs(cloud: Cloud) -> Shop:
    return make(cloud, "Theirs", machines=1)


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer.fresh()


@pytest.fixture(scope="module")
def cold(cloud: Cloud, issuer: Issuer) -> Callable[[str], ModuleType]:
    """Imports a handler as a new worker would, with the environment that the template gives."""

    def start(function: str) -> ModuleType:
        name = f"functions.{function}.handler"
        sys.modules.pop(name, None)
        module = importlib.import_module(name)
        if hasattr(module, "gate"):
            module.gate.keys._fetch = issuer.fetch
        if hasattr(module, "rates"):  # limits have tests of their own; all others ask as fast as they can
            module.rates.limiter.plan_of = lambda _: PLANS["roomy"]
        return module

    return start
