"""Topics: what a broker and a rule make of any name and filter, held against MQTT's own words written as a pattern.

Lines of an input: a topic, a filter, and the level that a rule asks for.
"""

import re

from cnc.domain.base.errors import BadId
from cnc.domain.base.tenant import Origin
from local_cloud.broker.topics import BadTopic, basic_ingest, check_topic, matches, parse_filter
from local_cloud.rules.context import Context
from local_cloud.rules.lexer import BadSql
from local_cloud.rules.sql import parse as parse_sql
from tests.fuzz.target import Target


def expected(pattern: str, topic: str) -> bool:
    """MQTT 5, 4.7, as a regular expression."""
    if topic.startswith("$") and pattern[0] in "+#":
        return False
    levels = pattern.split("/")
    rest = levels[-1] == "#"
    parts = ["[^/]*" if level == "+" else re.escape(level) for level in (levels[:-1] if rest else levels)]
    text = "/".join(parts)
    if rest:
        text = f"{text}(/.*)?" if parts else ".*"
    return re.fullmatch(text, topic, re.DOTALL) is not None


def parse(data: bytes) -> None:
    topic, pattern, level, *_ = (*data.decode("utf-8", "replace").split("\n"), "", "")
    check_topic(topic)
    rule, seen = basic_ingest(topic)
    assert (rule is None) == (seen == topic)
    filter_ = parse_filter(pattern).filter
    assert matches(filter_, seen) == expected(filter_, seen)
    _rule(seen, filter_, level)
    _origin(seen)


def _rule(topic: str, pattern: str, level: str) -> None:
    try:
        statement = parse_sql(f"SELECT topic({level}) AS n, topic() AS t FROM '{pattern}' WHERE topic(2) <> 'x'")
    except BadSql:
        return
    found = statement.evaluate(Context(topic, b"{}"))
    assert found is None or found.startswith(b"{")


def _origin(topic: str) -> None:
    levels = topic.split("/")
    if len(levels) < 4:
        return
    try:
        origin = Origin.checked(tenant=levels[1], site=levels[2], thing=levels[3])
    except BadId:
        return
    for letter, text in (("t", origin.tenant), ("s", origin.site), ("g", origin.thing)):
        assert re.fullmatch(letter + "_[0-9a-z]{16}", text, re.ASCII)


_WORDS = """
$aws/rules/ telemetry_minute/ cnc/ t_0123456789abcdef s_0123456789abcdef g_0123456789abcdef /+ /# + # $share/g/ $share/
$aws/things/ // / \\0 1 2 9 topic(3) 'x' -1 1.5 1e9 null ''
"""

TARGET = Target(
    parse,
    allowed=(BadTopic, BadId),
    words=(
        *(word.encode() for word in _WORDS.split()),
        b"\n",
        b"\x00",
        b"\xff",
        "é".encode(),
        "\U0001f600".encode(),
        b"t_0123456789abcdef\n",
    ),
    max_size=1_000,
)
