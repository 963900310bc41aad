"""Begin work of a background function, or go on with it: an asynchronous invoke, which Lambda repeats when it fails."""

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError


class WorkInvoker:
    """Invokes with the function's own role."""

    def __init__(self, lambda_client: Callable[[], Any], *, function: str) -> None:
        """`lambda_client` makes the client when there is something to begin."""
        self._lambda = lambda_client
        self._function = function

    def begin_if_possible(self, *, tenant: str, **work: str) -> bool:
        """Begin work whose order is stored: where that cannot be done now, the hourly job does it. Whether it was."""
        try:
            self.begin(tenant=tenant, **work)
        except (BotoCoreError, ClientError):
            return False
        return True

    def begin(self, *, tenant: str, **work: str) -> None:
        """The tenant travels in the event, beside what names the work."""
        body = json.dumps({"v": 1, "tenant": tenant, **work}, separators=(",", ":"), sort_keys=True).encode()
        self._lambda().invoke(FunctionName=self._function, InvocationType="Event", Payload=body)
