"""Begin work of a background function, or go on with it: an asynchronous invoke, which Lambda repeats when it fails."""

import json
from collections.abc import Callable
from typing import Any


class WorkInvoker:
    """Invokes with the function's own role."""

    def __init__(self, lambda_client: Callable[[], Any], *, function: str) -> None:
        """`lambda_client` makes the client when there is something to begin."""
        self._lambda = lambda_client
        self._function = function

    def begin(self, *, tenant: str, **work: str) -> None:
        """The tenant travels in the event, beside what names the work."""
        body = json.dumps({"v": 1, "tenant": tenant, **work}, separators=(",", ":"), sort_keys=True).encode()
        self._lambda().invoke(FunctionName=self._function, InvocationType="Event", Payload=body)
