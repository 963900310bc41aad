"""A company sets up its own sign-in over the real API: draft, domain, trial, enforcement, and everything in between."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import time
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from moto.cognitoidp.models import cognitoidp_backends
from moto.core import DEFAULT_ACCOUNT_ID

from cnc.cloud.issuer_facts import IssuerFacts
from cnc.cloud.jwks import Jwks
from cnc.cloud.safe_fetch import SafeFetch
from cnc.cloud.store.audit import AuditStore
from cnc.cloud.store.factors import FactorStore
from cnc.cloud.tenancy import acting_for
from cnc.domain.base.errors import CncError
from cnc.domain.identity.sso import GOOGLE_ISSUER
from cnc.domain.identity.totp import STEP_S, code
from cnc.services.membership import Membership
from cnc.services.second_factor import Factor
from functions.rest.sign_in import Outside
from tests.api.issuer import CLIENT_ID, ISSUER, Issuer
from tests.cloud.fixtures import REGION, Cloud
from tests.people.desk import SENDER, Office, Visitor, wish

CALLBACK = "https://portal.test/callback"
DIRECTORY = "11111111-2222-3333-4444-555555555555"
ENTRA = f"https://login.microsoftonline.com/{DIRECTORY}/v2.0"
METADATA = (
    '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com">'
    "<md:IDPSSODescriptor><ds:X509Certificate>AAAA</ds:X509Certificate><md:SingleSignOnService "
    'Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/>'
    "</md:IDPSSODescriptor></md:EntityDescriptor>"
)


@dataclass
class World:
    """Everything outside: documents by address, TXT records by domain, and what our issuer says of tokens."""

    issuer: Issuer
    documents: dict[str, bytes] = field(default_factory=dict)
    txt: dict[str, list[str]] = field(default_factory=dict)
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    inner: SafeFetch = field(default_factory=lambda: SafeFetch(resolve=lambda host, port: ["93.184.216.34"]))

    def check(self, address: str) -> None:
        self.inner.check(address)

    def get(self, address: str, *, accept: str = "application/json") -> bytes:
        self.inner.check(address)
        if address not in self.documents:
            raise CncError("address.unreachable", seen=address)
        return self.documents[address]

    def discovery(self, issuer: str, /, **changes: Any) -> None:
        base = "https://idp.example.com"
        said = {
            "issuer": issuer,
            "authorization_endpoint": f"{base}/auth",
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/jwks",
            **changes,
        }
        self.documents[f"{issuer.rstrip('/')}/.well-known/openid-configuration"] = json.dumps(said).encode()

    def ours(self, address: str) -> bytes:
        if address.endswith("/.well-known/openid-configuration"):
            names = {name: f"{ISSUER}/{path}" for name, path in _OURS.items()}
            return json.dumps({"issuer": ISSUER, **names}).encode()
        return self.issuer.fetch(address)

    def told(self, _address: str, headers: Any) -> bytes:
        return json.dumps(self.people[headers["Authorization"].partition(" ")[2]]).encode()

    def outside(self) -> Outside:
        return Outside(
            self,
            IssuerFacts(issuer=ISSUER, fetch=self.ours, fetch_as=self.told),
            Jwks(issuer=ISSUER, fetch=self.issuer.fetch),
            lambda domain: self.txt.get(domain, []),
        )


_OURS = {
    "authorization_endpoint": "oauth2/authorize",
    "userinfo_endpoint": "oauth2/userInfo",
    "jwks_uri": "jwks",
}


@pytest.fixture(scope="module")
def office(cloud: Cloud, cold: Callable[[str], ModuleType], issuer: Issuer) -> Office:
    """With a client of the pool that has the id which tokens are for."""
    cognito = cloud.clients.own("cognito-idp")
    pool = cognito.create_user_pool(PoolName="sso", UsernameAttributes=["email"])["UserPool"]["Id"]
    made = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="portal", CallbackURLs=[CALLBACK], SupportedIdentityProviders=["COGNITO"]
    )
    clients = cognitoidp_backends[DEFAULT_ACCOUNT_ID][REGION].describe_user_pool(pool).clients
    clients[CLIENT_ID] = clients.pop(made["UserPoolClient"]["ClientId"])
    clients[CLIENT_ID].id = CLIENT_ID
    cloud.clients.own("sesv2").create_email_identity(EmailIdentity=SENDER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("USER_POOL", pool)
        patch.setenv("MAIL_SENDER", SENDER)
        return Office(cloud, issuer, pool, cold("authorizer"), cold("rest"))


@pytest.fixture
def world(office: Office, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(issuer)
    made.discovery(ENTRA)
    made.discovery(GOOGLE_ISSUER)
    made.discovery("https://idp.example.com")
    reached = made.outside()
    monkeypatch.setattr(office.rest, "outside", lambda: reached)
    return made


@dataclass
class Admin:
    """Who sets up a company's sign-in, and people who come through it."""

    visitor: Visitor
    office: Office
    world: World
    tenant: str
    domain: str
    provider: str = ""

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        self.visitor = self.visitor.again()  # nothing that was kept of before counts
        return self.visitor.ask(method, path, body)

    def draft(self, **changes: Any) -> dict[str, Any]:
        status, made = self.ask("POST", "/v1/sso/providers", entra(self.domain) | changes)
        assert status == 200, made
        return dict(made)

    def arrival(self, provider: str, subject: str = "", **said: Any) -> Visitor:
        """Somebody at a fresh sign-in through a provider."""
        self.provider = provider
        who = subject or uuid4().hex
        token = self.office.issuer.token(f"pool-{provider}-{who}", username=f"{provider}_{who}")
        email = f"{who}@{self.domain}"
        self.world.people[token] = {"email": email, "name": "New Person", "custom:tid": DIRECTORY, **said}
        return Visitor(self.office, email, f"pool-{provider}-{who}", token)

    def tests(self, made: dict[str, Any], **said: Any) -> tuple[int, Any]:
        token = self.arrival(made["id"], **said).token
        return self.ask("POST", f"/v1/sso/providers/{made['id']}/tests", {"token": token})

    def proves(self, made: dict[str, Any]) -> tuple[int, Any]:
        self.world.txt[self.domain] = [made["domains"][0]["text"]]
        return self.ask("POST", f"/v1/sso/providers/{made['id']}/domains", {"domain": self.domain})

    def enforces(self, made: dict[str, Any], *people: str) -> tuple[int, Any]:
        body = {"breakGlass": list(people or [self.visitor.again().user])}
        return self.ask("PUT", f"/v1/sso/providers/{made['id']}/enforcement", body)

    def enforced(self, **changes: Any) -> dict[str, Any]:
        made = self.draft(**changes)
        assert self.proves(made)[0] == 200
        assert self.tests(made)[1]["provider"]["tested"]
        status, after = self.enforces(made)
        assert status == 200, after
        return dict(after)


def entra(domain: str) -> dict[str, Any]:
    return {
        "kind": "entra",
        "name": "Company account",
        "domains": [domain],
        "directoryId": DIRECTORY.upper(),
        "clientId": "app",
        "clientSecret": "s3cret",
    }


@pytest.fixture(scope="module")
def company(office: Office) -> tuple[Visitor, str, str]:
    """One for all tests that leave nothing behind."""
    domain = f"{uuid4().hex[:10]}.example"
    visitor = office.account(f"boss@{domain}")
    return visitor, visitor.founds()["tenantId"], domain


@pytest.fixture
def refused(office: Office, world: World, company: tuple[Visitor, str, str]) -> Admin:
    visitor, tenant, domain = company
    return Admin(visitor.again(), office, world, tenant, domain)


@pytest.fixture
def admin(office: Office, world: World) -> Admin:
    domain = f"{uuid4().hex[:10]}.example"
    visitor = office.account(f"boss@{domain}")
    made = visitor.founds()
    return Admin(visitor.again(), office, world, made["tenantId"], domain)


def offered(office: Office) -> list[str]:
    cognito = office.cloud.clients.own("cognito-idp")
    found = cognito.describe_user_pool_client(UserPoolId=office.pool, ClientId=CLIENT_ID)
    return list(found["UserPoolClient"]["SupportedIdentityProviders"])


def described(office: Office, provider: str) -> dict[str, Any]:
    cognito = office.cloud.clients.own("cognito-idp")
    found = cognito.describe_identity_provider(UserPoolId=office.pool, ProviderName=provider)
    return dict(found["IdentityProvider"])


def test_a_draft_is_a_provider_of_the_pool_and_its_secret_is_never_shown(admin: Admin) -> None:
    made = admin.draft()
    assert (made["issuer"], made["directoryId"], made["tested"]) == (ENTRA, DIRECTORY, False)
    assert made["domains"][0]["record"] == f"_cnc-copilot.{admin.domain}"
    assert made["id"] in offered(admin.office)
    held = described(admin.office, made["id"])
    assert held["ProviderDetails"]["client_secret"] == "s3cret"
    assert held["AttributeMapping"]["custom:tid"] == "tid"
    listed = admin.ask("GET", "/v1/sso/providers")[1]
    assert listed["redirectAddress"] == f"{ISSUER}/oauth2/idpresponse"
    assert listed["assertionConsumer"] == f"{ISSUER}/saml2/idpresponse"
    assert listed["entityId"] == "urn:amazon:cognito:sp:pool-1"
    assert "s3cret" not in json.dumps(listed)


def test_the_client_of_the_portal_keeps_all_else_that_it_had(admin: Admin) -> None:
    made = admin.draft()
    cognito = admin.office.cloud.clients.own("cognito-idp")
    client = cognito.describe_user_pool_client(UserPoolId=admin.office.pool, ClientId=CLIENT_ID)["UserPoolClient"]
    assert client["CallbackURLs"] == [CALLBACK]
    assert admin.ask("DELETE", f"/v1/sso/providers/{made['id']}")[0] == 200
    assert made["id"] not in offered(admin.office)
    assert "COGNITO" in offered(admin.office)


@pytest.mark.parametrize(
    "changes",
    [
        {"directoryId": "common"},
        {"directoryId": "organizations"},
        {"directoryId": "9188040d-6c67-4c5b-b112-36a304b66dad"},
        {"directoryId": ""},
        {"clientId": ""},
        {"clientSecret": ""},
        {"clientSecret": None},
        {"domains": ["not a domain"]},
        {"domains": ["-x.example"]},
        {"domains": ["example"]},
        {"kind": "oidc", "issuer": "http://idp.example.com"},
        {"kind": "oidc", "issuer": "https://127.0.0.1"},
        {"kind": "oidc", "issuer": "https://unknown.example.com"},
        {"kind": "saml"},
        {"kind": "saml", "metadata": METADATA, "metadataUrl": "https://idp.example.com/m"},
        {"kind": "saml", "metadata": "<!DOCTYPE x>" + METADATA},
        {"kind": "saml", "metadata": METADATA.replace("HTTP-Redirect", "SOAP")},
        {"kind": "saml", "metadata": METADATA.replace("https://idp.example.com/sso", "https://10.0.0.1/sso")},
        {"kind": "saml", "metadata": METADATA * 2},
        {"kind": "saml", "metadataUrl": "https://169.254.169.254/latest"},
    ],
    ids=str,
)
def test_settings_that_cannot_be_are_refused_and_nothing_is_made(refused: Admin, changes: dict[str, Any]) -> None:
    before = offered(refused.office)
    status, problem = refused.ask("POST", "/v1/sso/providers", entra(refused.domain) | changes)
    assert status == 422, problem
    assert offered(refused.office) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "https://10.0.0.1/token"},
        {"jwks_uri": "http://idp.example.com/jwks"},
        {"authorization_endpoint": None},
        {"response_types_supported": ["id_token"]},
    ],
    ids=str,
)
def test_discovery_that_points_inside_or_elsewhere_is_refused(refused: Admin, changes: dict[str, Any]) -> None:
    refused.world.discovery("https://bent.example.com", **changes)
    body = entra(refused.domain) | {"kind": "oidc", "issuer": "https://bent.example.com"}
    assert refused.ask("POST", "/v1/sso/providers", body)[0] == 422


def test_saml_takes_metadata_by_address_or_as_a_file(admin: Admin) -> None:
    admin.world.documents["https://idp.example.com/metadata"] = METADATA.encode()
    by_address = admin.draft(kind="saml", metadataUrl="https://idp.example.com/metadata")
    by_file = admin.draft(kind="saml", metadata=METADATA)
    assert described(admin.office, by_address["id"])["ProviderDetails"]["MetadataURL"].endswith("/metadata")
    assert described(admin.office, by_file["id"])["ProviderDetails"]["MetadataFile"] == METADATA


def test_who_does_not_manage_sign_in_reaches_nothing_and_another_company_finds_nothing(
    admin: Admin, office: Office
) -> None:
    made = admin.draft()
    operator = admin.visitor.again().hires({"*": ["operator"]})
    stranger = office.visitor()
    stranger.founds("Another company")
    bodies = {"PUT": entra(admin.domain), "DELETE": None}
    for who, wanted in ((operator, 403), (stranger.again(), 404)):
        for method, body in bodies.items():
            assert who.ask(method, f"/v1/sso/providers/{made['id']}", body)[0] == wanted
        assert who.ask("PUT", f"/v1/sso/providers/{made['id']}/enforcement", {"breakGlass": ["u_x"]})[0] == wanted
    assert operator.ask("GET", "/v1/sso/providers")[0] == 403
    assert stranger.again().ask("GET", "/v1/sso/providers")[1]["providers"] == []


def test_a_tried_sign_in_says_what_it_found(admin: Admin) -> None:
    made = admin.draft()
    status, bad = admin.tests(made, **{"custom:tid": str(uuid4())})
    assert (status, bad["provider"]["tested"]) == (200, False)
    assert [one["name"] for one in bad["findings"] if not one["ok"]] == ["directory"]
    status, good = admin.tests(made)
    assert (status, good["provider"]["tested"]) == (200, True)


def test_a_test_is_of_this_provider_and_of_just_now(admin: Admin) -> None:
    made, other = admin.draft(), admin.draft()
    path = f"/v1/sso/providers/{made['id']}/tests"
    assert admin.ask("POST", path, {"token": admin.arrival(other["id"]).token})[0] == 403
    assert admin.ask("POST", path, {"token": admin.visitor.token})[0] == 403
    assert admin.ask("POST", path, {"token": "x.y.z"})[0] == 401
    old = admin.office.issuer.token("s", username=f"{made['id']}_s", auth_time=int(time()) - 700, iat=int(time()) - 690)
    admin.world.people[old] = {"email": f"s@{admin.domain}", "custom:tid": DIRECTORY}
    assert admin.ask("POST", path, {"token": old})[0] == 409


def test_google_vouches_for_the_domain_of_a_workspace_account(admin: Admin) -> None:
    made = admin.draft(kind="google", directoryId="")
    for said in (
        {},
        {"custom:hd": "evil.example", "email_verified": "true"},
        {"custom:hd": admin.domain, "email_verified": "false"},
    ):
        assert not admin.tests(made, **said)[1]["provider"]["tested"]
    after = admin.tests(made, **{"custom:hd": admin.domain, "email_verified": "true"})[1]["provider"]
    assert (after["tested"], after["domains"][0]["proven"]) == (True, True)
    assert described(admin.office, made["id"])["IdpIdentifiers"] == [admin.domain]


def test_a_domain_is_proven_by_its_record_and_by_one_company_alone(admin: Admin, office: Office, world: World) -> None:
    made = admin.draft()
    path = f"/v1/sso/providers/{made['id']}/domains"
    assert admin.ask("POST", path, {"domain": admin.domain})[0] == 409
    world.txt[admin.domain] = ["cnc-copilot=" + "0" * 40]
    assert admin.ask("POST", path, {"domain": admin.domain})[0] == 409
    assert admin.ask("POST", path, {"domain": "other.example"})[0] == 422
    assert admin.proves(made)[1]["domains"][0]["proven"] is True
    rival = office.visitor()
    rival.founds("Rival")
    other = Admin(rival.again(), office, world, "", admin.domain)
    assert other.proves(other.draft())[0] == 409


@pytest.mark.parametrize("missing", ["test", "domain", "break-glass", "password"])
def test_nothing_is_enforced_while_something_is_missing(admin: Admin, missing: str) -> None:
    made = admin.draft()
    if missing != "domain":
        admin.proves(made)
    if missing != "test":
        admin.tests(made)
    people = [admin.visitor.again().user]
    if missing == "break-glass":
        people = [admin.visitor.again().hires({"*": ["operator"]}).user]
    if missing == "password":
        cognito = admin.office.cloud.clients.own("cognito-idp")
        cognito.admin_delete_user(UserPoolId=admin.office.pool, Username=admin.visitor.email)
    status, problem = admin.enforces(made, *people)
    assert (status, problem["code"]) == (409, "sso.state")


def test_changed_settings_have_to_be_tried_again(admin: Admin) -> None:
    made = admin.draft()
    admin.proves(made)
    admin.tests(made)
    status, after = admin.ask("PUT", f"/v1/sso/providers/{made['id']}", entra(admin.domain) | {"clientSecret": "new"})
    assert (status, after["tested"]) == (200, False)
    assert described(admin.office, made["id"])["ProviderDetails"]["client_secret"] == "new"
    assert admin.enforces(made)[0] == 409
    kept = {name: value for name, value in entra(admin.domain).items() if name != "clientSecret"}
    assert admin.ask("PUT", f"/v1/sso/providers/{made['id']}", kept)[0] == 200
    assert described(admin.office, made["id"])["ProviderDetails"]["client_secret"] == "new"


def test_people_of_the_domain_come_through_the_provider_and_break_glass_and_guests_do_not(admin: Admin) -> None:
    boss = admin.visitor.again()
    colleague = admin.office.account(f"carl@{admin.domain}")
    assert boss.invites(colleague.email, {"*": ["operator"]})[0] == 200
    assert colleague.accepts()[0] == 200
    guest = boss.hires({"*": ["viewer"]})
    made = admin.enforced()
    assert admin.ask("GET", "/v1/tenant")[0] == 200
    assert guest.again().ask("GET", "/v1/tenant")[0] == 200
    status, problem = colleague.again().ask("GET", "/v1/tenant")
    assert (status, problem["code"]) == (403, "sso.required")
    # Who is invited later comes through it, too.
    later = admin.office.account(f"late@{admin.domain}")
    assert admin.visitor.again().invites(later.email, {"*": ["operator"]})[0] == 200
    assert later.accepts()[0] == 200
    assert later.again().ask("GET", "/v1/tenant")[1]["code"] == "sso.required"
    assert admin.ask("DELETE", f"/v1/sso/providers/{made['id']}")[0] == 409
    assert admin.ask("DELETE", f"/v1/sso/providers/{made['id']}/enforcement")[0] == 200
    assert colleague.again().ask("GET", "/v1/tenant")[0] == 200


def test_who_has_an_account_brings_it_along_by_signing_in_to_it(admin: Admin) -> None:
    colleague = admin.office.account(f"carl@{admin.domain}")
    admin.visitor.again().invites(colleague.email, {"*": ["supervisor"]})
    colleague.accepts()
    user = colleague.again().user
    made = admin.enforced()
    arrived = admin.arrival(made["id"])
    assert arrived.ask("GET", "/v1/tenant")[1]["code"] == "auth.no_membership"
    status, answer = arrived.ask("POST", "/v1/sso/accounts", {"existingToken": colleague.again().token})
    assert (status, answer["tenantId"], answer["roles"]) == (200, admin.tenant, ["supervisor"])
    assert arrived.again().subject != colleague.subject
    fresh = replace(arrived, token=admin.office.issuer.token(arrived.subject, username=f"{made['id']}_x"))
    assert fresh.ask("GET", f"/v1/people/{user}")[1]["id"] == user
    assert colleague.again().ask("GET", "/v1/tenant")[1]["code"] == "auth.no_membership"


def test_an_account_with_a_second_factor_takes_both_proofs_along_and_keeps_asking_for_it(admin: Admin) -> None:
    colleague = admin.office.account(f"carl@{admin.domain}")
    admin.visitor.again().invites(colleague.email, {"*": ["supervisor"]})
    colleague.accepts()
    user = colleague.again().user
    secret = b"0" * 20
    with acting_for(admin.tenant):
        FactorStore(admin.office.rest.clients, table=admin.office.cloud.tables["shop"]).put(
            user, Factor(secret, confirmed=True), seen_version=0
        )
    arrived = admin.arrival(admin.enforced()["id"])
    body = {"existingToken": colleague.again().token}
    for wrong in ({}, {"code": "000000"}):
        status, problem = arrived.ask("POST", "/v1/sso/accounts", body | wrong)
        assert (status, problem["code"]) == (403, "change.second_factor")
    assert arrived.ask("POST", "/v1/sso/accounts", body | {"code": code(secret, step=int(time() // STEP_S))})[0] == 200
    fresh = replace(arrived, token=admin.office.issuer.token(arrived.subject, username=f"{admin.provider}_x"))
    assert fresh.ask("GET", "/v1/tenant")[1]["code"] == "auth.second_factor"


def test_a_session_that_was_ended_proves_nothing(admin: Admin) -> None:
    colleague = admin.office.account(f"carl@{admin.domain}")
    admin.visitor.again().invites(colleague.email, {"*": ["operator"]})
    colleague.accepts()
    here = colleague.again()
    arrived = admin.arrival(admin.draft()["id"])
    assert here.ask("DELETE", "/v1/sessions/current", {})[0] == 200
    status, problem = arrived.ask("POST", "/v1/sso/accounts", {"existingToken": here.token})
    assert (status, problem["code"]) == (401, "auth.ended")


def test_an_old_sign_in_a_break_glass_account_and_a_stranger_bring_nothing_along(admin: Admin) -> None:
    made = admin.enforced()
    arrived = admin.arrival(made["id"])
    old = admin.office.issuer.token(admin.visitor.subject, auth_time=int(time()) - 700, iat=int(time()) - 690)
    for token, wanted in (
        (old, 409),
        (admin.visitor.again().token, 409),
        (admin.office.visitor().token, 403),
        (admin.arrival(made["id"]).token, 403),
        ("x.y.z", 401),
    ):
        assert arrived.ask("POST", "/v1/sso/accounts", {"existingToken": token})[0] == wanted


def test_nobody_joins_by_signing_in_unless_the_company_says_so(admin: Admin) -> None:
    made = admin.enforced()
    arrived = admin.arrival(made["id"])
    assert arrived.ask("POST", "/v1/sso/join")[1]["code"] == "auth.no_membership"
    path = f"/v1/sso/providers/{made['id']}/joining"
    for role in ("owner", "admin", "developer", "chief"):
        assert admin.ask("PUT", path, {"role": role})[0] == 422
    assert admin.ask("PUT", path, {"role": "operator"})[1]["joiningRole"] == "operator"
    odd = admin.arrival(made["id"], **{"custom:tid": str(uuid4())})
    assert odd.ask("POST", "/v1/sso/join")[1]["code"] == "sso.claims"
    status, answer = arrived.ask("POST", "/v1/sso/join")
    assert (status, answer["roles"]) == (200, ["operator"])
    again = replace(arrived, token=admin.office.issuer.token(arrived.subject, username=f"{made['id']}_x"))
    assert again.ask("GET", "/v1/tenant")[1]["id"] == admin.tenant


def test_a_provider_signs_nobody_in_to_another_company(admin: Admin, office: Office) -> None:
    """Not by a membership that its person has elsewhere, not by an invitation, not by a company of their own."""
    made = admin.draft()
    arrived = admin.arrival(made["id"], email_verified="true")
    other = office.visitor()
    theirs = other.founds("Another company")
    directory = office.rest.administration.tenants.desk().directory
    directory.add_membership(
        issuer=ISSUER,
        subject=arrived.subject,
        membership=Membership(theirs["tenantId"], "u_" + "0" * 16, {"*": ("owner",)}),
    )
    status, problem = arrived.ask("GET", "/v1/tenant")
    assert (status, problem["code"]) == (403, "auth.no_membership")
    assert arrived.ask("POST", "/v1/tenants", wish())[0] == 403
    gone = admin.ask("DELETE", f"/v1/sso/providers/{made['id']}")
    assert gone[0] == 200
    fresh = replace(arrived, token=office.issuer.token(arrived.subject, username=f"{made['id']}_x"))
    assert fresh.ask("GET", "/v1/tenant")[1]["code"] == "auth.invalid"


def test_every_step_is_in_the_log(admin: Admin) -> None:
    made = admin.enforced()
    admin.ask("DELETE", f"/v1/sso/providers/{made['id']}/enforcement")
    admin.ask("DELETE", f"/v1/sso/providers/{made['id']}")
    with acting_for(admin.tenant):
        chain = AuditStore(admin.office.cloud.clients.tenant("dynamodb"), table=admin.office.cloud.tables["audit"])
        actions = [entry.action.action for entry in chain.all()]
    wanted = ["created", "domain_proven", "tested", "enforced", "relaxed", "removed"]
    assert [one for one in actions if one.startswith("sso.")] == [f"sso.{one}" for one in wanted]
