"""What erasure does outside of tables and bucket: gateways, people's accounts, waiting messages."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import sleep
from typing import Any, Final

from botocore.exceptions import ClientError

from cnc.cloud.accounts import Accounts
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.store.wipes import WipeStore
from cnc.cloud.tenancy import TenantRows, current
from cnc.domain.base.clock import utc_now
from cnc.domain.base.ids import new_id
from cnc.services.privacy.ports import DirectoryRow

_LOOK_EVERY_S: Final = 1.0
_RECEIVED_AT_ONCE: Final = 10
#: A message of somebody else is invisible for this long while the queue is looked through.
_HIDDEN_S: Final = 60
_GONE: Final = frozenset({"ResourceNotFoundException", "404"})


@dataclass(frozen=True, slots=True)
class ErasedGateways:
    """`iot` and `shadows` make clients with the function's own role, `iot_data` one for the tenant acted for."""

    shop: ShopStore
    wipes: WipeStore
    iot: Callable[[], Any]
    shadows: Callable[[], Any]
    iot_data: Callable[[], Any]
    random: Callable[[int], bytes]

    def all(self) -> Sequence[tuple[str, str]]:
        return [(gateway.id, gateway.site) for gateway in self.shop.gateways()]

    def order_wipe(self, thing: str, *, site: str) -> None:
        order = {"v": 1, "type": "wipe", "tenant": current().tenant, "thing": thing}
        order["request"] = new_id("q", self.random)
        topic = current().topic(site=site, thing=thing, channel="cmd")
        payload = json.dumps(order, separators=(",", ":"), sort_keys=True).encode()
        self.iot_data().publish(topic=topic, qos=1, messageExpiry=60, payload=payload)

    def wiped(self, things: Sequence[str], /, *, until: datetime) -> Sequence[str]:
        while True:
            told = [thing for thing in things if thing in self.wipes.all()]
            if len(told) == len(things) or utc_now() >= until:
                return told
            sleep(_LOOK_EVERY_S)

    def retire(self, thing: str, *, site: str) -> None:
        topic = current().topic(site=site, thing=thing, channel="config")
        self.iot_data().publish(topic=topic, qos=1, retain=True, payload=b"")
        iot = self.iot()
        try:
            principals = iot.list_thing_principals(thingName=thing)["principals"]
        except ClientError as error:
            if error.response["Error"]["Code"] not in _GONE:
                raise
            return
        for principal in principals:
            certificate = principal.rpartition("/")[2]
            iot.update_certificate(certificateId=certificate, newStatus="INACTIVE")
            iot.detach_thing_principal(thingName=thing, principal=principal)
            iot.delete_certificate(certificateId=certificate, forceDelete=True)
        _unless_gone(lambda: self.shadows().delete_thing_shadow(thingName=thing))
        iot.delete_thing(thingName=thing)


@dataclass(frozen=True, slots=True)
class ErasedPeople:
    """People of a tenant that goes: those who belong to no other lose their account too."""

    rows: TenantRows
    accounts: Accounts
    users: Callable[[], Sequence[Any]]

    def leave(self, row: DirectoryRow, /, *, tenant: str) -> bool:
        """The account first: once the row is gone, nothing leads to it any more."""
        issuer, _, subject = row.key.removeprefix("U#").rpartition("#")
        alone = self.rows.alone(row.key, tenant=tenant)
        email = next((user.email for user in self.users() if user.subject == subject), "")
        removed = alone and self.accounts.remove(email=email, subject=subject)
        self.rows.forget(row.key, tenant=tenant)
        if alone:
            self.rows.end_sign_ins(f"Y#{issuer}#{subject}", now=utc_now())
        return removed


@dataclass(frozen=True, slots=True)
class WaitingMessages:
    """Messages whose rule failed, which wait for somebody to look at them; topics in them name their tenant."""

    sqs: Callable[[], Any]
    url: str

    def sift(self) -> int:
        """Remove those of the tenant acted for among the first thousand; the others wait on."""
        sqs, removed = self.sqs(), 0
        for _ in range(100):
            answer = sqs.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=_RECEIVED_AT_ONCE, VisibilityTimeout=_HIDDEN_S, WaitTimeSeconds=0
            )
            messages = answer.get("Messages", [])
            for message in messages:
                if current().tenant in message["Body"]:
                    sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                    removed += 1
            if not messages:
                break
        return removed


def _unless_gone(work: Callable[[], Any]) -> None:
    try:
        work()
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
