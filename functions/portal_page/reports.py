"""What browsers report of our policy: one line in the log per report, cut short, without queries and samples.

Two forms come in: `application/csp-report` of `report-uri`, and `application/reports+json` of the Reporting API.
Whoever sends anything else is answered alike: a report is a courtesy.
"""

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

MOST_BYTES = 16_384
MOST_REPORTS = 5
_MOST_CHARACTERS = 120
_FIELDS = {
    "directive": ("effectiveDirective", "effective-directive", "violated-directive"),
    "blocked": ("blockedURL", "blocked-uri"),
    "page": ("documentURL", "document-uri"),
    "source": ("sourceFile", "source-file"),
}


def reports_in(event: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """At most five reports of one request (payload 2.0)."""
    text = str(event.get("body") or "")
    if len(text) > MOST_BYTES:
        return
    try:
        sent = json.loads(b64decode(text) if event.get("isBase64Encoded") else text)
    except (ValueError, RecursionError):
        return
    for entry in (sent if isinstance(sent, list) else [sent])[:MOST_REPORTS]:
        body = (entry.get("body") or entry.get("csp-report")) if isinstance(entry, dict) else None
        if isinstance(body, dict):
            yield {field: _first(body, names) for field, names in _FIELDS.items()}


def _first(body: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return _short(next((body[name] for name in names if isinstance(body.get(name), str)), ""))


def _short(text: str) -> str:
    """An address without what may be somebody's own: query, fragment, user."""
    if "://" not in text:
        return text[:_MOST_CHARACTERS]
    try:
        parts = urlsplit(text)
    except ValueError:
        return "?"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:_MOST_CHARACTERS]
