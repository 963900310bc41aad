"""Whole batches, whatever the table leaves over."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from cnc.cloud.dynamo import StoreThrottled, get_all, put_all, query
from tests.cloud.fixtures import Cloud


class Throttling:
    """Leaves the last item of each batch over, so many times."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.stored: list[str] = []

    def batch_write_item(self, *, RequestItems: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:  # noqa: N803
        ((table, requests),) = RequestItems.items()
        assert len(requests) <= 25
        left = []
        if self.times:
            self.times -= 1
            left = [requests.pop()]
        self.stored += [request["PutRequest"]["Item"]["s"]["S"] for request in requests]
        return {"UnprocessedItems": {table: left} if left else {}}


def items(count: int) -> list[dict[str, Any]]:
    return [{"p": {"S": "T#x#M"}, "s": {"S": f"{number:03d}"}} for number in range(count)]


def test_items_left_over_are_put_again_after_a_wait() -> None:
    client, waits = Throttling(3), list[float]()
    put_all(client, table="t", items=items(60), sleep=waits.append)
    assert sorted(client.stored) == [f"{number:03d}" for number in range(60)]
    assert len(waits) == 3


def test_waits_are_random_below_a_limit_that_doubles() -> None:
    client, waits = Throttling(7), list[float]()
    put_all(client, table="t", items=items(2), sleep=waits.append)
    assert all(0 <= wait < 0.05 * 2**number for number, wait in enumerate(waits))


def test_a_table_that_keeps_refusing_is_an_error_with_what_is_left() -> None:
    with pytest.raises(StoreThrottled, match="1 items unprocessed after 8 attempts"):
        put_all(Throttling(99), table="t", items=items(2), sleep=lambda _: None)


def test_the_same_key_twice_in_a_batch_is_put_once() -> None:
    client = Throttling(0)
    put_all(client, table="t", items=items(2) + items(2))
    assert client.stored == ["000", "001"]


def test_nothing_to_put_calls_nobody() -> None:
    put_all(None, table="t", items=[])


def test_queries_and_gets_go_over_all_pages(cloud: Cloud) -> None:
    table = cloud.tables["telemetry"]
    big = [item | {"b": {"B": bytes(30_000)}} for item in items(120)]
    put_all(cloud.raw, table=table, items=big)
    found = list(query(cloud.raw, table=table, partition="T#x#M", first="000", last="~"))
    assert [item["s"]["S"] for item in found] == [f"{number:03d}" for number in range(120)]
    keys = [("T#x#M", item["s"]["S"]) for item in big] + [("T#x#M", "none")]
    assert len(get_all(cloud.raw, table=table, keys=keys)) == 120


def test_items_sent_plainly_arrive_as_those_the_sdk_writes(cloud: Cloud) -> None:
    table, plain = cloud.tables["telemetry"], cloud.clients.own("dynamodb")
    values = {"b": {"B": bytes(range(256))}, "o": {"N": "12"}, "r": {"S": 'ä "#" \u2028'}}
    for client, partition in ((plain, "T#x#plain"), (cloud.raw, "T#x#sdk")):
        put_all(client, table=table, items=[item | values | {"p": {"S": partition}} for item in items(30)])
    by_plain, by_sdk = (
        [{**item, "p": ""} for item in query(cloud.raw, table=table, partition=partition, first="0", last="~")]
        for partition in ("T#x#plain", "T#x#sdk")
    )
    assert by_plain == by_sdk
    assert by_plain[0]["b"]["B"] == bytes(range(256))


def test_what_the_table_refuses_is_an_error_when_sent_plainly_too(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="ResourceNotFound"):
        put_all(cloud.clients.own("dynamodb"), table="cnc-test-none", items=items(2))


def test_other_calls_of_the_client_are_untouched(cloud: Cloud) -> None:
    table, plain = cloud.tables["telemetry"], cloud.clients.own("dynamodb")
    put_all(plain, table=table, items=items(3))
    keys = [{"PutRequest": {"Item": item}} for item in items(2)]
    plain.batch_write_item(RequestItems={table: keys})
    assert plain.get_item(TableName=table, Key={"p": {"S": "T#x#M"}, "s": {"S": "001"}})["Item"]
