"""The user pool behind the door: passwords are checked by Cognito's own calls."""

import json
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
import jwt

from local_cloud.service_client import Reply

KEPT = ("email", "email_verified", "name", "given_name", "family_name", "cognito:groups", "locale", "zoneinfo")
REFUSALS = {"NotAuthorizedException", "UserNotFoundException", "UserNotConfirmedException", "InvalidParameterException",
            "UsernameExistsException"}  # fmt: skip


class Caller(Protocol):
    """Signed calls to the door."""

    async def call(
        self, service: str, method: str, path: str, *, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Reply: ...


class PoolAway(Exception):
    """The user pool does not answer as it should: not the person's fault."""


class WeakPassword(Exception):
    """The pool refuses the new password; the text is the pool's."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who the pool says it is; `claims` with `sub`."""

    username: str
    claims: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Account:
    """What the pool holds about an address."""

    username: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class MustChoosePassword:
    """The pool wants a new password first; `session` goes back with it."""

    username: str
    session: str


@dataclass(frozen=True, slots=True)
class Pool:
    """One user pool and the client ids that may sign in."""

    id: str
    caller: Caller

    async def check(self, client: str, email: str, password: str) -> Person | MustChoosePassword | None:
        """None = wrong. Raises PoolAway."""
        body = {
            "AuthFlow": "USER_PASSWORD_AUTH",
            "ClientId": client,
            "AuthParameters": {"USERNAME": email, "PASSWORD": password},
        }
        return self._person(*await self._call("InitiateAuth", body), email)

    async def choose(self, client: str, username: str, session: str, password: str) -> Person | None:
        """Raises PoolAway and WeakPassword."""
        body = {
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "ClientId": client,
            "Session": session,
            "ChallengeResponses": {"USERNAME": username, "NEW_PASSWORD": password},
        }
        found = self._person(*await self._call("RespondToAuthChallenge", body), username)
        return found if isinstance(found, Person) else None

    async def find(self, email: str) -> Account | None:
        """The account of an address. Raises PoolAway."""
        status, answer = await self._call("AdminGetUser", {"UserPoolId": self.id, "Username": email})
        if status != 200:
            self._refusal(status, answer)
            return None
        return Account(str(answer["Username"]), bool(answer.get("Enabled", False)))

    async def create(self, email: str, password: str) -> bool:
        """Make the account of somebody who proved to own the address; False when there is one. Raises PoolAway."""
        said = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        body = {"UserPoolId": self.id, "Username": email, "MessageAction": "SUPPRESS", "UserAttributes": said}
        status, answer = await self._call("AdminCreateUser", body)
        if status != 200:
            self._refusal(status, answer)
            return False
        await self.set_password(str(answer["User"]["Username"]), password)
        return True

    async def set_password(self, username: str, password: str) -> None:
        """Raises PoolAway and WeakPassword."""
        body = {"UserPoolId": self.id, "Username": username, "Password": password, "Permanent": True}
        status, answer = await self._call("AdminSetUserPassword", body)
        if status != 200:
            self._refusal(status, answer)
            raise PoolAway(f"AdminSetUserPassword: {status} {answer}")

    def _refusal(self, status: int, answer: dict[str, Any]) -> None:
        """Nothing for a refusal that is an answer. Raises PoolAway and WeakPassword."""
        code = str(answer.get("__type", "")).rpartition("#")[2]
        if code == "InvalidPasswordException":
            raise WeakPassword(str(answer.get("message", "the password is too weak")))
        if code not in REFUSALS:
            raise PoolAway(f"{status} {code}: {answer.get('message')}")

    async def describe(self, operation: str, field: str, **what: str) -> dict[str, Any] | None:
        """What the pool says about a client or a provider; None for one it does not have. Raises PoolAway."""
        status, answer = await self._call(operation, {"UserPoolId": self.id, **what})
        if status == 200:
            found: dict[str, Any] = answer.get(field, {})
            return found
        if str(answer.get("__type", "")).rpartition("#")[2] == "ResourceNotFoundException":
            return None
        raise PoolAway(f"{operation}: {status} {answer}")

    async def is_enabled(self, username: str) -> bool:
        """Raises PoolAway."""
        status, answer = await self._call("AdminGetUser", {"UserPoolId": self.id, "Username": username})
        return status == 200 and bool(answer.get("Enabled", False))

    def _person(self, status: int, answer: dict[str, Any], username: str) -> Person | MustChoosePassword | None:
        if status != 200:
            self._refusal(status, answer)
            return None
        if answer.get("ChallengeName") == "NEW_PASSWORD_REQUIRED":
            return MustChoosePassword(username, str(answer["Session"]))
        if "AuthenticationResult" not in answer:
            raise PoolAway(f"challenge {answer.get('ChallengeName')} is not supported by this sign-in page")
        # Comes straight from the pool over loopback; it is read for its claims, never handed out.
        claims = jwt.decode(answer["AuthenticationResult"]["IdToken"], options={"verify_signature": False})
        custom = {name: value for name, value in claims.items() if name in KEPT or name.startswith("custom:")}
        return Person(str(claims.get("cognito:username", username)), {"sub": claims["sub"], **custom})

    async def _call(self, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
        }
        try:
            reply = await self.caller.call("cognito-idp", "POST", "/", body=json.dumps(body).encode(), headers=headers)
            answer = json.loads(reply.body or b"{}")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise PoolAway(f"{operation}: {error!r}") from error
        return reply.status, answer if isinstance(answer, dict) else {}
