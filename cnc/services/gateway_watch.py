"""Which gateways should report and do not."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from cnc.domain.base.clock import to_ms
from cnc.services.shop import Gateway

#: A gateway reports every five minutes; three missed reports are no hiccup of the line.
SILENT_AFTER = timedelta(minutes=16)


class Health(Protocol):
    @property
    def sent_ms(self) -> int: ...


class Healths(Protocol):
    """Newest health message by gateway, of the tenant acted for."""

    def get(self, thing: str, /) -> Health | None: ...


def silent_gateways(gateways: Iterable[Gateway], *, healths: Healths, now: datetime) -> list[str]:
    """Ids of gateways that have sources to read and have not reported for `SILENT_AFTER`, or ever."""
    before_ms = to_ms(now - SILENT_AFTER)
    return [gateway.id for gateway in gateways if _has_sources(gateway) and _seen_ms(gateway, healths) < before_ms]


def _has_sources(gateway: Gateway) -> bool:
    return bool(json.loads(gateway.document)["sources"])


def _seen_ms(gateway: Gateway, healths: Healths) -> int:
    last = healths.get(gateway.id)
    return last.sent_ms if last else 0
