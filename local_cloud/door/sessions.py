"""Who calls: long-lived keys of the local cloud itself, and sessions of roles.

A session needs no store: its token carries role, tags and end, signed with the key in `cloud.json`; its secret is
derived from its access key id. So credentials outlive a restart of the door.
"""

import base64
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from local_cloud.cloud import Cloud, Credentials

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class BadCredentials(Exception):
    """`code` is the AWS error code; the text says what was wrong."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Principal:
    """`role` is the role's ARN for a session, "" for the cloud's own keys, which may do everything."""

    arn: str
    role: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: tuple[str, ...] = ()
    service: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    credentials: Credentials
    expires: datetime
    principal: Principal


class Sessions:
    def __init__(self, cloud: Cloud) -> None:
        self._key = bytes.fromhex(cloud.session_key)
        self._account = cloud.account
        user = f"arn:{cloud.partition}:iam::{cloud.account}:user/"
        self._own = {
            cloud.admin_credentials.access_key_id: (cloud.admin_credentials, Principal(user + "admin")),
            cloud.service_credentials.access_key_id: (
                cloud.service_credentials,
                Principal(user + "service", service=True),
            ),
        }

    def issue(
        self, role: str, name: str, *, now: datetime, duration: timedelta,
        tags: Mapping[str, str] | None = None, transitive: tuple[str, ...] = (),
    ) -> Session:  # fmt: skip
        """A new session of a role."""
        access_key = "ASIA" + "".join(secrets.choice(_LETTERS) for _ in range(16))
        expires = now + duration
        said = {
            "a": access_key, "r": role, "n": name, "t": dict(tags or {}), "k": transitive,
            "e": int(expires.timestamp()),
        }  # fmt: skip
        body = base64.urlsafe_b64encode(json.dumps(said, separators=(",", ":")).encode()).decode()
        token = f"{body}.{self._mac('token', body)}"
        credentials = Credentials(access_key, self._mac("secret", access_key), token)
        return Session(credentials, expires, self._principal(said))

    def find(self, access_key: str, token: str, *, now: datetime) -> tuple[str, Principal]:
        """Secret and principal of an access key. Raises BadCredentials."""
        if access_key in self._own:
            credentials, principal = self._own[access_key]
            return credentials.secret_access_key, principal
        body, _, mac = token.partition(".")
        if not token or not hmac.compare_digest(mac, self._mac("token", body)):
            raise BadCredentials(
                "UnrecognizedClientException", "The security token included in the request is invalid."
            )
        said = json.loads(base64.urlsafe_b64decode(body))
        if said["a"] != access_key:
            raise BadCredentials(
                "UnrecognizedClientException", "The security token included in the request is invalid."
            )
        if said["e"] <= now.timestamp():
            raise BadCredentials("ExpiredTokenException", "The security token included in the request is expired")
        return self._mac("secret", access_key), self._principal(said)

    def _principal(self, said: Mapping[str, object]) -> Principal:
        role, tags, transitive = str(said["r"]), said["t"], said["k"]
        name = role.rpartition("/")[2]
        return Principal(
            arn=f"arn:aws:sts::{self._account}:assumed-role/{name}/{said['n']}",
            role=role,
            tags=dict(tags) if isinstance(tags, Mapping) else {},
            transitive=tuple(transitive) if isinstance(transitive, (list, tuple)) else (),
        )

    def _mac(self, purpose: str, text: str) -> str:
        digest = hmac.digest(self._key, f"{purpose}:{text}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")
