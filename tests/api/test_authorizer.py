"""The decision as API Gateway gets it, from real rows of the directory."""

from collections.abc import Callable
from hashlib import sha256
from types import ModuleType
from typing import Any

import pytest

from cnc.cloud.tenancy import Directory
from tests.api.events import SHOWN, LambdaContext
from tests.api.issuer import Issuer
from tests.api.tenants import Shop
from tests.cloud.fixtures import Cloud

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(cold: Callable[[str], ModuleType]) -> Ask:
    module = cold("authorizer")

    def ask(header: str | None, *, shown: str | None = SHOWN) -> dict[str, Any]:
        sent = {"authorization": header, "x-cnc-origin": shown}
        headers = {name: value for name, value in sent.items() if value is not None}
        return module.lambda_handler({"headers": headers, "rawPath": "/graphql"}, LambdaContext())

    return ask


def refused(answered: dict[str, Any]) -> str:
    """The reason that goes along; no fact of a caller may be beside it."""
    assert answered["isAuthorized"] is True
    assert "tenant" not in answered["context"]
    return str(answered["context"]["error"])


def test_a_good_access_token_names_the_tenant_of_the_membership(ask: Ask, ours: Shop, issuer: Issuer) -> None:
    answered = ask(f"Bearer {issuer.token(ours.subject)}")
    assert answered["isAuthorized"] is True
    assert {name: answered["context"][name] for name in ("tenant", "subject", "roles", "kind", "scopes")} == {
        "tenant": ours.tenant,
        "subject": ours.user,
        "roles": "owner",
        "kind": "user",
        "scopes": "",
    }


def test_a_tenant_claim_changes_nothing(ask: Ask, ours: Shop, theirs: Shop, issuer: Issuer) -> None:
    token = issuer.token(ours.subject, **{"custom:tenant": theirs.tenant, "cognito:groups": ["admin"]})
    assert ask(f"Bearer {token}")["context"]["tenant"] == ours.tenant


def test_an_api_key_is_as_good(ask: Ask, ours: Shop) -> None:
    context = ask(f"Bearer {ours.secret}")["context"]
    assert (context["tenant"], context["kind"], context["scopes"]) == (ours.tenant, "key", "read")


@pytest.mark.parametrize("shown", [None, "", "guessed", SHOWN[:-1], f"{SHOWN},{SHOWN}", "wässrig", "\ud800"])
def test_who_calls_past_the_front_is_refused_whatever_the_credential(ask: Ask, ours: Shop, shown: str | None) -> None:
    for header in (f"Bearer {ours.secret}", None):
        assert ask(header)["isAuthorized"] is True  # a good call before must not open the wall
        assert ask(header, shown=shown) == {"isAuthorized": False}


def test_an_expired_token_goes_on_as_expired(ask: Ask, ours: Shop, issuer: Issuer) -> None:
    assert refused(ask(f"Bearer {issuer.token(ours.subject, iat=1, exp=2)}")) == "auth.expired"


@pytest.mark.parametrize(
    ("header", "code"), [(None, "auth.missing"), ("", "auth.missing"), ("Basic eA==", "auth.invalid")]
)
def test_no_credential_goes_on_with_the_reason(ask: Ask, header: str | None, code: str) -> None:
    assert refused(ask(header)) == code


def test_a_revoked_api_key_is_refused_at_once(ask: Ask, ours: Shop, cloud: Cloud) -> None:
    Directory(cloud.raw, table=cloud.tables["directory"]).remove_api_key(sha256(ours.secret.encode()).hexdigest())
    assert refused(ask(f"Bearer {ours.secret}")) == "auth.invalid"
