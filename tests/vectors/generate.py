"""Write the vectors anew: `python -m tests.vectors.generate`. A diff of a published vector breaks shipped gateways."""

import json
from typing import Any

from cnc.domain.telemetry.chunk import encode
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.rollup import rollup
from tests.vectors.shapes import FOLDER, FORMATS, plain, rows, schema_value

SOURCE, OTHER, BOOT = "d_0123456789abcdef", "d_zzzzzzzzzzzzzzzz", "0000000a01020304"
T0 = 1_764_010_920_000

SCHEMA = {
    "signals": [
        {"key": "controller.execution", "unit": "", "kind": "text", "resolution": 1.0,
         "texts": ["READY", "ACTIVE", "FEED_HOLD"], "native_name": "run", "native_unit": ""},
        {"key": "x.position.actual", "unit": "MILLIMETER", "kind": "number", "resolution": 0.001, "texts": [],
         "native_name": "ABS X", "native_unit": "mm"},
    ]
}  # fmt: skip


def chunk(**changes: Any) -> dict[str, Any]:
    base = {"schema_hash": "0011223344556677", "boot": BOOT, "first_seq": 61, "t0_ms": T0, "period_ms": 1000,
            "columns": [[1, 1, 1]], "quality": [0, 0, 0]}  # fmt: skip
    return {**base, **changes}


CHUNKS = {
    "one constant column": chunk(),
    "a zero is a value": chunk(columns=[[0, None, 0]]),
    "no value at all": chunk(columns=[[None, None, None]], quality=[3, 3, 3]),
    "deltas of 1, 2, 4 and 8 bytes": chunk(
        columns=[[1, 2, -3], [0, 300, -300], [0, 70_000, -70_000], [0, 1 << 40, -(1 << 40)]]
    ),
    "a first value of 8 bytes": chunk(columns=[[1 << 40, (1 << 40) + 1, 1 << 40]]),
    "a straight move is of second order": chunk(columns=[[0, 1000, 2000, 3001, 4002]], quality=[0] * 5),
    "the largest values": chunk(columns=[[(1 << 62) - 1, -(1 << 62) + 1, 0]]),
    "quality in runs": chunk(columns=[[5, 6, None, None, 7]], quality=[0, 1, 3, 3, 0]),
    "one row": chunk(columns=[[-5]], quality=[2]),
}
EVENT = {"source": SOURCE, "boot": BOOT, "seq": 61, "at_ms": T0, "type": "state",
         "data": {"availability": "AVAILABLE", "execution": "ACTIVE", "controller_mode": "AUTOMATIC",
                  "functional_mode": "PRODUCTION", "emergency_stop": "ARMED", "fault": False}}  # fmt: skip
ALARM = {**EVENT, "seq": 62, "type": "alarm",
         "data": {"number": 401, "type": "servo", "text": "VRDY-AUS: X – Übertemperatur", "axis": "X",
                  "active": True}}  # fmt: skip


def values() -> list[tuple[str, str, Any]]:
    first = encode(rows(CHUNKS["quality in runs"])).hex()
    minute = {"sent_ms": T0 + 61_000, "minutes": [
        {"source": SOURCE, "chunk": first, "events": "", "schema": None},
        {"source": OTHER, "chunk": first, "events": FORMATS["minute_events_1"][1]([EVENT, ALARM]).hex(),
         "schema": FORMATS["schema"][1](SCHEMA).hex()}]}  # fmt: skip
    ask = {"source": SOURCE, "boot": BOOT, "first": 1, "last": 600, "from_ms": T0 - 60_000, "to_ms": T0 + 539_000}
    answer = {"source": SOURCE, "boot": BOOT, "stored": [[1, 540]], "quarantined": [[541, 560]],
              "missing": [[561, 600]], "unknown_schemas": ["0011223344556677"]}  # fmt: skip
    gap = {"first": 541, "last": 560, "reason": "disk_full", "from_ms": T0 + 480_000, "to_ms": T0 + 499_000}
    ledger = {"source": SOURCE, "boot": BOOT, "produced": 600, "produced_at_ms": T0 + 539_000,
              "first_at_ms": T0 - 60_000, "gaps": [gap],
              "unobserved": [{"from_ms": T0 - 3_600_000, "to_ms": T0 - 60_000, "why": "not_running"}]}  # fmt: skip
    health = {"sent_ms": T0, "config_version": 3, "components": {"focas": "running", "relay": "running"},
              "versions": {"relay": "0.1.0"}, "sources": [ledger]}  # fmt: skip
    frame = {"source": SOURCE, "boot": BOOT, "seq": 61, "at_ms": T0, "quality": 0,
             "values": {"x.position.actual": -12.345, "controller.execution": "ACTIVE", "s1.load": None}}  # fmt: skip
    return [
        *(("chunk", name, value) for name, value in CHUNKS.items()),
        ("schema", "one text and one number", SCHEMA),
        ("minute", "two sources, one with events and schema", minute),
        ("minute_events_1", "two events", [EVENT, ALARM]),
        ("minute_events_1", "none", []),
        ("minute_events", "two events", [EVENT, ALARM]),
        ("minute_events", "none", []),
        ("events", "two events", [T0 + 200, [EVENT, ALARM]]),
        ("live", "one frame", [T0 + 200, [frame]]),
        ("asks", "one ask", ["r1", [ask]]),
        ("asks", "one ask with the health of the gateway", ["r1", [ask], health]),
        ("answers", "stored, quarantined and missing", ["r1", [answer]]),
        ("health", "one source with a gap and a span not observed", health),
        ("rollup", "three minutes of an hour", plain(hour())),
    ]


def hour() -> Any:
    schema = schema_value(SCHEMA)
    start = T0 // 3_600_000 * 3_600_000
    seconds = 150
    positions = [None if 60 <= k < 70 else k * 250 - 9000 for k in range(seconds)]
    columns = [[(k // 40) % 3 for k in range(seconds)], positions]
    return rollup([Rows(schema.hash, bytes.fromhex(BOOT), 1, start, 1000, columns, [0] * seconds)], schema, start)


def main() -> None:
    made: dict[str, list[dict[str, Any]]] = {}
    for form, name, value in values():
        data = FORMATS[form][1](value)
        made.setdefault(form, []).append({"name": name, "format": form, "hex": data.hex(), "value": value})
    for form, vectors in made.items():
        (FOLDER / f"{form}.json").write_text(json.dumps(vectors, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
