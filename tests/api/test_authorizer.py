"""The decision as API Gateway gets it, from real rows of the directory."""

from collections.abc import Callable
from hashlib import sha256
from types import ModuleType
from typing import Any

import pytest

from cnc.cloud.tenancy import Directory
from tests.api.events import LambdaContext
from tests.api.issuer import Issuer
from tests.api.tenants import Shop
from tests.cloud.fixtures import Cloud

Ask = Callable[[str | None], dict[str, Any]]


@pytest.fixture
def ask(cold: Callable[[str], ModuleType]) -> Ask:
    module = cold("authorizer")

    def ask(header: str | None) -> dict[str, Any]:
        headers = {} if header is None else {"authorization": header}
        return module.lambda_handler({"headers": headers}, LambdaContext())

    return ask


def test_a_good_access_token_names_the_tenant_of_the_membership(ask: Ask, ours: Shop, issuer: Issuer) -> None:
    answered = ask(f"Bearer {issuer.token(ours.subject)}")
    assert answered["isAuthorized"] is True
    assert {name: answered["context"][name] for name in ("tenant", "subject", "roles", "kind", "scopes")} == {
        "tenant": ours.tenant,
        "subject": ours.user,
        "roles": "owner",
        "kind": "user",
        "scopes": "api",
    }


def test_a_tenant_claim_changes_nothing(ask: Ask, ours: Shop, theirs: Shop, issuer: Issuer) -> None:
    token = issuer.token(ours.subject, **{"custom:tenant": theirs.tenant, "cognito:groups": ["admin"]})
    assert ask(f"Bearer {token}")["context"]["tenant"] == ours.tenant


def test_an_api_key_is_as_good(ask: Ask, ours: Shop) -> None:
    context = ask(f"Bearer {ours.secret}")["context"]
    assert (context["tenant"], context["kind"], context["scopes"]) == (ours.tenant, "key", "api read")


def test_an_expired_token_is_refused(ask: Ask, ours: Shop, issuer: Issuer) -> None:
    assert ask(f"Bearer {issuer.token(ours.subject, iat=1, exp=2)}") == {"isAuthorized": False}


def test_a_revoked_api_key_is_refused_at_once(ask: Ask, ours: Shop, cloud: Cloud) -> None:
    Directory(cloud.raw, table=cloud.tables["directory"]).remove_api_key(sha256(ours.secret.encode()).hexdigest())
    assert ask(f"Bearer {ours.secret}") == {"isAuthorized": False}
