"""People with accounts who ask the API with tokens of their own, through the real authorizer."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from cnc.cloud.tenancy import PeopleDirectory
from tests.api.events import SHOWN, LambdaContext, http
from tests.api.issuer import Issuer
from tests.cloud.fixtures import REGION, Cloud

__all__ = ["Office", "Visitor", "office"]

SENDER = "no-reply@cnc.test"


@dataclass
class Office:
    """The API, the accounts of its pool, and the mail that it sent."""

    cloud: Cloud
    issuer: Issuer
    pool: str
    authorizer: ModuleType
    rest: ModuleType
    _visitors: int = 0

    def visitor(self, *, verified: bool = True) -> "Visitor":
        """Somebody with an account of their own, who belongs to no company."""
        self._visitors += 1
        return self.account(f"person-{uuid4().hex[:12]}@example.test", verified=verified)

    def account(self, email: str, *, verified: bool = True) -> "Visitor":
        attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": str(verified).lower()}]
        made = self.cloud.clients.own("cognito-idp").admin_create_user(
            UserPoolId=self.pool, Username=email, UserAttributes=attributes, MessageAction="SUPPRESS"
        )
        subject = next(one["Value"] for one in made["User"]["Attributes"] if one["Name"] == "sub")
        return Visitor(self, email, subject, self.issuer.token(subject, origin_jti=str(uuid4())))

    @property
    def directory(self) -> PeopleDirectory:
        return PeopleDirectory(self.cloud.raw, table=self.cloud.tables["directory"])

    @property
    def letters(self) -> list[Any]:
        return list(ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages)

    def token_for(self, email: str) -> str:
        """The token of the newest letter to this address."""
        letter = next(one for one in reversed(self.letters) if email in one.destinations["ToAddresses"])
        return str(letter.body).partition("/invitation#")[2].split()[0]


@dataclass
class Visitor:
    """One person at one sign-in."""

    office: Office
    email: str
    subject: str
    token: str = field(repr=False)

    def again(self) -> "Visitor":
        """The same person with a fresh token of the same sign-in: nothing that was kept for the old one counts."""
        claims = json.loads(_decoded(self.token.split(".")[1]))
        fresh = self.office.issuer.token(self.subject, origin_jti=claims["origin_jti"], auth_time=claims["auth_time"])
        return Visitor(self.office, self.email, self.subject, fresh)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and body, through authorizer and function as API Gateway would."""
        event = http(method, path, body=body, authorization=f"Bearer {self.token}", x_cnc_origin=SHOWN, **headers)
        decided = self.office.authorizer.lambda_handler(event, LambdaContext())
        assert decided["isAuthorized"] is True
        event["requestContext"]["authorizer"] = {"lambda": decided["context"]}
        answered = self.office.rest.lambda_handler(event, LambdaContext())
        return answered["statusCode"], json.loads(answered["body"])

    def founds(self, name: str = "Precision Parts") -> dict[str, str]:
        """A company of their own."""
        status, made = self.ask("POST", "/v1/tenants", wish(name))
        assert status == 200, made
        return dict(made)

    def invites(self, email: str, grants: dict[str, list[str]], **more: Any) -> tuple[int, Any]:
        return self.ask("POST", "/v1/invitations", {"email": email, "grants": grants, **more})

    def accepts(self, name: str = "Somebody") -> tuple[int, Any]:
        """The newest invitation to their address."""
        return self.ask("POST", "/v1/invitations/accept", {"token": self.office.token_for(self.email), "name": name})

    def hires(self, grants: dict[str, list[str]], **more: Any) -> "Visitor":
        """Somebody new who accepted an invitation of this person."""
        new = self.office.visitor()
        status, answer = self.invites(new.email, grants, **more)
        assert status == 200, answer
        status, answer = new.accepts()
        assert status == 200, answer
        return new.again()

    @property
    def user(self) -> str:
        """Their id in the company they work for."""
        people = self.ask("GET", "/v1/people")[1]["people"]
        return next(str(person["id"]) for person in people if person["email"] == self.email)


def wish(name: str = "Precision Parts", **changed: str) -> dict[str, str]:
    return {"name": name, "siteName": "Hall 1", "timeZone": "Europe/Berlin", "yourName": "Mia Sommer"} | changed


def _decoded(segment: str) -> bytes:
    return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


@pytest.fixture(scope="module")
def office(cloud: Cloud, cold: Callable[[str], ModuleType], issuer: Issuer) -> Office:
    pool = cloud.clients.own("cognito-idp").create_user_pool(PoolName="users", UsernameAttributes=["email"])
    cloud.clients.own("sesv2").create_email_identity(EmailIdentity=SENDER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("USER_POOL", pool["UserPool"]["Id"])
        patch.setenv("MAIL_SENDER", SENDER)
        return Office(cloud, issuer, pool["UserPool"]["Id"], cold("authorizer"), cold("rest"))
