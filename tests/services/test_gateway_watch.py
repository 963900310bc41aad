"""A gateway that has something to read and says nothing is noticed; one without work is left alone."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cnc.domain.base.clock import to_ms
from cnc.services.gateway_watch import SILENT_AFTER, silent_gateways
from cnc.services.shop import Gateway

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Heard:
    sent_ms: int


def gateway(name: str, *, sources: int = 1) -> Gateway:
    return Gateway(name, name, "s_0000000000000000", 1, json.dumps({"sources": [{}] * sources}))


def heard(ago: timedelta) -> Heard:
    return Heard(to_ms(NOW - ago))


def test_a_gateway_that_reported_lately_is_not_silent() -> None:
    assert silent_gateways([gateway("g")], healths={"g": heard(SILENT_AFTER)}, now=NOW) == []


def test_a_gateway_that_stopped_reporting_is_silent() -> None:
    healths = {"g": heard(SILENT_AFTER + timedelta(seconds=1))}
    assert silent_gateways([gateway("g")], healths=healths, now=NOW) == ["g"]


def test_a_gateway_that_never_reported_is_silent() -> None:
    assert silent_gateways([gateway("g")], healths={}, now=NOW) == ["g"]


def test_a_gateway_without_sources_owes_nothing() -> None:
    assert silent_gateways([gateway("g", sources=0)], healths={}, now=NOW) == []
