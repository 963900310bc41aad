"""What the stores rely on: limits, order, consistency."""

import threading
from typing import Any

import pytest

from tests.conformance.asking import Item, code, key, of
from tests.conformance.targets import Target, unique


@pytest.fixture(scope="module")
def table(target: Target) -> Any:
    return target.client("dynamodb")


@pytest.fixture
def name(target: Target) -> str:
    return target.names.table


def added(table: str, item: Item) -> Item:
    values = {":one": {"N": "1"}}
    return {
        "TableName": table,
        "Key": item,
        "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": values,
    }


def test_a_conditional_put_answers_the_item_that_was_there(table: Any, name: str) -> None:
    there = key(unique("there"))
    table.put_item(TableName=name, Item=there | {"n": {"N": "1"}})
    with pytest.raises(table.exceptions.ConditionalCheckFailedException) as refused:
        table.put_item(
            TableName=name,
            Item=there,
            ConditionExpression="attribute_not_exists(p)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert refused.value.response["Item"]["n"] == {"N": "1"}


def test_a_consistent_read_sees_every_write_before_it(table: Any, name: str) -> None:
    row = key(unique("row"))
    for number in range(20):
        table.put_item(TableName=name, Item=row | {"n": {"N": str(number)}})
        seen = table.get_item(TableName=name, Key=row, ConsistentRead=True)["Item"]
        assert seen["n"] == {"N": str(number)}


def test_an_index_follows_and_is_never_read_consistently(target: Target, table: Any, name: str) -> None:
    group = unique("group")
    asked = {
        "TableName": name,
        "IndexName": "by_g",
        "KeyConditionExpression": "g = :g",
        "ExpressionAttributeValues": {":g": {"S": group}},
    }
    table.put_item(TableName=name, Item=key(group) | {"g": {"S": group}})
    target.until(lambda: table.query(**asked)["Count"] == 1, what="the row in the index")
    assert code(table.query, **asked, ConsistentRead=True) == "ValidationException"


def test_rows_come_in_the_order_of_their_bytes_and_back(table: Any, name: str) -> None:
    partition = unique("order")
    sorts = ["a", "Z", "z", "é", "#1", "10", "9", "\U0001f529", "\ufffd"]
    for sort in sorts:
        table.put_item(TableName=name, Item=key(partition, sort))
    rows = table.query(TableName=name, **of(partition), ConsistentRead=True)["Items"]
    back = table.query(TableName=name, **of(partition), ConsistentRead=True, ScanIndexForward=False)["Items"]
    assert [row["s"]["S"] for row in rows] == sorted(sorts, key=lambda sort: sort.encode())
    assert rows == back[::-1]


def test_pages_of_a_query_join_to_the_whole(table: Any, name: str) -> None:
    partition = unique("pages")
    wanted = [f"{number:02d}" for number in range(7)]
    for sort in wanted:
        table.put_item(TableName=name, Item=key(partition, sort))
    seen: list[str] = []
    start: Item = {}
    while True:
        page = table.query(TableName=name, **of(partition), Limit=3, ConsistentRead=True, **start)
        seen += [row["s"]["S"] for row in page["Items"]]
        if "LastEvaluatedKey" not in page:
            break
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert seen == wanted


def test_a_page_ends_at_1_mb(table: Any, name: str) -> None:
    partition = unique("large")
    for sort in "abcd":
        table.put_item(TableName=name, Item=key(partition, sort) | {"b": {"B": b"x" * 390_000}})
    page = table.query(TableName=name, **of(partition), ConsistentRead=True)
    # Whether the row that crosses the line still belongs to the page is not said anywhere.
    assert page["Count"] in (2, 3)
    assert page["LastEvaluatedKey"] == key(partition, "abc"[page["Count"] - 1])


def test_an_item_over_400_kb_is_refused(table: Any, name: str) -> None:
    item = key(unique("large")) | {"b": {"B": b"x" * (400 * 1024)}}
    assert code(table.put_item, TableName=name, Item=item) == "ValidationException"


def test_an_update_that_grows_an_item_over_400_kb_is_refused(table: Any, name: str) -> None:
    row = key(unique("grown"))
    table.put_item(TableName=name, Item=row | {"b": {"B": b"x" * (300 * 1024)}})
    grown = {"UpdateExpression": "SET c = :c", "ExpressionAttributeValues": {":c": {"B": b"x" * (150 * 1024)}}}
    assert code(table.update_item, TableName=name, Key=row, **grown) == "ValidationException"


def test_a_batch_holds_25_puts(table: Any, name: str) -> None:
    partition = unique("batch")
    puts = [{"PutRequest": {"Item": key(partition, f"{number:02d}")}} for number in range(26)]
    assert code(table.batch_write_item, RequestItems={name: puts}) == "ValidationException"
    assert table.batch_write_item(RequestItems={name: puts[:25]})["UnprocessedItems"] == {}
    assert table.query(TableName=name, **of(partition), ConsistentRead=True)["Count"] == 25


def test_a_batch_asks_for_100_keys(table: Any, name: str) -> None:
    keys = [key("nobody", str(number)) for number in range(101)]
    assert code(table.batch_get_item, RequestItems={name: {"Keys": keys}}) == "ValidationException"
    assert table.batch_get_item(RequestItems={name: {"Keys": keys[:100]}})["Responses"] == {name: []}


def test_a_batch_names_no_key_twice(table: Any, name: str) -> None:
    twice = [{"PutRequest": {"Item": key("twice")}}] * 2
    assert code(table.batch_write_item, RequestItems={name: twice}) == "ValidationException"


def test_a_transaction_is_all_or_nothing_and_says_why(table: Any, name: str) -> None:
    one, two = key(unique("one")), key(unique("two"))
    table.put_item(TableName=name, Item=two)
    puts = [
        {"Put": {"TableName": name, "Item": item, "ConditionExpression": "attribute_not_exists(p)"}}
        for item in (one, two)
    ]
    with pytest.raises(table.exceptions.TransactionCanceledException) as refused:
        table.transact_write_items(TransactItems=puts)
    assert [one["Code"] for one in refused.value.response["CancellationReasons"]] == ["None", "ConditionalCheckFailed"]
    assert "Item" not in table.get_item(TableName=name, Key=one, ConsistentRead=True)


def test_a_transaction_holds_100_items(table: Any, name: str) -> None:
    partition = unique("hundred")
    puts = [{"Put": {"TableName": name, "Item": key(partition, f"{number:03d}")}} for number in range(101)]
    assert code(table.transact_write_items, TransactItems=puts) == "ValidationException"
    table.transact_write_items(TransactItems=puts[:100])
    assert table.query(TableName=name, **of(partition), ConsistentRead=True, Select="COUNT")["Count"] == 100


def test_a_transaction_with_the_same_token_counts_once(table: Any, name: str) -> None:
    counter, token = key(unique("token")), unique("t")
    for _ in range(2):
        table.transact_write_items(TransactItems=[{"Update": added(name, counter)}], ClientRequestToken=token)
    assert table.get_item(TableName=name, Key=counter, ConsistentRead=True)["Item"]["n"] == {"N": "1"}


def test_a_token_is_not_for_another_transaction(table: Any, name: str) -> None:
    token = unique("t")
    table.transact_write_items(TransactItems=[{"Update": added(name, key(unique("a")))}], ClientRequestToken=token)
    other = [{"Update": added(name, key(unique("b")))}]
    refused = code(table.transact_write_items, TransactItems=other, ClientRequestToken=token)
    assert refused == "IdempotentParameterMismatchException"


def test_counters_of_many_writers_are_exact(target: Target, table: Any, name: str) -> None:
    counter = key(unique("counter"))

    def add() -> None:
        own = target.client("dynamodb")
        for _ in range(10):
            own.update_item(**added(name, counter))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert table.get_item(TableName=name, Key=counter, ConsistentRead=True)["Item"]["n"] == {"N": "40"}


def test_a_number_keeps_38_digits_and_no_more(table: Any, name: str) -> None:
    row, digits = key(unique("digits")), "12345678901234567890123456789012345678"
    table.put_item(TableName=name, Item=row | {"n": {"N": digits}})
    assert table.get_item(TableName=name, Key=row, ConsistentRead=True)["Item"]["n"] == {"N": digits}
    assert code(table.put_item, TableName=name, Item=row | {"n": {"N": digits + "9"}}) == "ValidationException"


@pytest.mark.parametrize("wrong", ["empty", "missing", "number"])
def test_a_key_is_a_text_that_is_not_empty(table: Any, name: str, wrong: str) -> None:
    item = {"empty": key(""), "missing": {"p": {"S": "x"}}, "number": key("x") | {"s": {"N": "1"}}}[wrong]
    assert code(table.put_item, TableName=name, Item=item) == "ValidationException"


def test_a_key_never_changes(table: Any, name: str) -> None:
    asked = {"UpdateExpression": "SET s = :s", "ExpressionAttributeValues": {":s": {"S": "b"}}}
    assert code(table.update_item, TableName=name, Key=key(unique("k")), **asked) == "ValidationException"


def test_rows_end_by_the_attribute_that_the_template_names(table: Any, name: str) -> None:
    said = table.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert (said.get("AttributeName"), said["TimeToLiveStatus"].startswith("ENABL")) == ("x", True)


def test_a_guard_lets_a_row_grow_and_never_shrink(table: Any, name: str) -> None:
    row = key(unique("guard"))
    guarded = {"UpdateExpression": "SET n = :n", "ConditionExpression": "attribute_not_exists(n) OR n < :n"}
    for number in ("9", "10"):
        values = {":n": {"N": number}}
        table.update_item(TableName=name, Key=row, **guarded, ExpressionAttributeValues=values)
    refused = code(table.update_item, TableName=name, Key=row, **guarded, ExpressionAttributeValues=values)
    assert refused == "ConditionalCheckFailedException"
