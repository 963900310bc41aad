"""Signature Version 4 of AWS: one canonical form, used to sign and to verify.

    StringToSign = "AWS4-HMAC-SHA256" \\n time \\n scope \\n sha256(CanonicalRequest)

S3 signs the path as sent; every other service signs it encoded once more.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, quote, urlsplit

from local_cloud.cloud import Credentials

ALGORITHM = "AWS4-HMAC-SHA256"
EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Scope:
    date: str
    region: str
    service: str

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def canonical_request(
    method: str, raw_target: str, *, headers: Sequence[tuple[str, str]], payload_hash: str, service: str
) -> str:
    """`headers` are the signed ones, lower-case names, sorted; `raw_target` is path and query as sent."""
    path, _, query = raw_target.partition("?")
    path = path or "/"
    if service != "s3":
        path = quote(path, safe="/~")
    pairs = [(quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in parse_qsl(query, keep_blank_values=True)]
    kept = sorted(pair for pair in pairs if pair[0] != "X-Amz-Signature")
    lines = "".join(f"{name}:{' '.join(value.split())}\n" for name, value in headers)
    names = ";".join(name for name, _ in headers)
    return "\n".join((method, path, "&".join(f"{k}={v}" for k, v in kept), lines, names, payload_hash))


def signature(secret: str, scope: Scope, *, stamp: str, canonical: str) -> str:
    """Lower-case hex; `stamp` is `YYYYMMDDTHHMMSSZ`."""
    key = f"AWS4{secret}".encode()
    for part in (scope.date, scope.region, scope.service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return hmac.new(key, f"{ALGORITHM}\n{stamp}\n{scope}\n{digest}".encode(), "sha256").hexdigest()


def sign(
    method: str,
    url: str,
    *,
    credentials: Credentials,
    service: str,
    region: str,
    now: datetime,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers to send: those given, lower-cased, with host, date, token and Authorization."""
    parts = urlsplit(url)
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    scope = Scope(stamp[:8], region, service)
    payload_hash = hashlib.sha256(body).hexdigest()
    sent = {name.lower(): value for name, value in (headers or {}).items()}
    sent |= {"host": parts.netloc, "x-amz-date": stamp, "x-amz-content-sha256": payload_hash}
    if credentials.session_token:
        sent["x-amz-security-token"] = credentials.session_token
    signed = sorted(sent.items())
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    canonical = canonical_request(method, target, headers=signed, payload_hash=payload_hash, service=service)
    made = signature(credentials.secret_access_key, scope, stamp=stamp, canonical=canonical)
    names = ";".join(name for name, _ in signed)
    sent["authorization"] = (
        f"{ALGORITHM} Credential={credentials.access_key_id}/{scope}, SignedHeaders={names}, Signature={made}"
    )
    return sent
