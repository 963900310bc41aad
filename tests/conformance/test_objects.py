"""Objects: presigned addresses and what a missing one answers."""

from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.conformance.asking import refusal
from tests.conformance.targets import Target, unique


@pytest.fixture(scope="module")
def s3(target: Target) -> Any:
    return target.client("s3")


def fetched(url: str, *, method: str = "GET", data: bytes | None = None) -> tuple[int, bytes]:
    headers = {"Content-Type": "application/octet-stream"} if data else {}
    try:
        with urlopen(Request(url, method=method, data=data, headers=headers), timeout=30) as answer:
            return answer.status, answer.read()
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read()


def signed(s3: Any, operation: str, bucket: str, key: str, *, valid_s: int = 60) -> str:
    url: str = s3.generate_presigned_url(operation, Params={"Bucket": bucket, "Key": key}, ExpiresIn=valid_s)
    return url


def test_a_presigned_address_takes_and_gives_an_object(target: Target, s3: Any) -> None:
    bucket, name = target.names.bucket, unique("programs/O 1ü")
    assert fetched(signed(s3, "put_object", bucket, name), method="PUT", data=b"G0 X1")[0] == 200
    assert fetched(signed(s3, "get_object", bucket, name)) == (200, b"G0 X1")


def test_a_presigned_address_is_for_one_object_and_one_method(target: Target, s3: Any) -> None:
    bucket, name = target.names.bucket, unique("one")
    s3.put_object(Bucket=bucket, Key=name, Body=b"1")
    s3.put_object(Bucket=bucket, Key=name + "-other", Body=b"2")
    address = signed(s3, "get_object", bucket, name)
    assert fetched(address.replace(name, name + "-other"))[0] == 403
    assert fetched(address, method="PUT", data=b"3")[0] == 403


def test_a_presigned_address_ends(target: Target, s3: Any) -> None:
    name = unique("ends")
    s3.put_object(Bucket=target.names.bucket, Key=name, Body=b"1")
    address = signed(s3, "get_object", target.names.bucket, name, valid_s=1)
    target.until(lambda: fetched(address)[0] == 403, what="the end of the address")


def test_an_object_that_is_not_there(target: Target, s3: Any) -> None:
    asked = {"Bucket": target.names.bucket, "Key": unique("none")}
    assert refusal(s3.get_object, **asked) == (404, "NoSuchKey")


def test_a_listing_is_complete_at_once_and_in_the_order_of_bytes(target: Target, s3: Any) -> None:
    prefix = unique("list") + "/"
    names = [f"{prefix}{end}" for end in ("b", "A", "a/1", "a/2", "é")]
    for name in names:
        s3.put_object(Bucket=target.names.bucket, Key=name, Body=b"")
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=target.names.bucket, Prefix=prefix, PaginationConfig={"PageSize": 2}
    )
    assert [one["Key"] for page in pages for one in page["Contents"]] == sorted(names, key=str.encode)
    folders = s3.list_objects_v2(Bucket=target.names.bucket, Prefix=prefix, Delimiter="/")
    assert [one["Prefix"] for one in folders["CommonPrefixes"]] == [f"{prefix}a/"]
