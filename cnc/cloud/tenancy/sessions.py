"""Sessions of tenants: STS credentials tagged with one tenant, kept until shortly before they end."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from botocore.credentials import Credentials, ReadOnlyCredentials

from cnc.cloud.tenancy.context import current

RENEW_BEFORE_END = timedelta(minutes=5)
KEPT_SESSIONS = 1000
#: Role chaining (a Lambda's role assumes the tenant role) allows one hour at most.
SESSION_S = 3600


@dataclass(frozen=True)
class Session:
    """Credentials of one tenant and when they must be renewed."""

    credentials: ReadOnlyCredentials
    renew_at: datetime


class TenantSessions:
    """Sessions by (tenant, role), the least recently used dropped first.

    Threads that ask for the same missing session wait for one call to STS.
    """

    def __init__(
        self, *, sts: Callable[[], Any], role_arn: str, now: Callable[[], datetime], kept: int = KEPT_SESSIONS
    ) -> None:
        self._sts = sts
        self._role_arn = role_arn
        self._now = now
        self._kept = kept
        self._lock = Lock()
        self._sessions: OrderedDict[tuple[str, str], Session] = OrderedDict()
        self._flights: dict[tuple[str, str], Lock] = {}

    def credentials(self, tenant: str) -> ReadOnlyCredentials:
        """Valid credentials of `tenant`. Errors of STS pass through."""
        key = (tenant, self._role_arn)
        with self._lock:
            held = self._valid(key)
            flight = None if held else self._flights.setdefault(key, Lock())
        if flight is None:
            assert held is not None
            return held.credentials
        with flight:
            with self._lock:
                held = self._valid(key)
            return (held or self._fly(key)).credentials

    def _valid(self, key: tuple[str, str]) -> Session | None:
        held = self._sessions.get(key)
        if held is None or held.renew_at <= self._now():
            return None
        self._sessions.move_to_end(key)
        return held

    def _fly(self, key: tuple[str, str]) -> Session:
        try:
            session = self._assume(key[0])
            with self._lock:
                self._sessions[key] = session
                self._sessions.move_to_end(key)
                while len(self._sessions) > self._kept:
                    self._sessions.popitem(last=False)
        finally:
            with self._lock:
                self._flights.pop(key, None)
        return session

    def _assume(self, tenant: str) -> Session:
        answer = self._sts().assume_role(
            RoleArn=self._role_arn,
            RoleSessionName=f"cnc-{tenant}",
            DurationSeconds=SESSION_S,
            Tags=[{"Key": "tenant", "Value": tenant}],
        )["Credentials"]
        return Session(
            credentials=ReadOnlyCredentials(
                answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"], None
            ),
            renew_at=answer["Expiration"] - RENEW_BEFORE_END,
        )


class TenantCredentials(Credentials):  # type: ignore[misc]
    """Credentials of whoever is acted for at the moment a request is signed; raises NoTenant when nobody is.

    One client holding this object serves every tenant of the process and can never sign for the wrong one.
    """

    def __init__(self, sessions: TenantSessions) -> None:
        # Not the parent's __init__: it would ask for keys, and there are none before a request is signed.
        self._sessions = sessions
        self.method = "tenant-session"

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        return self._sessions.credentials(current().tenant)

    @property
    def access_key(self) -> str:
        return str(self.get_frozen_credentials().access_key)

    @property
    def secret_key(self) -> str:
        return str(self.get_frozen_credentials().secret_key)

    @property
    def token(self) -> str:
        return str(self.get_frozen_credentials().token)

    @property
    def account_id(self) -> None:
        """Unknown on purpose: an endpoint by account would be resolved once and outlive the tenant."""
        return
