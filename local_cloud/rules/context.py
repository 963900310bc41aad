"""What a rule can see of one message."""

import base64
import json
from dataclasses import dataclass, field
from functools import cached_property

from local_cloud.rules.values import UNDEFINED, Value


@dataclass(frozen=True)
class Context:
    """`topic` is the name without the Basic Ingest prefix; `received_ms` milliseconds UTC."""

    topic: str
    payload: bytes
    client_id: str = "N/A"
    received_ms: int = 0
    account: str = "123456789012"
    trace_id: str = field(default="")
    principal: str = ""

    @cached_property
    def document(self) -> Value:
        """The payload as JSON; Undefined when it is none."""
        try:
            return json.loads(self.payload)
        except (ValueError, RecursionError):
            return UNDEFINED

    @property
    def base64(self) -> str:
        return base64.b64encode(self.payload).decode()
