"""`Idempotency-Key` of every POST: the one place where a repeated request meets the answer of the first."""

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from cnc.services.caller import Caller
from cnc.services.entrance import Response
from cnc.services.idempotency import Marks, mark_of, once

HEADER = "idempotency-key"
REPLAYED = "idempotency-replayed"
#: Of the request at hand, never of an earlier one.
_NOT_KEPT = frozenset({"x-request-id"})


def answered_once(
    event: Mapping[str, Any],
    *,
    caller: Caller,
    answer: Callable[[], Response],
    marks: Marks,
    now: Callable[[], datetime],
) -> Response:
    """The route's own response, or the kept one. Raises CncError as `idempotency.once` does."""
    request = event["requestContext"]
    key = (event.get("headers") or {}).get(HEADER)
    if key is None or request["http"]["method"] != "POST" or not caller.tenant:
        return answer()
    mark = mark_of(key, caller=caller, route=f"POST {event['rawPath']}")
    response, replayed = once(
        mark, fingerprint=_fingerprint(event), answer=lambda: _kept(answer()), marks=marks, now=now
    )
    own = {"x-request-id": str(request.get("requestId", ""))}
    if replayed:
        own[REPLAYED] = "true"
    return {**response, "headers": {**response["headers"], **own}}


def _kept(response: Response) -> Response:
    """What is the same for whoever asks again."""
    headers = {name: value for name, value in response.get("headers", {}).items() if name.lower() not in _NOT_KEPT}
    return {**response, "headers": headers}


def _fingerprint(event: Mapping[str, Any]) -> str:
    """Of query and body; one JSON value has one fingerprint, however it is written."""
    text: str = event.get("body") or ""
    body = b64decode(text) if event.get("isBase64Encoded") else text.encode()
    canonical = json.dumps(json.loads(body), sort_keys=True) if body.strip() else ""
    return sha256(f"{event.get('rawQueryString', '')}\n{canonical}".encode()).hexdigest()
