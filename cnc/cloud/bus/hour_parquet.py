"""Have the object of an hour made: an asynchronous invoke, which Lambda repeats when it fails."""

import json
from collections.abc import Callable
from typing import Any

from cnc.cloud.tenancy import current


class HourParquetInvoker:
    """Invokes `hour_parquet` with the function's own role; the tenant travels in the event."""

    def __init__(self, lambda_client: Callable[[], Any], *, function: str) -> None:
        """`lambda_client` makes the client when there is an hour to tell of."""
        self._lambda = lambda_client
        self._function = function

    def closed(self, hour_ms: int, /) -> None:
        event = {"v": 1, "tenant": current().tenant, "hour_ms": hour_ms}
        body = json.dumps(event, separators=(",", ":"), sort_keys=True).encode()
        self._lambda().invoke(FunctionName=self._function, InvocationType="Event", Payload=body)
