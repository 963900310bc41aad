"""Getting a certificate for an own key: the device side of AWS IoT's fleet provisioning.

Every step is kept on disk before the next, so that a gateway that is cut off anywhere goes on with the same key: the
cloud binds the token to it and knows the gateway again.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

from greengrass_components.edge_kit.files import write_atomic
from greengrass_components.edge_kit.identity.keys import Credentials, new_key, signing_request

CREATE: Final = "$aws/certificates/create-from-csr/json"
#: What says that a certificate waited for too long to be registered, and another is to be asked for.
_TOO_LATE: Final = ("InvalidCertificateOwnershipToken", "ResourceNotFound")

Write = Callable[[Path, bytes], None]


class Refused(Exception):
    """The cloud does not give this gateway a certificate; the text says what it said."""


@runtime_checkable
class Asking(Protocol):
    """A link that can wait for an answer."""

    async def request(self, topic: str, payload: bytes) -> tuple[bool, bytes]:
        """(accepted, payload) of what comes on `<topic>/accepted` or `<topic>/rejected`. Raises LinkError."""


@dataclass(frozen=True, slots=True)
class Pending:
    """How far an exchange has come: a key, then a certificate and the proof that it is ours."""

    key: str
    certificate: str = ""
    ownership: str = ""

    @classmethod
    def load(cls, path: Path) -> "Pending | None":
        """None where there is none, or none that can be used."""
        try:
            held = json.loads(path.read_bytes())
            return cls(str(held["key"]), str(held["certificate"]), str(held["ownership"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None


@dataclass(frozen=True, slots=True)
class Granted:
    """A certificate that works, and who the cloud says this gateway is."""

    credentials: Credentials
    thing: str
    tenant: str
    site: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange of a gateway. `path` holds what must survive; `token` is empty when a certificate is renewed."""

    link: Asking
    template: str
    path: Path
    token: str = ""
    write: Write = write_atomic

    async def run(self) -> Granted:
        """Raises Refused, LinkError and OSError; begin again with the same path, it goes on where it was."""
        pending = Pending.load(self.path) or self._keep(Pending(new_key()))
        for again in (True, False):
            if not pending.certificate:
                pending = await self._create(pending)
            answer = await self._register(pending, again=again)
            if answer is not None:
                return _granted(pending, answer)
            pending = self._keep(replace(pending, certificate="", ownership=""))
        raise Refused("no certificate could be registered in time")

    async def _create(self, pending: Pending) -> Pending:
        try:
            asked = {"certificateSigningRequest": signing_request(pending.key)}
        except ValueError as error:
            raise Refused(f"{self.path}: {error}; remove the file and begin again") from error
        accepted, answer = await self._ask(CREATE, asked)
        if not accepted:
            raise Refused(_told(answer))
        certificate, ownership = answer.get("certificatePem"), answer.get("certificateOwnershipToken")
        if not isinstance(certificate, str) or not isinstance(ownership, str):
            raise Refused(f"a certificate was promised and not sent: {sorted(answer)}")
        if not Credentials(certificate, pending.key).fits():
            raise Refused("the certificate that came is not for the key of this gateway")
        return self._keep(replace(pending, certificate=certificate, ownership=ownership))

    async def _register(self, pending: Pending, *, again: bool) -> dict[str, Any] | None:
        """The answer; None when the certificate is not known any more and another may be asked for."""
        asked = {
            "certificateOwnershipToken": pending.ownership,
            "parameters": {"Token": self.token} if self.token else {},
        }
        accepted, answer = await self._ask(f"$aws/provisioning-templates/{self.template}/provision/json", asked)
        if accepted:
            return answer
        if again and answer.get("errorCode") in _TOO_LATE:
            return None
        raise Refused(_told(answer))

    async def _ask(self, topic: str, asked: Mapping[str, Any]) -> tuple[bool, dict[str, Any]]:
        accepted, payload = await self.link.request(topic, json.dumps(asked).encode())
        try:
            answer = json.loads(payload)
        except (ValueError, RecursionError) as error:
            raise Refused(f"{topic}: the answer is not JSON") from error
        if not isinstance(answer, dict):
            raise Refused(f"{topic}: the answer is no JSON object")
        return accepted, answer

    def _keep(self, pending: Pending) -> Pending:
        self.write(self.path, json.dumps(asdict(pending)).encode())
        return pending


def _granted(pending: Pending, answer: Mapping[str, Any]) -> Granted:
    said = answer.get("deviceConfiguration")
    told = said if isinstance(said, dict) else {}
    names = [told.get(name) for name in ("thing", "tenant", "site")]
    thing, tenant, site = (name if isinstance(name, str) else "" for name in names)
    if not (thing and tenant and site) or thing != answer.get("thingName"):
        raise Refused(f"the cloud did not say who this gateway is: {sorted(told)}")
    return Granted(Credentials(pending.certificate, pending.key), thing, tenant, site)


def _told(answer: Mapping[str, Any]) -> str:
    status, code, message = (answer.get(name) for name in ("statusCode", "errorCode", "errorMessage"))
    return f"{code} ({status}): {message}"[:500]
