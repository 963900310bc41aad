"""A visible page renews the lease of its machine."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller
from cnc.services.shop import Machine
from cnc.services.watch import Watch

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MACHINE, ALONE = "m_0000000000000001", "m_0000000000000002"
THING, SITE, SOURCE = "g_0000000000000001", "s_0000000000000001", "d_0000000000000001"
VIEWER = Caller("t_0000000000000001", "u_0000000000000001", "user", ("viewer",))
ELSEWHERE = replace(VIEWER, grants={"s_0000000000000002": ("owner",)})


class Shop:
    def machine(self, machine: str, /) -> Machine | None:
        if machine == MACHINE:
            return Machine(machine, "Mill", "mill", "A", SITE, gateway=THING, sources=(SOURCE,))
        return Machine(machine, "Lathe", "lathe", "A", SITE) if machine == ALONE else None

    def site_of(self, gateway: str, /) -> str | None:
        return SITE if gateway == THING else None


class Commands:
    def __init__(self) -> None:
        self.sent: list[tuple[str, str, dict[str, object]]] = []

    def command(self, payload: bytes, *, site: str, thing: str) -> None:
        self.sent.append((site, thing, json.loads(payload)))


def test_the_gateway_is_told_which_sources_until_when() -> None:
    commands = Commands()
    ends = Watch(machines=Shop(), commands=commands, sites=Shop()).watch(MACHINE, caller=VIEWER, now=NOW)
    assert ends == NOW + timedelta(seconds=60)
    until_ms = int(ends.timestamp() * 1000)
    assert commands.sent == [(SITE, THING, {"v": 1, "type": "live", "sources": [SOURCE], "until_ms": until_ms})]


@pytest.mark.parametrize(
    ("machine", "code"),
    [("m_0000000000000009", "machine.not_found"), ("m_", "id.malformed"), (ALONE, "gateway.not_found")],
)
def test_what_cannot_be_watched_is_said_and_nobody_is_told(machine: str, code: str) -> None:
    commands = Commands()
    with pytest.raises(CncError) as refused:
        Watch(machines=Shop(), commands=commands, sites=Shop()).watch(machine, caller=VIEWER, now=NOW)
    assert (refused.value.code, commands.sent) == (code, [])


def test_a_machine_of_a_site_that_is_not_seen_is_as_if_unknown() -> None:
    with pytest.raises(CncError) as refused:
        Watch(machines=Shop(), commands=Commands(), sites=Shop()).watch(MACHINE, caller=ELSEWHERE, now=NOW)
    assert refused.value.code == "machine.not_found"
