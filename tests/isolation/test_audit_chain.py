"""The audit log under the product's own template: anchored by its function, read by its owner, found when changed."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.isolation.desks import Desk
from tests.isolation.shops import Shop

REFUSED = {"AccessDenied", "AccessDeniedException", "PreconditionFailed"}


def anchor_bucket(desk: Desk) -> str:
    named = desk.stage.cloud.of("AWS::SSM::Parameter")
    return str(next(one.properties["Value"] for one in named if one.physical_id.endswith("/anchor-bucket")))


@pytest.fixture
def anchored(desk: Desk, shops: list[Shop]) -> Shop:
    """A company whose log was anchored, by the function with its own roles."""
    shop = shops[0]
    renamed = desk.rest("PATCH", "/v1/tenant", credential=shop.owner, body={"name": f"{shop.name} works"})
    assert renamed.status == 200, renamed.text
    counts = desk.call("audit_anchor", {})
    assert (counts["ChainsAnchored"] > 0, counts["ChainsBroken"], counts["ChainsUnseen"]) == (True, 0, 0)
    return shop


def verdict(desk: Desk, shop: Shop) -> dict[str, Any]:
    answer = desk.rest("GET", "/v1/audit/verify", credential=shop.owner)
    assert answer.status == 200, answer.text
    return dict(answer.json)


@pytest.fixture
def changed(desk: Desk, anchored: Shop) -> Iterator[None]:
    """Its last entry is gone from the table, by the hand of somebody with all rights; it is put back afterwards."""
    client, table = desk.stage.client("dynamodb"), desk.stage.resource("audit")
    key = {"p": {"S": f"T#{anchored.tenant}#L"}, "s": {"S": f"{verdict(desk, anchored)['verified']:012d}"}}
    held = client.get_item(TableName=table, Key=key)["Item"]
    client.delete_item(TableName=table, Key=key)
    yield
    client.put_item(TableName=table, Item=held)


def test_a_log_holds_and_says_up_to_where_it_is_anchored(desk: Desk, anchored: Shop) -> None:
    told = verdict(desk, anchored)
    assert (told["holds"], told["anchored"]) == (True, told["verified"])
    assert told["anchor"]["seq"] == told["verified"] > 0
    assert desk.call("audit_anchor", {})["ChainsAnchored"] == 0


def test_a_tail_that_was_cut_is_found_and_never_signed(desk: Desk, anchored: Shop, changed: None) -> None:
    told = verdict(desk, anchored)
    assert (told["holds"], told["problem"]["problem"]) == (False, "cut")
    assert desk.call("audit_anchor", {})["ChainsBroken"] == 1


@pytest.mark.parametrize("role", ["audit_anchor-tenant", "rest-tenant", ""])
def test_nobody_changes_or_removes_an_anchor(desk: Desk, anchored: Shop, role: str) -> None:
    """Neither the functions that reach anchors nor the account's own keys."""
    credentials = desk.stage.role(role, tenant=anchored.tenant) if role else None
    client, bucket = desk.stage.client("s3", credentials), anchor_bucket(desk)
    found = desk.stage.client("s3").list_object_versions(Bucket=bucket, Prefix=f"tenant={anchored.tenant}/")["Versions"]
    where = {"Bucket": bucket, "Key": found[0]["Key"]}
    for call, more in (
        (client.delete_object, {}),
        (client.delete_object, {"VersionId": found[0]["VersionId"]}),
        (client.put_object, {"Body": b"{}", "ChecksumAlgorithm": "SHA256"}),
        (client.put_object, {"Body": b"{}", "ChecksumAlgorithm": "SHA256", "IfNoneMatch": "*"}),
    ):
        with pytest.raises(ClientError) as refused:
            call(**where, **more)
        assert refused.value.response["Error"]["Code"] in REFUSED
    assert verdict(desk, anchored)["badAnchors"] == []
