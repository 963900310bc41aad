"""An IoT rule: what of a message reaches its function."""

import base64
import json
import time

from tests.conformance.asking import Item, of
from tests.conformance.targets import Target, unique


def test_a_rule_gives_its_function_the_bytes_the_topic_and_the_time(target: Target) -> None:
    thing, sent = unique("thing"), json.dumps({"seq": 1, "load": 41.5}).encode()
    topic = f"$aws/rules/{target.names.rule}/conformance/{thing}"
    broker, table = target.client("iot-data"), target.client("dynamodb")
    before_ms = int(time.time() * 1000)
    broker.publish(topic=f"{topic}/down", qos=1, payload=b'{"of": "another topic"}')
    asked = {"TableName": target.names.table, "ConsistentRead": True, **of(f"rule-{thing}")}

    def kept() -> list[Item]:
        """A new rule may hear nothing for minutes, so the message is sent until it is heard; it is one row for ever."""
        broker.publish(topic=f"{topic}/up", qos=1, payload=sent)
        rows: list[Item] = table.query(**asked)["Items"]
        return rows

    rows = target.until(kept, what="the row of the rule")
    assert [base64.b64decode(row["s"]["S"]) for row in rows] == [sent]
    assert abs(int(rows[0]["received_ms"]["N"]) - before_ms) < 300_000
