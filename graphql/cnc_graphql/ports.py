"""What the resolvers ask for, and the values they get: everything is decided behind these Protocols."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from cnc.services.caller import Caller
from cnc.services.read.facts import (
    AlarmFacts,
    CompletenessFacts,
    GapFacts,
    GatewayFacts,
    IntervalFacts,
    LatestFacts,
    MachineFacts,
    OverrideFacts,
    SeriesFacts,
    SignalFacts,
    SiteFacts,
    UnobservedFacts,
    ViewerFacts,
)

__all__ = [
    "AlarmFacts",
    "CompletenessFacts",
    "GapFacts",
    "GatewayFacts",
    "IntervalFacts",
    "LatestFacts",
    "MachineFacts",
    "OverrideFacts",
    "Reads",
    "SeriesFacts",
    "SignalFacts",
    "SiteFacts",
    "UnobservedFacts",
    "ViewerFacts",
    "Watches",
]


class Reads(Protocol):
    """What one tenant may read. Objects of another tenant and unknown ones answer alike: None or nothing."""

    def viewer(self, *, now: datetime) -> ViewerFacts: ...
    def sites(self) -> Sequence[SiteFacts]: ...
    def machines(self, *, first: int, now: datetime, site: str | None = None) -> Sequence[MachineFacts]: ...
    def machine(self, machine: str, *, now: datetime) -> MachineFacts | None: ...
    def tells_of(self, machine: str) -> bool: ...
    def gateways(self, *, now: datetime) -> Sequence[GatewayFacts]: ...
    def alarms(self, *, machine: str | None, active: bool | None, first: int) -> Sequence[AlarmFacts]: ...
    def alarms_of(
        self, machines: Sequence[str], *, active: bool | None, first: int
    ) -> Mapping[str, Sequence[AlarmFacts]]: ...
    def latest(self, machines: Sequence[str], *, now: datetime) -> Mapping[str, Sequence[LatestFacts]]: ...
    def completeness(self, machine: str, *, start: datetime, end: datetime, now: datetime) -> CompletenessFacts: ...
    def state_timeline(
        self, machine: str, *, start: datetime, end: datetime, now: datetime
    ) -> Sequence[IntervalFacts]: ...
    def series(
        self, machine: str, *, signals: Sequence[str], start: datetime, end: datetime, resolution_s: int, now: datetime
    ) -> SeriesFacts: ...


class Watches(Protocol):
    """Live leases: a visible page renews them, the gateway sends live values while one runs."""

    def watch(self, machine: str, *, caller: Caller, now: datetime) -> datetime: ...
