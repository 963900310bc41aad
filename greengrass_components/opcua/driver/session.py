"""One session with one server. Its errors are DriverErrors that say what was seen and what to change where.

asyncua does the protocol; it is LGPL, unmodified, and imported by this component alone (docs/dependencies.md).
"""

import asyncio
import contextlib
import logging
import struct
from collections.abc import Sequence
from typing import Any, Final

from asyncua import Client, ua
from asyncua.common.utils import ServiceError
from asyncua.crypto import security_policies, uacrypto

from greengrass_components.edge_kit.driver import DriverError
from greengrass_components.opcua.settings import Security, Settings, User

APPLICATION_URI: Final = "urn:cnc-copilot:gateway"
SESSION_TIMEOUT_MS: Final = 60_000
"""A session that a killed gateway leaves behind is gone after that: controls have few."""
REQUEST_TIMEOUT_S: Final = 4.0
WATCH_EVERY_S: Final = 5.0
MOST_REFERENCES: Final = 1_000

#: What asyncua raises for an answer that cannot be understood.
GARBLED: Final = (ValueError, TypeError, KeyError, IndexError, AttributeError, struct.error)

# The library logs what it does and every lost answer; we say it once, per source.
logging.getLogger("asyncua").setLevel(logging.CRITICAL)

_TODO: Final = {
    "BadUserAccessDenied": "check the user's name and password, and its rights on the server",
    "BadIdentityTokenRejected": "the server takes no such sign-in: name a user, or allow anonymous ones on the server",
    "BadIdentityTokenInvalid": "the server takes no such sign-in: name a user, or allow anonymous ones on the server",
    "BadCertificateUntrusted": "trust the gateway's certificate on the server",
    "BadSecurityChecksFailed": "trust the gateway's certificate on the server, and check both clocks",
    "BadCertificateTimeInvalid": "check the certificate's dates and both clocks",
    "BadCertificateUriInvalid": f"the certificate needs the URI {APPLICATION_URI}",
    "BadSecurityPolicyRejected": "choose a policy the server offers, or switch this one on there",
    "BadSecurityModeRejected": "choose a mode the server offers, or switch this one on there",
    "BadTooManySessions": "close another client of the server, or raise its limit of sessions",
    "BadMaxConnectionsReached": "close another client of the server, or raise its limit of connections",
    "BadTcpEndpointUrlInvalid": "check the path of the endpoint's URL",
    "BadNotSupported": "the server has an OPC UA version or profile that it does not serve this way",
    "BadLicenseLimitsExceeded": "the server's licence allows no further client",
}
_LOST: Final = {
    "BadSessionIdInvalid", "BadSessionClosed", "BadSessionNotActivated", "BadSecureChannelIdInvalid",
    "BadSecureChannelClosed", "BadConnectionClosed", "BadConnectionRejected", "BadCommunicationError", "BadTimeout",
    "BadServerHalted", "BadShutdown", "BadSecureChannelTokenUnknown", "BadNotConnected", "BadServerNotConnected",
    "BadRequestInterrupted", "BadDisconnect", "BadSubscriptionIdInvalid", "BadNoSubscription",
}  # fmt: skip


class RequestRefused(Exception):
    """The server refused one request and the session stands. `code` is an OPC UA status, or 0 for a garbled answer."""

    def __init__(self, name: str, code: int) -> None:
        super().__init__(name)
        self.name, self.code = name, code


class Session:
    """Made for one connection; `close` lets go of everything it holds."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Client | None = None
        self.namespaces: list[str] = []

    @property
    def client(self) -> Client:
        """Raises DriverError when there is no session."""
        if self._client is None:
            raise DriverError(f"not connected to {self._settings.url}")
        return self._client

    async def open(self) -> None:
        """Raises DriverError."""
        await self.close()
        settings = self._settings
        client = Client(settings.url, timeout=REQUEST_TIMEOUT_S, watchdog_intervall=WATCH_EVERY_S)
        client.application_uri, client.name = APPLICATION_URI, f"CNC Copilot {settings.source}"
        client.description, client.session_timeout = client.name, SESSION_TIMEOUT_MS
        self._client = client
        try:
            if settings.security is not None:
                await _secure(client, settings.security)
            if settings.user is not None:
                _sign_in(client, settings.user)
            await client.connect()
            self.namespaces = list(await client.get_namespace_array())
        except (ua.UaError, ServiceError, OSError, TimeoutError, *GARBLED) as error:
            await self.close()
            raise _unreachable(settings.url, error) from error

    async def close(self) -> None:
        """May be called at any time; the socket is closed whatever the server still answers."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            await client.disconnect()
        except (ua.UaError, ServiceError, OSError, TimeoutError, *GARBLED):
            pass  # there is nothing left to close in order
        finally:
            with contextlib.suppress(OSError, *GARBLED):
                client.disconnect_socket()

    @property
    def alive(self) -> bool:
        return self._client is not None and self._client.state.name == "CONNECTED"

    async def ask(self, request: Any) -> Any:
        """The result of an awaitable of asyncua. Raises RequestRefused, or DriverError when the session is lost."""
        try:
            return await request
        except (ua.UaStatusCodeError, ServiceError) as error:
            code = int(error.code)
            name = _name(code)
            if name in _LOST:
                raise DriverError(f"{self._settings.url}: {name}") from error
            raise RequestRefused(name, code) from error
        except (OSError, TimeoutError) as error:
            raise DriverError(f"{self._settings.url}: {error or type(error).__name__}") from error
        except (ua.UaError, *GARBLED) as error:
            raise RequestRefused(f"an answer that cannot be understood ({error})", 0) from error

    async def read(self, nodes: Sequence[ua.NodeId]) -> list[ua.DataValue]:
        """One Read request. Raises as `ask`."""
        parameters = ua.ReadParameters()
        parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
        parameters.NodesToRead = [ua.ReadValueId(NodeId=node, AttributeId=ua.AttributeIds.Value) for node in nodes]
        found: list[ua.DataValue] = await self.ask(self.client.uaclient.read(parameters))
        if len(found) != len(nodes):
            raise RequestRefused(f"{len(found)} values for {len(nodes)} nodes", 0)
        return found

    async def browse(self, node: ua.NodeId) -> list[ua.ReferenceDescription]:
        """All objects and variables below a node. Raises as `ask`."""
        ask = ua.BrowseDescription()
        ask.NodeId, ask.BrowseDirection = node, ua.BrowseDirection.Forward
        ask.ReferenceTypeId, ask.IncludeSubtypes = ua.NodeId(ua.ObjectIds.HierarchicalReferences), True
        ask.NodeClassMask = ua.NodeClass.Object | ua.NodeClass.Variable
        ask.ResultMask = ua.BrowseResultMask.All
        parameters = ua.BrowseParameters()
        parameters.View, parameters.NodesToBrowse = ua.ViewDescription(), [ask]
        parameters.RequestedMaxReferencesPerNode = MOST_REFERENCES
        result = (await self.ask(self.client.uaclient.browse(parameters)))[0]
        found = list(result.References)
        while result.ContinuationPoint and len(found) < 10 * MOST_REFERENCES:
            further = ua.BrowseNextParameters()
            further.ContinuationPoints = [result.ContinuationPoint]
            result = (await self.ask(self.client.uaclient.browse_next(further)))[0]
            found += result.References
        return found


async def _secure(client: Client, security: Security) -> None:
    policy = getattr(security_policies, f"SecurityPolicy{security.policy}")
    server = security.server_certificate
    await client.set_security(
        policy,
        certificate=str(security.certificate),
        private_key=str(security.private_key),
        server_certificate=uacrypto.CertProperties(str(server)) if server else None,
        mode=ua.MessageSecurityMode[security.mode],
    )


def _sign_in(client: Client, user: User) -> None:
    client.set_user(user.name)
    if user.password_file is not None:
        client.set_password(user.password_file.read_text().strip("\r\n"))


def _name(code: int) -> str:
    return str(ua.status_codes.get_name_and_doc(code)[0])


def _unreachable(url: str, error: Exception) -> DriverError:
    code = getattr(error, "code", None)
    if isinstance(code, int):
        name = _name(code)
        return DriverError(f"{url}: {name}: {_TODO.get(name, 'see the log of the server')}")
    if isinstance(error, ConnectionRefusedError):
        return DriverError(f"{url}: nothing listens there: is the server on, and is this its port?")
    if isinstance(error, TimeoutError | asyncio.TimeoutError):
        return DriverError(f"{url}: no answer within {REQUEST_TIMEOUT_S:g} s: is it an OPC UA server?")
    if isinstance(error, FileNotFoundError | PermissionError):
        return DriverError(f"{error.filename}: {error.strerror}: the gateway needs this file to sign in")
    if "No matching endpoints" in str(error):
        return DriverError(f"{url}: the server does not offer this security policy and mode: {error}")
    return DriverError(f"{url}: {error or type(error).__name__}")
