import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.targets import Names, Target
from tests.local_cloud.core.running import unique
from tests.local_cloud.core.sample import OTHER, TENANT


def key(partition: str) -> dict[str, Any]:
    return {"p": {"S": partition}, "s": {"S": "a"}}


def code(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return str(refused.value.response["Error"]["Code"])


def test_a_conditional_put_answers_the_item_that_was_there(target: Target, names: Names) -> None:
    table, there = target.client("dynamodb"), key(unique("there"))
    table.put_item(TableName=names.table, Item=there | {"n": {"N": "1"}})
    with pytest.raises(ClientError) as refused:
        table.put_item(
            TableName=names.table,
            Item=there,
            ConditionExpression="attribute_not_exists(p)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert refused.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert refused.value.response["Item"]["n"] == {"N": "1"}


def test_a_transaction_is_all_or_nothing_and_says_why(target: Target, names: Names) -> None:
    table, one, two = target.client("dynamodb"), key(unique("one")), key(unique("two"))
    table.put_item(TableName=names.table, Item=two)
    puts = [
        {"Put": {"TableName": names.table, "Item": item, "ConditionExpression": "attribute_not_exists(p)"}}
        for item in (one, two)
    ]
    with pytest.raises(ClientError) as refused:
        table.transact_write_items(TransactItems=puts)
    assert [one["Code"] for one in refused.value.response["CancellationReasons"]] == ["None", "ConditionalCheckFailed"]
    assert "Item" not in table.get_item(TableName=names.table, Key=one, ConsistentRead=True)


def test_a_transaction_with_the_same_token_counts_once(target: Target, names: Names) -> None:
    table, counter = target.client("dynamodb"), key(unique("token"))
    added = {
        "TableName": names.table,
        "Key": counter,
        "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    for _ in range(2):
        table.transact_write_items(TransactItems=[{"Update": added}], ClientRequestToken=f"token-{counter['p']['S']}")
    assert table.get_item(TableName=names.table, Key=counter, ConsistentRead=True)["Item"]["n"] == {"N": "1"}


def test_counters_of_many_writers_are_exact(target: Target, names: Names) -> None:
    counter = key(unique("counter"))

    def add() -> None:
        table = target.client("dynamodb")
        for _ in range(10):
            table.update_item(
                TableName=names.table,
                Key=counter,
                UpdateExpression="ADD n :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
            )

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    got = target.client("dynamodb").get_item(TableName=names.table, Key=counter, ConsistentRead=True)
    assert got["Item"]["n"] == {"N": "40"}


def test_an_item_over_400_kb_is_refused(target: Target, names: Names) -> None:
    item = key(unique("large")) | {"b": {"B": b"x" * (400 * 1024)}}
    assert code(target.client("dynamodb").put_item, TableName=names.table, Item=item) == "ValidationException"


@pytest.mark.parametrize("operation", ["get_item", "put_item"])
def test_the_tenant_role_is_denied_a_foreign_key(target: Target, names: Names, operation: str) -> None:
    own = target.client("dynamodb", target.tenant(TENANT))
    name = {"get_item": "Key", "put_item": "Item"}[operation]
    getattr(own, operation)(TableName=names.table, **{name: key(f"T#{TENANT}#M")})
    assert (
        code(getattr(own, operation), TableName=names.table, **{name: key(f"T#{OTHER}#M")}) == "AccessDeniedException"
    )


def test_the_tenant_role_is_denied_a_scan(target: Target, names: Names) -> None:
    own = target.client("dynamodb", target.tenant(TENANT))
    assert code(own.scan, TableName=names.table) == "AccessDeniedException"
