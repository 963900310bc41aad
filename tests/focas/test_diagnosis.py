"""Diagnosis of FANUC controls in every state between "not there" and "fine"."""

import asyncio
import json
import re
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from greengrass_components.edge_kit.diagnosis.probe import Target, diagnose
from greengrass_components.edge_kit.diagnosis.report import Finding, Layer, Report, Verdict
from greengrass_components.focas.diagnosis import PROBE
from greengrass_components.focas.protocol.blocks import Request
from greengrass_components.focas.protocol.frame import Direction, Frame, Type
from greengrass_components.focas.protocol.session import Opening, PathSlot, Role, encode_error, encode_opening
from greengrass_components.focas.simulator import PERSONAS, FocasSimulator, Persona, StandaloneControl
from greengrass_components.focas.simulator.answers.registry import TABLE
from greengrass_components.focas.simulator.cnc import Cnc
from tests.edge_kit.peers import closes_at_once, filtered, free_port, peer, resets, says, says_nothing
from tests.focas.conftest import MakeSimulator
from tests.focas.wire import Wire

AT_MS = 1_795_000_000_000
SHORT_S, LONG_S = 0.3, 10.0  # for peers that stay silent, for peers that answer


async def look(port: int, timeout_s: float = LONG_S, **options: Any) -> Report:
    report = await diagnose(Target("127.0.0.1", port, timeout_s, options), PROBE, at_ms=AT_MS)
    json.dumps(report.document(), allow_nan=False)
    return report


async def failure(port: int, timeout_s: float = LONG_S, **options: Any) -> Finding:
    report = await look(port, timeout_s, **options)
    assert report.failure is not None
    assert report.failure.todo
    return report.failure


def by_name(report: Report) -> dict[str, Finding]:
    return {finding.name: finding for finding in report.findings}


def opened(body: bytes, *, version: int = 3, kind: int = Type.OPEN, direction: int = Direction.REPLY) -> bytes:
    return Frame(kind, direction, body, version).encode()


def opening(**changes: Any) -> Opening:
    facts: dict[str, Any] = {
        "version": 3, "max_axes": 32, "max_spindles": 8, "axes": 3, "servo_axes": 3, "spindles": 1, "paths": 1,
        "slots": (PathSlot(" M", 3, 3, 1),),
    }  # fmt: skip
    return Opening(**{**facts, **changes})


@pytest.mark.parametrize("persona", sorted(PERSONAS))
async def test_a_good_control_of_any_generation_has_no_failure(persona: str, simulate: MakeSimulator) -> None:
    report = await look((await simulate(persona=PERSONAS[persona])).port)
    assert (report.failure, report.exit_code) == (None, 0)
    assert report.facts["axis_names"] == ["X", "Y", "Z"]
    assert by_name(report)["state and mode"].seen == "run start, mode AUTOMATIC, alarm 0, emergency 0"
    assert report.facts["recommended_period_ms"] % 1000 == 0


async def test_a_closed_port_names_the_screen_of_the_control() -> None:
    found = await failure(free_port())
    assert found.layer is Layer.PORT
    assert "EMBED PORT" in found.todo
    assert "8193" in found.todo


async def test_a_filtered_port_names_the_firewall() -> None:
    with filtered() as port:
        found = await failure(port, SHORT_S)
    assert found.layer is Layer.PORT
    assert "swallowed" in found.seen


@pytest.mark.parametrize(
    ("peer_of", "seen"),
    [
        (peer(says_nothing), "nothing came within"),
        (peer(closes_at_once), "after 0 bytes"),
        (peer(resets), "after 0 bytes"),
        (peer(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")), "a web server answered"),
        (peer(says(bytes.fromhex("15030300020246"))), "a TLS server answered"),
        (peer(says(b"SSH-2.0-x\r\n", after=0)), "an SSH server answered"),
        (peer(says(b"\xa0\xa0\xa0\xa0\0", then_close=False)), "5 of 10 bytes"),
        (peer(says(b"\xa0\xa0\xa0", then_close=False)), "3 of 10 bytes"),
        (peer(says(opened(bytes(72))[:30], then_close=False)), "20 of 72 bytes"),
        (peer(says(opened(encode_opening(opening()), version=77))), "PDU version 77"),
        (peer(says(opened(encode_opening(opening()), version=0))), "PDU version 0"),
        (peer(says(opened(bytes(41)))), "an opening has 40 bytes and 32 per path, got 41"),
        (peer(says(opened(bytes(72)))), "0 of 0 axes"),
        (peer(says(opened(b"", kind=Type.COMMAND))), "type 0x21"),
        (peer(says(opened(b"\0" * 4000)[:2000])), "4000 bytes"),
    ],
    ids=["silent", "closes", "resets", "http", "tls", "ssh", "head", "half-head", "half-body", "v77", "v0", "layout",
         "empty", "kind", "long"],
)  # fmt: skip
async def test_what_is_no_control_fails_the_handshake_and_says_how(
    peer_of: AbstractAsyncContextManager[int], seen: str
) -> None:
    async with peer_of as port:
        found = await failure(port, SHORT_S if re.search("nothing came|of .* bytes", seen) else LONG_S)
    assert found.layer is Layer.HANDSHAKE
    assert seen in found.seen


async def test_a_control_with_all_connections_in_use_says_so(simulate: MakeSimulator) -> None:
    simulator = await simulate(persona=Persona(sessions=1))
    async with Wire(simulator) as other:
        await other.opened(Role.COMMAND)
        report = await look(simulator.port)
    assert report.exit_code == 14
    assert report.failure is not None
    assert "no free session" in report.failure.seen
    assert "close other programs" in report.failure.todo


async def test_another_refusal_of_the_session_is_not_taken_for_a_full_control() -> None:
    async with peer(says(opened(encode_error(-9), direction=Direction.ERROR))) as port:
        found = await failure(port)
    assert found.layer is Layer.SESSION
    assert "in use" not in found.todo


async def test_without_a_second_connection_values_are_read_all_the_same(simulate: MakeSimulator) -> None:
    simulator = await simulate(persona=Persona(sessions=1))
    async with Wire(simulator) as other:
        await other.opened(Role.TRANSFER)
        report = await look(simulator.port)
    assert report.exit_code == 0
    assert by_name(report)["transfer connection"].verdict is Verdict.ABSENT


async def test_a_path_that_the_control_does_not_have(simulate: MakeSimulator) -> None:
    found = await failure((await simulate()).port, path=2)
    assert (found.layer, found.name) == (Layer.SESSION, "path")


async def test_missing_options_and_functions_are_absent_and_no_failure(simulate: MakeSimulator) -> None:
    persona = Persona(no_option=frozenset({0x8D}), refused=frozenset({0x97, 0x8001}))
    report = await look((await simulate(persona=persona)).port)
    found = by_name(report)
    assert report.exit_code == 0
    assert "EW_NOOPT" in found["part counter (parameter 6711)"].seen
    assert "run hour and parts count" in found["part counter (parameter 6711)"].todo
    assert "EW_FUNC" in found["tool and commanded words"].seen
    assert found["overrides (PMC G12, G14, G30)"].verdict is Verdict.ABSENT
    assert found["absolute position"].verdict is Verdict.OK


async def test_a_control_without_state_is_a_failure(simulate: MakeSimulator) -> None:
    report = await look((await simulate(persona=Persona(no_option=frozenset({0x19})))).port)
    assert report.exit_code == 15


class DropsAt(FocasSimulator):
    """A control that ends the connection when one function is asked alone."""

    def __init__(self, function: int) -> None:
        super().__init__(StandaloneControl())
        self.function = function

    async def _answer(self, peer: Any, frame: Frame) -> None:
        if int.from_bytes(frame.body[2 + 6 : 2 + 8], "big") == self.function:
            peer.reset()
            return
        await super()._answer(peer, frame)


async def test_a_function_that_kills_the_connection_is_named_and_the_rest_is_looked_at() -> None:
    async with DropsAt(0x56) as simulator:
        report = await look(simulator.port)
    found = by_name(report)
    assert report.exit_code == 15
    assert found["servo load"].verdict is Verdict.FAILED
    assert "leave the function out" in found["servo load"].todo
    assert found["spindle temperature (diagnosis 403)"].verdict is Verdict.OK


async def test_a_control_that_stops_answering_at_all_ends_the_diagnosis() -> None:
    async def hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(opened(encode_opening(opening())))
        await says_nothing(reader, writer)

    async with peer(hangs) as port:
        report = await look(port, SHORT_S)
    assert report.exit_code == 14
    assert report.failure is not None
    assert "nothing complete within 0.3 s" in report.failure.seen


async def test_the_option_word_is_looked_at() -> None:
    async with peer(says(opened(encode_opening(opening(options=0))))) as port:
        report = await look(port)
    assert by_name(report)["option word"].verdict is Verdict.ABSENT


async def test_an_answer_of_an_unknown_layout_is_told_from_a_refusal(
    simulate: MakeSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(_: Cnc, __: Request) -> bytes:
        return b"\0\0\0"

    monkeypatch.setitem(TABLE, (1, 0x24), odd)
    report = await look((await simulate()).port)
    assert "not yet known" in by_name(report)["actual feed"].todo


# -- counting parts --


async def test_ways_to_count_parts_stand_side_by_side(simulate: MakeSimulator) -> None:
    report = await look((await simulate()).port, pmc=("d100:2", "G12:1"))
    shown = {counter.method: counter.value for counter in report.counters}
    assert shown["parameter 6711"] == shown["macro #3901"] == 42
    assert shown["parameter 6712"] == 4711
    assert shown["parameter 6713"] == shown["macro #3902"] == 100
    assert shown["PMC D100:2"] == -14900
    assert shown["PMC G12:1"] == 155
    assert shown["M code"] is None


async def test_watching_shows_which_counter_moves(simulate: MakeSimulator) -> None:
    control = StandaloneControl()
    simulator = await simulate(control)

    async def cycle() -> None:
        while simulator.sessions == 0:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.8)
        control.commands["M"] = 30
        control.part_count += 1
        await asyncio.sleep(0.5)
        control.commands["M"] = 8

    running = asyncio.create_task(cycle())
    report = await look(simulator.port, watch_s=1.6)
    await running
    moved = {counter.method: counter.counted for counter in report.counters}
    assert moved["parameter 6711"] == moved["macro #3901"] == 1
    assert moved["parameter 6712"] == 0
    assert moved["M code"] == 1


async def test_a_counter_that_cannot_be_read_says_why(simulate: MakeSimulator) -> None:
    report = await look((await simulate(persona=Persona(no_option=frozenset({0x8D})))).port)
    counter = next(counter for counter in report.counters if counter.method == "parameter 6711")
    assert counter.value is None
    assert "NOOPT" in counter.why
