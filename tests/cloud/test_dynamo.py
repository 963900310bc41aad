"""Whole batches, whatever the table leaves over."""

from typing import Any

import pytest

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
