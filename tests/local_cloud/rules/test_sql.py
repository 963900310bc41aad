"""IoT SQL: what a statement makes of a message."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from local_cloud.rules.context import Context
from local_cloud.rules.sql import BadSql, parse, template

CASES = sorted(Path("iot_rules").glob("*/cases/*.json"))
ABSENT = object()


def run(sql: str, payload: Any = b"{}", topic: str = "a/b/c") -> Any:
    """The action's payload as JSON; ABSENT when the rule does not run."""
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    out = parse(sql).evaluate(Context(topic, raw, client_id="g_1", received_ms=1_700_000_000_123))
    return ABSENT if out is None else json.loads(out)


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_a_rule_of_the_product_does_what_its_case_says(path: Path) -> None:
    case = json.loads(path.read_text())
    message = case["message"]
    statement = parse((path.parent.parent / "rule.sql").read_text())
    context = Context(
        message["topic"],
        base64.b64decode(message["payload"]),
        client_id=message["client"],
        received_ms=message["timestamp_ms"],
        principal=message.get("principal", ""),
    )
    out = statement.evaluate(context)
    assert (None if out is None else json.loads(out)) == case["action"]


def test_there_are_cases() -> None:
    assert len(CASES) >= 6


def test_a_binary_payload_travels_as_base64() -> None:
    sql = "SELECT encode(*, 'base64') AS payload, topic(2) AS tenant, timestamp() AS at FROM 'a/+/c'"
    assert run(sql, b"\x00\xff") == {"payload": "AP8=", "tenant": "b", "at": 1_700_000_000_123}


def test_a_lone_star_hands_the_payload_on_untouched() -> None:
    assert parse("SELECT * FROM 'a/#'").evaluate(Context("a/b", b"\x00\xff")) == b"\x00\xff"


def test_star_with_more_merges_into_the_document() -> None:
    assert run("SELECT *, topic(1) AS t FROM '#'", {"x": 1}) == {"x": 1, "t": "a"}


def test_another_topic_does_not_run() -> None:
    assert run("SELECT 1 AS one FROM 'a/+'") is ABSENT


@pytest.mark.parametrize(
    ("where", "runs"),
    [
        ("speed > 10", True),
        ("speed > 12", False),
        ("missing > 1", False),
        ("missing <> 1", False),
        ("NOT (missing = 1)", False),
        ("speed = 12 AND name = 'mill'", True),
        ("speed = 1 OR name = 'mill'", True),
        ("name IN ['lathe', 'mill']", True),
        ("isUndefined(missing)", True),
        ("isNull(nothing) AND NOT isNull(speed)", True),
        ("speed = '12'", True),
        ("name > 1", False),
        ("axes[1].load >= 7", True),
        ("axes[9].load >= 7", False),
        ("startswith(name, 'mi') = true", True),
        ("2 + 3 * 2 = 8", True),
        ("-speed < -11 AND speed % 5 = 2", True),
    ],
)
def test_where(where: str, runs: bool) -> None:
    document = {"speed": 12, "name": "mill", "nothing": None, "axes": [{"load": 1}, {"load": 7}]}
    assert (run(f"SELECT 1 AS one FROM '#' WHERE {where}", document) is not ABSENT) is runs


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2", 3),
        ("1 + 'a'", "1a"),
        ("7 / 2", 3.5),
        ("6 / 2", 3),
        ("upper('a') + lower('B')", "Ab"),
        ("get([10, 20], 1)", 20),
        ("{'k': 1}.k", 1),
        ("cast('4' AS int)", 4),
        ("cast(5 AS string)", "5"),
        ("concat('a', 1)", "a1"),
        ("substring('abcdef', 2, 4)", "cd"),
        ("decode('aGk=', 'base64')", "hi"),
        ("CASE 2 WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE 'many' END", "two"),
        ("CASE 9 WHEN 1 THEN 'one' ELSE 'many' END", "many"),
        ("clientid()", "g_1"),
        ("regexp_matches('abc', '^a')", True),
        ("'it''s'", "it's"),
    ],
)
def test_value(expression: str, value: Any) -> None:
    assert run(f"SELECT VALUE {expression} FROM '#'") == value


@pytest.mark.parametrize("expression", ["1 / 0", "'a' - 1", "missing + 1", "topic(9)", "CASE 9 WHEN 1 THEN 2 END"])
def test_what_cannot_be_computed_is_left_out(expression: str) -> None:
    assert run(f"SELECT {expression} AS x, 1 AS y FROM '#'") == {"y": 1}


def test_malformed_json_is_undefined_and_not_an_error() -> None:
    assert run("SELECT speed, 1 AS y FROM '#'", b'{"speed":') == {"y": 1}
    assert run("SELECT speed FROM '#' WHERE speed > 1", b"[" * 100_000) is ABSENT


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "SELECT",
        "SELECT * FROM a",
        "SELECT 1 FROM '#'",
        "SELECT a b FROM '#'",
        "SELECT nosuch(1) AS x FROM '#'",
        "SELECT topic(1, 2) AS x FROM '#'",
        "SELECT a FROM '#' WHERE",
        "SELECT a FROM '#' garbage",
        "SELECT a; DROP FROM '#'",
        "SELECT " + "(" * 60 + "1" + ")" * 60 + " AS x FROM '#'",
    ],
)
def test_a_statement_that_cannot_run_is_refused(sql: str) -> None:
    with pytest.raises(BadSql):
        parse(sql)


def test_a_substitution_template() -> None:
    assert template("alerts/${topic(2)}/x")(Context("a/b", b"")) == "alerts/b/x"
