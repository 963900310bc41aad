"""Published bytes keep their meaning, in both directions."""

import zlib
from typing import Any

import pytest

from cnc.domain.telemetry.event_words import WORDS
from tests.vectors.shapes import FORMATS, load, plain

VECTORS = load()
HEADERS = {"chunk": 43, "rollup": 30}


def without_deflate(form: str, data: bytes) -> bytes:
    """Deflate libraries may differ in bytes, never in what they inflate to; the checksum follows the bytes."""
    if form == "minute_events_1":
        return zlib.decompress(data, -15) if data else b""
    if form == "minute_events":
        return data[:1] + zlib.decompressobj(-15, WORDS).decompress(data[1:])
    size = HEADERS.get(form)
    return data if size is None else data[: size - 4] + zlib.decompress(data[size:], -15)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['format']}: {v['name']}")
def test_the_bytes_have_the_value(vector: dict[str, Any]) -> None:
    assert plain(FORMATS[vector["format"]][0](bytes.fromhex(vector["hex"]))) == vector["value"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['format']}: {v['name']}")
def test_the_value_has_the_bytes(vector: dict[str, Any]) -> None:
    made = FORMATS[vector["format"]][1](vector["value"])
    assert without_deflate(vector["format"], made) == without_deflate(vector["format"], bytes.fromhex(vector["hex"]))


def test_every_format_has_a_vector() -> None:
    assert {vector["format"] for vector in VECTORS} == set(FORMATS)
