"""A machine that falls silent is told as OFFLINE to those who watch, and again when it is heard."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from cnc.domain.base.clock import to_ms
from cnc.services.ingest.ports import Newest
from cnc.services.read.ports import GatewayView
from cnc.services.shop import Machine
from cnc.services.silence import SilenceWatch
from tests.services.fakes import FanOut

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TENANT, MACHINE, GATEWAY, SOURCE = ("t_" + "1" * 16, "m_" + "1" * 16, "g_" + "1" * 16, "d_" + "1" * 16)
STATE = {"availability": "AVAILABLE", "execution": "ACTIVE", "controller_mode": "AUTOMATIC"}


@dataclass
class Watchers:
    here: bool = True

    def any(self) -> bool:
        return self.here


@dataclass
class Floor:
    """One machine whose rows come until `rows_until`, and one that no gateway reads."""

    rows_until: datetime = NOON
    watchers: Watchers = field(default_factory=Watchers)
    fan_out: FanOut = field(default_factory=FanOut)
    watch: SilenceWatch = field(default_factory=SilenceWatch)
    read: int = 0

    def of(self, _thing: str) -> GatewayView:
        self.read += 1
        event = ["0" * 16, 1, to_ms(NOON - timedelta(minutes=9)), to_ms(NOON - timedelta(minutes=9)), STATE]
        end_ms = to_ms(self.rows_until)
        newest = Newest(MACHINE, "0" * 16, 1, 60, end_ms - 60_000, end_ms, "00" * 8)
        return GatewayView({SOURCE: newest}, {MACHINE: {"v": 1, "sources": {SOURCE: {"state": event}}}})

    def machines(self) -> list[Machine]:
        ours = Machine(MACHINE, "Mill", "mill", "A", "s_" + "1" * 16, gateway=GATEWAY, sources=(SOURCE,))
        return [ours, Machine("m_" + "2" * 16, "Not read", "mill", "A", "s_" + "1" * 16)]

    def look(self, minutes: float) -> list[tuple[Any, ...]]:
        """What is told at a look so many minutes after noon."""
        stores: Any = SimpleNamespace(shop=self, views=self)
        before = len(self.fan_out.states)
        now = NOON + timedelta(minutes=minutes)
        told = self.watch.look(TENANT, stores=stores, watchers=self.watchers, telling=self.fan_out, now=now)
        payloads = self.fan_out.states[before:]
        assert told == len(payloads)
        return [(payload["execution"], payload["tile_state"], payload["at_ms"]) for payload in payloads]


@pytest.fixture
def floor() -> Floor:
    floor = Floor()
    assert floor.look(0) == [("ACTIVE", "ACTIVE", to_ms(NOON))]
    return floor


def test_a_machine_that_is_heard_is_told_of_once(floor: Floor) -> None:
    assert [floor.look(minutes) for minutes in (1, 2, 3)] == [[], [], []]


def test_a_machine_that_falls_silent_is_offline_since_it_was_heard_last(floor: Floor) -> None:
    assert floor.look(3.1) == [("UNAVAILABLE", "OFFLINE", to_ms(NOON))]
    assert floor.look(4.1) == []


def test_a_machine_that_is_heard_again_is_told_with_its_state(floor: Floor) -> None:
    floor.look(4)
    floor.rows_until = NOON + timedelta(minutes=5)
    assert floor.look(5) == [("ACTIVE", "ACTIVE", to_ms(floor.rows_until))]


def test_nothing_is_read_while_nobody_watches(floor: Floor) -> None:
    floor.watchers.here = False
    before = floor.read
    assert floor.look(4) == []
    assert floor.read == before


def test_who_watches_after_a_while_without_anybody_is_told_everything(floor: Floor) -> None:
    floor.watchers.here = False
    floor.look(1)
    floor.watchers.here = True
    assert floor.look(2) == [("ACTIVE", "ACTIVE", to_ms(NOON))]
