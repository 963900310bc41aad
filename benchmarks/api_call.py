"""A `series` request as API Gateway hands it to the function, behind the authorizer."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.gateway import TENANT
from cnc.domain.base.clock import rfc3339
from cnc.services.caller import Caller

#: The text the portal sends.
DOCUMENT: Final = (Path(__file__).parents[1] / "graphql" / "operations" / "series.graphql").read_text()
CALLER: Final = Caller(
    tenant=TENANT, subject="k_0000000000000001", kind="key", roles=("owner",), scopes=frozenset({"api", "read"})
)


def series_event(
    machine: str, *, signals: Sequence[str], from_ms: int, to_ms: int, resolution_s: int
) -> dict[str, Any]:
    variables = {
        "machineId": machine,
        "signals": list(signals),
        "from": rfc3339(from_ms),
        "to": rfc3339(to_ms),
        "resolutionS": resolution_s,
    }
    request = {
        "requestId": "r-1",
        "http": {"method": "POST", "path": "/graphql"},
        "authorizer": {"lambda": {"tenant": TENANT, **CALLER.facts()}},
    }
    return {
        "headers": {"content-type": "application/json"},
        "requestContext": request,
        "body": json.dumps({"query": DOCUMENT, "variables": variables}),
        "isBase64Encoded": False,
    }
