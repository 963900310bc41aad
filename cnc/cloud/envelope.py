"""What an IoT rule hands to its function: the gateway's bytes and where they came from.

Tenant, site and thing are parts of the topic, which the IoT policy holds to the certificate's thing. Beside it stands
who sent it: a policy that let a gateway publish in another one's name would still not make it that one here.
"""

from binascii import Error as NotBase64
from binascii import a2b_base64
from dataclasses import dataclass
from typing import Any

import msgspec

from cnc.domain.base.errors import BadId
from cnc.domain.base.tenant import Origin


class BadEnvelope(ValueError):
    """The event is not what a rule of ours sends; a fault in the rule, never of a gateway."""


class ForeignSender(BadEnvelope):
    """Somebody published on the topic of a gateway without being connected as it: the IoT policy let it through."""


class _Event(msgspec.Struct):
    payload: str
    tenant: str
    site: str
    thing: str
    received_ms: int
    client: str | None = None  # messages that were on their way when the rules began to say it carry none


@dataclass(frozen=True, slots=True)
class Envelope:
    origin: Origin
    payload: bytes
    received_ms: int


def opened(event: Any) -> Envelope:
    """Raises BadEnvelope."""
    try:
        raw = msgspec.convert(event, _Event)
        origin = Origin.checked(tenant=raw.tenant, site=raw.site, thing=raw.thing)
        if raw.client is not None and raw.client != raw.thing:
            raise ForeignSender(f"{raw.client!r} published as {raw.thing}: look at the policies of its certificate")
        return Envelope(origin, a2b_base64(raw.payload, strict_mode=True), raw.received_ms)
    except (msgspec.ValidationError, BadId, NotBase64) as error:
        raise BadEnvelope(f"event of a rule: {error}") from error
