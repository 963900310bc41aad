"""Tell the fan-out function that something changed: an asynchronous invoke, whose loss costs a preview and no more."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from cnc.cloud.tenancy import current


class FanOutInvoker:
    """Invokes `fan_out` with the function's own role; the tenant travels in the event."""

    def __init__(self, lambda_client: Callable[[], Any], *, function: str, watched: Callable[[], bool]) -> None:
        """`lambda_client` makes the client when there is something to tell, `watched` says whether anybody listens."""
        self._lambda = lambda_client
        self._function = function
        self._watched = watched

    def machine_state(self, machine: str, payload: Mapping[str, object]) -> None:
        """Nobody listens for most of the day, and a look costs a fifth of an invocation."""
        if self._watched():
            self._invoke("machine_state", machine, payload)

    def live_signals(self, machine: str, payload: Mapping[str, object]) -> None:
        """Not asked for watchers: gateways send frames only while somebody holds their lease."""
        self._invoke("live_signals", machine, payload)

    def _invoke(self, kind: str, machine: str, payload: Mapping[str, object]) -> None:
        event = {"v": 1, "tenant": current().tenant, "kind": kind, "machine": machine, "payload": payload}
        body = json.dumps(event, separators=(",", ":"), sort_keys=True, allow_nan=False).encode()
        self._lambda().invoke(FunctionName=self._function, InvocationType="Event", Payload=body)
