"""Any payload into any reader, any request into any answer: an own error or a code, nothing else."""

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greengrass_components.focas.errors import FocasError
from greengrass_components.focas.protocol.blocks import Call, Reply, Request, decode_replies, encode_body
from greengrass_components.focas.protocol.frame import body_limit
from greengrass_components.focas.protocol.session import decode_error, decode_opening
from greengrass_components.focas.protocol.transfer import decode_start, program_text
from greengrass_components.focas.simulator import PERSONAS, StandaloneControl
from greengrass_components.focas.simulator.answers import TABLE, answer
from greengrass_components.focas.simulator.cnc import Cnc
from tests.focas.calls import CALLS

i32 = st.one_of(st.integers(-3, 40), st.sampled_from([500, 1000, 1003, 6711, 10000]), st.integers(-(2**31), 2**31 - 1))
CONTROLS = {name: Cnc(StandaloneControl(), persona) for name, persona in PERSONAS.items()}
HOME = b"//CNC_MEM/USER/PATH1/"
datas = st.one_of(
    st.binary(max_size=40),
    st.binary(min_size=8, max_size=8),
    st.binary(min_size=264, max_size=264),
    st.sampled_from([HOME, HOME + b"O0001", b"//CNC_MEM/", b"//", b"/", b"//CNC_MEM/USER/", HOME + b"../X/"]).map(
        lambda path: path.ljust(256, b"\0")
    ),
    st.binary(max_size=292).map(lambda raw: (HOME + raw)[:292].ljust(292, b"\0")),
)


@pytest.mark.parametrize("index", sorted(CALLS))
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_reader_fed_with_any_payloads_answers_or_raises_its_own_error(index: int, data: st.DataObject) -> None:
    for call in CALLS[index][0]:
        payloads = [data.draw(st.binary(max_size=300)) for _ in call.requests]
        with contextlib.suppress(FocasError):
            _result(call, payloads)


def _result(call: Call[Any], payloads: list[bytes]) -> Any:
    pairs = zip(call.requests, payloads, strict=True)
    return call.result([Reply(request.function, payload) for request, payload in pairs])


@pytest.mark.parametrize(("module", "function"), sorted(TABLE))
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_an_answer_to_any_request_is_a_reply_that_fits_the_frame(
    module: int, function: int, data: st.DataObject
) -> None:
    cnc = CONTROLS[data.draw(st.sampled_from(sorted(CONTROLS)))]
    arguments = [data.draw(i32) for _ in range(4)]
    request = Request(function, *arguments, data.draw(datas), module)
    replies = answer(cnc, [request] * data.draw(st.integers(1, 12)))
    body = encode_body(replies)
    assert len(body) <= body_limit(cnc.persona.version)
    assert decode_replies(body) == replies


@given(st.integers(0, 9), st.binary(max_size=500))
def test_any_opening_is_read_or_malformed(version: int, body: bytes) -> None:
    with contextlib.suppress(FocasError):
        decode_opening(version, body)


@given(st.binary(max_size=600))
def test_any_transfer_body_is_read_or_malformed(body: bytes) -> None:
    for reader in (decode_error, decode_start):
        with contextlib.suppress(FocasError):
            reader(body)


@given(st.binary(max_size=300))
def test_any_program_text_has_lines_without_percent_signs(raw: bytes) -> None:
    lines = program_text(raw).split("\n")
    assert lines[-1] == ""
    assert "%" not in [line.strip() for line in lines]
