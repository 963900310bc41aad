"""One AWS client per service and process: own ones, and ones that sign for the tenant acted for."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

import botocore.session
from botocore.config import Config

from cnc.cloud.dynamo import write_plainly
from cnc.cloud.settings import load_silos
from cnc.cloud.tenancy.models import find_by_folder
from cnc.cloud.tenancy.sessions import TenantCredentials, TenantSessions
from cnc.cloud.tenancy.silos import Silos
from cnc.domain.base.clock import utc_now

CONNECT_TIMEOUT_S = 2
READ_TIMEOUT_S = 5
#: Somebody waits for an answer, and a count that comes late is worth nothing.
_HURRIED = Config(
    connect_timeout=0.3,
    read_timeout=0.5,
    retries={"total_max_attempts": 1},
    parameter_validation=False,
    tcp_keepalive=True,
)


class _Only:
    """A credential provider chain of exactly one object."""

    def __init__(self, credentials: TenantCredentials) -> None:
        self._credentials = credentials

    def load_credentials(self) -> TenantCredentials:
        return self._credentials


class Clients:
    """The AWS clients of this process; hold one instance per process.

    `own(service)` signs with the function's role, `tenant(service)` with the session of the tenant acted for.
    Botocore's clients directly: boto3 adds import time and returns the same objects.
    """

    def __init__(
        self,
        *,
        region: str,
        tenant_role_arn: str,
        now: Callable[[], datetime] = utc_now,
        silos: Mapping[str, str] | None = None,
    ) -> None:
        """`silos`: tenants with tables of their own (`silos`); None: those of the environment."""
        self._region = region
        self._silos = Silos(load_silos() if silos is None else silos)
        self._made: dict[tuple[str, bool], Any] = {}
        self._sessions = TenantSessions(sts=lambda: self.own("sts"), role_arn=tenant_role_arn, now=now)
        self.tenant_session = botocore.session.get_session()
        self._models = find_by_folder(self.tenant_session)
        self.tenant_session.register_component("credential_provider", _Only(TenantCredentials(self._sessions)))

    @cached_property
    def _own(self) -> botocore.session.Session:
        """The session of the function's role; parses the SDK's JSON of a service together with the tenant's."""
        session = botocore.session.get_session()
        session.register_component("data_loader", self._models)
        return session

    @property
    def region(self) -> str:
        return self._region

    def own(self, service: str, *, endpoint_url: str | None = None) -> Any:
        return self._client(service, own=True, endpoint_url=endpoint_url)

    def tenant(self, service: str, *, endpoint_url: str | None = None) -> Any:
        return self._client(service, own=False, endpoint_url=endpoint_url)

    def hurried(self) -> Any:
        """The tenants' DynamoDB client for counts: it gives up within half a second and repeats nothing.

        Made when first asked: most processes of a quiet tenant never do.
        """
        made = self._made.get(("hurried", False))
        if made is None:
            made = self.tenant_session.create_client("dynamodb", region_name=self._region, config=_HURRIED)
            self._silos.watch(made)
            self._made["hurried", False] = made
        return made

    def _client(self, service: str, *, own: bool, endpoint_url: str | None) -> Any:
        made = self._made.get((service, own))
        if made is None:
            session = self._own if own else self.tenant_session
            made = session.create_client(
                service, region_name=self._region, endpoint_url=endpoint_url or None, config=_config(service)
            )
            if service == "dynamodb" and own:
                write_plainly(made)
            elif service == "dynamodb":
                write_plainly(made, named=self._silos.table)
                self._silos.watch(made)
            self._made[(service, own)] = made
        return made


def _config(service: str) -> Config:
    # Ingest builds its attribute values by hand and spends its time in calls: no second check of their shape.
    # For S3, validation also fills in defaults, so it stays on there.
    return Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": 4},
        parameter_validation=service == "s3",
        tcp_keepalive=True,
        # Links that are handed out are signed like every other request, in every region.
        signature_version="s3v4" if service == "s3" else None,
    )
