"""TXT records of a name, asked over HTTPS (RFC 8484's JSON form): the answer is as authentic as the resolver's TLS."""

import json
from collections.abc import Callable
from urllib.parse import quote

from cnc.domain.base.errors import CncError

#: Asked in this order; the first that answers counts.
RESOLVERS = ("https://cloudflare-dns.com/dns-query", "https://dns.google/resolve")
TXT = 16


def txt_records(name: str, *, get: Callable[[str], bytes]) -> tuple[str, ...]:
    """The records; none when there is no such name. Raises CncError `address.unreachable` when no resolver answers."""
    unreachable: CncError | None = None
    for resolver in RESOLVERS:
        try:
            return _records(get(f"{resolver}?name={quote(name, safe='')}&type=TXT"))
        except CncError as error:
            unreachable = error
        except ValueError as error:
            unreachable = CncError("address.unreachable", seen=resolver, expected=f"an answer about {name}; {error}")
    raise unreachable or CncError("address.unreachable", seen=name)


def _records(body: bytes) -> tuple[str, ...]:
    answer = json.loads(body)
    found = answer.get("Answer", []) if isinstance(answer, dict) else []
    return tuple(
        # A record longer than 255 bytes comes in several quoted parts.
        "".join(str(one["data"]).split('" "')).strip('"')
        for one in found
        if isinstance(one, dict) and one.get("type") == TXT and "data" in one
    )
