"""One request as the door sees it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote

from local_cloud.door.errors import AwsError


@dataclass(frozen=True)
class Call:
    """`raw_target` is path and query as sent; header names are lower-case."""

    method: str
    raw_target: str
    headers: Mapping[str, str]
    body: bytes
    service: str
    context: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def path(self) -> str:
        """Decoded path."""
        return unquote(self.raw_target.partition("?")[0])

    @cached_property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.raw_target.partition("?")[2], keep_blank_values=True))

    @cached_property
    def json(self) -> dict[str, Any]:
        """The body as a JSON object. Raises AwsError."""
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise AwsError(400, "SerializationException", "the body is no JSON object")
        return found

    @cached_property
    def form(self) -> dict[str, str]:
        """The body as a form, with the query under it (query protocol)."""
        return self.query | dict(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True))

    @cached_property
    def operation(self) -> str:
        """`PutItem` from X-Amz-Target, or `Action` of a query call, or ""."""
        target = self.headers.get("x-amz-target", "")
        return target.rpartition(".")[2] if target else self.form.get("Action", "")
