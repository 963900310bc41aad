"""From minute messages to the object of their hour: closing tells, the object is made, late rows make it again."""

import io
import json
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.cloud.fixtures import Cloud
from tests.functions.gateway import TENANT, Gateway, LambdaContext, cold_start, machine_id, now_ms

HOUR_MS = 3_600_000


class Context(LambdaContext):
    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 240_000


class Told:
    """What was handed to hour_parquet, in place of the Lambda API."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def invoke(self, **call: Any) -> None:
        assert (call["FunctionName"], call["InvocationType"]) == ("cnc-test-hour_parquet", "Event")
        self.events.append(json.loads(call["Payload"]))


@pytest.fixture
def hour_ms(gateway: Gateway, cloud: Cloud) -> int:
    """An hour that is over, since the tenant's first."""
    start_ms = now_ms() // HOUR_MS * HOUR_MS - 2 * HOUR_MS
    for number in range(1, gateway.sources + 1):
        key = {"p": {"S": f"T#{TENANT}#M"}, "s": {"S": machine_id(number)}}
        cloud.raw.put_item(TableName=cloud.tables["shop"], Item=key)
    row = {"p": {"S": f"N#{TENANT}"}, "tenant": {"S": TENANT}, "created_ms": {"S": str(start_ms)}}
    cloud.raw.put_item(TableName=cloud.tables["directory"], Item=row)
    return start_ms


def close() -> list[dict[str, Any]]:
    told = Told()
    module = cold_start("hour_close")
    module.stores.told._lambda = lambda: told
    module.lambda_handler({}, Context())
    return told.events


def rows_in_object(cloud: Cloud) -> list[int]:
    """seq of every row of the only object."""
    s3 = cloud.clients.own("s3")
    (found,) = s3.list_objects_v2(Bucket=cloud.bucket)["Contents"]
    assert found["Key"].startswith(f"tenant={TENANT}/kind=parquet/date=")
    body = s3.get_object(Bucket=cloud.bucket, Key=found["Key"])["Body"].read()
    return list(pq.read_table(io.BytesIO(body))["seq"].to_pylist())


def test_late_rows_make_the_object_of_their_hour_again(cloud: Cloud, gateway: Gateway, hour_ms: int) -> None:
    ingest, parquet = cold_start("telemetry_minute"), cold_start("hour_parquet")

    def arrive(first: int, *, after_ms: int) -> None:
        minute = gateway.minute(1, first=first, t0_ms=hour_ms + after_ms)
        assert ingest.lambda_handler(gateway.event(gateway.message(minute)), LambdaContext())["Stored"] == 1

    arrive(61, after_ms=60_000)
    first = {"v": 1, "tenant": TENANT, "hour_ms": hour_ms}
    events = close()
    assert first in events
    for event in events:
        parquet.lambda_handler(event, LambdaContext())
    assert rows_in_object(cloud) == list(range(61, 121))
    assert first not in close()

    arrive(1, after_ms=0)
    assert first in close()
    assert parquet.lambda_handler(first, LambdaContext())["ParquetRows"] == 120
    assert rows_in_object(cloud) == list(range(1, 121))
