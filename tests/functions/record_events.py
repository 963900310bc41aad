"""Write the events of tests/events: what rules hand to functions, good and malformed. Run as a module to renew them."""

import base64
import json
import zlib
from pathlib import Path
from struct import pack as struct_pack
from typing import Any

from cnc.domain.telemetry.chunk import HEADER
from cnc.domain.telemetry.events import Event, pack_events
from cnc.domain.telemetry.health import Gap, HealthMessage, SourceHealth, Unobserved, pack_health
from cnc.domain.telemetry.live import LiveFrame, pack_live
from cnc.domain.telemetry.minute import SourceMinute
from cnc.domain.telemetry.receipt import Ask, pack_asks
from cnc.domain.telemetry.schema import Schema, Signal
from tests.functions.gateway import BOOT, SCHEMA, SITE, TENANT, THING, Gateway, source_id

FOLDER = Path(__file__).parents[1] / "events"
AT_MS = 1_795_531_320_000  # 2026-11-24 15:22 UTC, a full minute
GATEWAY = Gateway(t0_ms=AT_MS, sent_ms=AT_MS + 61_000)
STATE = {
    "availability": "AVAILABLE",
    "execution": "ACTIVE",
    "controller_mode": "AUTOMATIC",
    "functional_mode": "PRODUCTION",
    "emergency_stop": "ARMED",
    "fault": False,
}


def good() -> dict[str, bytes]:
    """Payload by name of the function's channel."""
    return {
        "telemetry_minute": GATEWAY.message(),
        "telemetry_backlog": GATEWAY.message(),
        "telemetry_events": pack_events([event(61, "state", **STATE), alarm(62)], sent_ms=AT_MS),
        "telemetry_live": pack_live(
            [LiveFrame(source_id(1), BOOT.hex(), 61, AT_MS, {"s1.load": 12.5, "controller.execution": "ACTIVE"})],
            sent_ms=AT_MS,
        ),
        "receipt": pack_asks("q1", [Ask(source_id(1), BOOT.hex(), 1, 60, AT_MS, AT_MS + 59_000)]),
        "edge_health": pack_health(
            HealthMessage(
                AT_MS + 60_000,
                config_version=1,
                components={"focas": "running", "modbus": "failing"},
                sources=(
                    SourceHealth(
                        source_id(1),
                        BOOT.hex(),
                        120,
                        AT_MS + 119_000,
                        AT_MS,
                        (Gap(61, 90, "power_cut", AT_MS + 60_000, AT_MS + 89_000),),
                        (Unobserved(AT_MS - 5_000, AT_MS, "not_running"),),
                    ),
                ),
            )
        ),
    }


def malformed_minutes() -> dict[str, bytes]:
    """Binary payloads that are wrong as a whole, or in the part of source 1 while those of 2 and 3 are good."""
    whole = GATEWAY.message()
    chunk = GATEWAY.chunk()
    other = Schema((Signal("x.load", "PERCENT"), Signal("y.load", "PERCENT")))
    bomb = deflated(bytes(2_000_000))
    return {
        "empty": b"",
        "text": b"hello, this is no minute message",
        "json": b'{"v":1,"sent_ms":1,"minutes":[]}',
        "version_9": b"\x09" + whole[1:],
        "flags_set": whole[:1] + b"\x80" + whole[2:],
        "checksum": whole[:20] + bytes([whole[20] ^ 1]) + whole[21:],
        "cut_in_half": whole[: len(whole) // 2],
        "cut_in_half_with_checksum": message_of(whole[6 : len(whole) // 2]),
        "bytes_behind": message_of(whole[6:] + b"\x00\x00"),
        "no_minutes": message_of(struct_pack("<qH", AT_MS, 0)),
        "count_too_high": message_of(struct_pack("<qH", AT_MS, 65_535) + whole[16:]),
        "source_is_no_id": message_of(whole[6:16] + b"d_../../../../etc/" + whole[34:]),
        "larger_than_iot_allows": message_of(whole[6:] + bytes(140_000)),
        "chunk_checksum": part(chunk[:-1] + bytes([chunk[-1] ^ 1])),
        "chunk_version_9": part(rechecked(chunk, version=9)),
        "chunk_without_rows": part(rechecked(chunk, rows=0)),
        "chunk_rows_do_not_fit_its_body": part(rechecked(chunk, rows=3600)),
        "chunk_columns_do_not_fit_its_body": part(rechecked(chunk, columns=200)),
        "chunk_body_is_no_deflate": part(rechecked(chunk, body=b"\xff" * 40)),
        "chunk_body_is_a_bomb": part(rechecked(chunk, body=bomb)),
        "chunk_of_9_bytes": part(b"123456789"),
        "chunk_in_the_year_9999": part(rechecked(chunk, t0=253_402_300_799_999)),
        "events_are_no_deflate": part(chunk, events=b"\xff\xff\xff"),
        "events_are_no_list": part(chunk, events=deflated(b'{"a":1}')),
        "events_are_a_bomb": part(chunk, events=deflated(b"[" + b" " * 3_000_000 + b"]")),
        "events_with_a_lone_surrogate": part(chunk, events=deflated(b'["\\ud800"]')),
        "schema_is_no_json": part(chunk, schema=b"\xff\xfe"),
        "schema_of_another_chunk": part(chunk, schema=other.canonical()),
        "source_of_another_gateway": GATEWAY.message(GATEWAY.minute(9), GATEWAY.minute(2), GATEWAY.minute(3)),
    }


def malformed_json() -> dict[str, bytes]:
    """For every JSON channel alike."""
    return {
        "empty": b"",
        "not_utf8": b'{"v":1,"\xff\xfe":1}',
        "cut": b'{"v":1,"sent_ms":17955',
        "a_number": b"5",
        "a_list": b"[]",
        "version_9": b'{"v":9}',
        "version_true": b'{"v":true}',
        "no_fields": b'{"v":1}',
        "nan": b'{"v":1,"sent_ms":NaN}',
        "huge_number": b'{"v":1,"sent_ms":1e999}',
        "nested": b"[" * 20_000,
        "lone_surrogate": b'{"v":1,"sent_ms":1,"events":["\\ud800"]}',
    }


def malformed_events() -> dict[str, bytes]:
    row = event(61, "state", **STATE)
    text = pack_events([row], sent_ms=AT_MS)
    return {
        "source_is_a_path": text.replace(source_id(1).encode(), b"d_../../../etc/pw"),
        "boot_is_short": text.replace(BOOT.hex().encode(), b"00"),
        "seq_is_negative": text.replace(b'"seq":61', b'"seq":-1'),
        "seq_is_true": text.replace(b'"seq":61', b'"seq":true'),
        "data_is_deep": text.replace(b'"fault":false', b'"fault":{"a":{"b":1}}'),
        "too_many": b'{"v":1,"sent_ms":1,"events":[' + b",".join([b"{}"] * 1001) + b"]}",
        "source_of_another_gateway": text.replace(source_id(1).encode(), source_id(9).encode()),
    }


def event(seq: int, kind: str, **data: Any) -> Event:
    return Event(source_id(1), BOOT.hex(), seq, AT_MS, kind, data)


def alarm(seq: int) -> Event:
    return event(seq, "alarm", number=1010, type="servo", text="SERVO OVERLOAD", axis="X", active=True)


def part(chunk: bytes, *, events: bytes = b"", schema: bytes | None = None) -> bytes:
    bad = SourceMinute(source_id(1), chunk, events, schema)
    return GATEWAY.message(bad, GATEWAY.minute(2), GATEWAY.minute(3))


def message_of(body: bytes) -> bytes:
    return struct_pack("<BBI", 1, 0, zlib.crc32(body)) + body


def rechecked(chunk: bytes, *, body: bytes | None = None, **changed: int) -> bytes:
    """A chunk with other header fields or another body, and the checksum that fits them."""
    names = ("version", "flags", "schema", "boot", "first", "t0", "period", "rows", "columns", "crc")
    values = dict(zip(names, HEADER.unpack_from(chunk), strict=True)) | changed | {"crc": 0}
    head = HEADER.pack(*values.values())[:-4]
    rest = chunk[HEADER.size :] if body is None else body
    return head + zlib.crc32(rest, zlib.crc32(head)).to_bytes(4, "little") + rest


def deflated(data: bytes) -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return deflate.compress(data) + deflate.flush()


def write(name: str, payload: bytes) -> None:
    text = base64.b64encode(payload).decode()
    event = {"payload": text, "tenant": TENANT, "site": SITE, "thing": THING, "received_ms": AT_MS + 62_000}
    path = FOLDER / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(event, indent=1) + "\n")


def main() -> None:
    for channel, payload in good().items():
        write(channel, payload)
    for kind, payload in malformed_minutes().items():
        write(f"malformed/minute/{kind}", payload)
    for kind, payload in malformed_json().items():
        write(f"malformed/json/{kind}", payload)
    for kind, payload in malformed_events().items():
        write(f"malformed/events/{kind}", payload)


if __name__ == "__main__":
    assert SCHEMA.signals
    main()
