"""The chunk codec: what goes in comes out, and nothing else ever gets through."""

import random
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnc.domain.base.errors import BadValue, MalformedChunk
from cnc.domain.telemetry.chunk import HEADER, Header, Rows, decode, encode
from tests.domain import strategies

SMALL = Rows(b"schema--", b"boot----", 7, 1_000_000, 1000, [[1, 2, 3], [5, None, 5]], [0, 0, 0])


def resealed(head: bytes, body: bytes) -> bytes:
    """A chunk whose checksum fits, whatever is inside."""
    crc = zlib.crc32(body, zlib.crc32(head[: HEADER.size - 4]))
    return head[: HEADER.size - 4] + crc.to_bytes(4, "little") + body


def deflated(body: bytes) -> bytes:
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
    return deflate.compress(body) + deflate.flush()


def inflated(chunk: bytes) -> bytes:
    return zlib.decompress(chunk[HEADER.size :], -15)


@given(strategies.rows())
def test_rows_come_back_exactly(rows: Rows) -> None:
    assert decode(encode(rows)) == rows


@given(strategies.rows())
def test_the_header_says_what_the_rows_say(rows: Rows) -> None:
    head = Header.peek(encode(rows))
    assert (head.boot, head.first_seq, head.rows, head.columns) == (
        rows.boot,
        rows.first_seq,
        len(rows.quality),
        len(rows.columns),
    )
    assert head.last_seq == rows.first_seq + len(rows.quality) - 1
    assert head.end_ms == rows.t0_ms + len(rows.quality) * rows.period_ms


def test_a_measured_zero_is_a_value_and_not_missing() -> None:
    rows = replace(SMALL, columns=[[0, None, 0], [None, None, 0]])
    assert decode(encode(rows)).columns == [[0, None, 0], [None, None, 0]]


def test_equal_rows_give_equal_bytes() -> None:
    assert encode(SMALL) == encode(replace(SMALL))


@given(st.binary(max_size=300))
def test_random_bytes_are_malformed(data: bytes) -> None:
    with pytest.raises(MalformedChunk):
        decode(data)


@given(strategies.rows(), st.data())
def test_a_truncated_chunk_is_malformed(rows: Rows, data: st.DataObject) -> None:
    chunk = encode(rows)
    with pytest.raises(MalformedChunk):
        decode(chunk[: data.draw(st.integers(0, len(chunk) - 1))])


@given(strategies.rows(), st.data())
def test_a_flipped_bit_is_malformed(rows: Rows, data: st.DataObject) -> None:
    chunk = bytearray(encode(rows))
    bit = data.draw(st.integers(0, len(chunk) * 8 - 1))
    chunk[bit // 8] ^= 1 << bit % 8
    with pytest.raises(MalformedChunk):
        Header.peek(bytes(chunk))


@given(strategies.rows(), st.data())
def test_a_damaged_body_under_a_fitting_checksum_gives_rows_or_malformed(rows: Rows, data: st.DataObject) -> None:
    chunk = encode(rows)
    body = bytearray(inflated(chunk))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        decoded = decode(resealed(chunk, deflated(bytes(body))))
    except MalformedChunk:
        return
    assert all(len(column) == len(rows.quality) for column in decoded.columns)
    assert decode(encode(decoded)) == decoded


@given(st.binary(min_size=HEADER.size, max_size=HEADER.size), st.binary(max_size=200))
def test_any_header_under_a_fitting_checksum_gives_rows_or_malformed(head: bytes, body: bytes) -> None:
    for raw in (body, deflated(body)):
        try:
            decode(resealed(b"\x01\x00" + head[2:], raw))
        except MalformedChunk:
            continue


def test_a_bomb_is_not_inflated() -> None:
    bomb = resealed(encode(SMALL), deflated(inflated(encode(SMALL)) + bytes(30_000_000)))
    assert len(bomb) < 40_000
    with pytest.raises(MalformedChunk, match="rest behind"):
        Header.peek(bomb)


def test_bytes_behind_the_deflate_stream_are_malformed() -> None:
    chunk = encode(SMALL)
    with pytest.raises(MalformedChunk):
        Header.peek(resealed(chunk, chunk[HEADER.size :] + b"x"))


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"columns": []}, "1 to 200"),
        ({"columns": [[1, 2]]}, "3 values"),
        ({"columns": [[1, 2, 1 << 62]]}, "2\\^62"),
        ({"quality": []}, "1 to 3600"),
        ({"quality": [0, 0, 4]}, "0 to 3"),
        ({"first_seq": 0}, "1 or more"),
        ({"period_ms": 0}, "1 to 65535"),
        ({"t0_ms": -1}, "1970"),
        ({"boot": b"short"}, "8 bytes"),
    ],
)
def test_what_cannot_be_stored_is_refused_when_it_is_made(wrong: dict[str, object], expected: str) -> None:
    with pytest.raises(BadValue, match=expected):
        encode(replace(SMALL, **wrong))


def test_a_chunk_of_another_schema_is_refused() -> None:
    with pytest.raises(MalformedChunk, match="schema"):
        decode(encode(SMALL), strategies.MACHINE)


def test_sixty_seconds_of_thirty_signals_need_less_than_0_45_bytes_a_value() -> None:
    draw = random.Random(7)
    chunks = [encode(cutting(draw, minute)) for minute in range(40)]
    assert sum(map(len, chunks)) / (40 * 60 * 30) <= 0.45


def cutting(draw: random.Random, minute: int) -> Rows:
    """A minute of a 5-axis mill: five axes in three places each, loads, speeds, temperatures, and ten constants."""
    columns: list[list[int | None]] = []
    for _ in range(5):
        position, step = draw.randint(-200_000, 200_000), 0
        actual: list[int | None] = []
        for second in range(60):
            if second % 7 == draw.randint(0, 6):
                step = draw.choice([0, draw.randint(-2500, 2500)])
            position += step
            actual.append(position + (draw.randint(-1, 1) if step else 0))
        columns += [actual, [value + 150_000 if value is not None else None for value in actual]]
    for size in (6, 8, 4, 3):
        level = draw.randint(200, 600)
        columns.append([level := max(0, level + draw.randint(-size, size)) for _ in range(60)])
    columns.append([8000 + draw.randint(-3, 3) for _ in range(60)])
    columns.append([1200 if draw.random() < 0.8 else 1200 - draw.randint(0, 100) for _ in range(60)])
    for _ in range(4):
        heat = draw.randint(300, 500)
        columns.append([heat := heat + (draw.random() < 0.05) for _ in range(60)])
    columns += [[draw.choice([0, 1, 3, 100])] * 60 for _ in range(10)]
    return Rows(b"schema--", b"boot----", 1 + 60 * minute, 60_000 * minute, 1000, columns, [0] * 60)
