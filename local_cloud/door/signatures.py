"""Checks the signature of a request, in its header or in its query (presigned)."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from local_cloud.door.sessions import BadCredentials, Principal, Sessions
from local_cloud.sigv4 import ALGORITHM, Scope, canonical_request, signature

SKEW = timedelta(minutes=15)
_UNSIGNED = "UNSIGNED-PAYLOAD"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a request says about its signature."""

    access_key: str
    token: str
    scope: Scope
    names: tuple[str, ...]
    signature: str
    stamp: str
    valid_for: timedelta
    presigned: bool


def read(raw_target: str, headers: Mapping[str, str]) -> Signed | None:
    """The claim of a request, or None when it carries none. Raises BadCredentials for a malformed one."""
    authorization = headers.get("authorization", "")
    try:
        if authorization.startswith(ALGORITHM):
            return _from_header(authorization, headers)
        query = dict(parse_qsl(raw_target.partition("?")[2], keep_blank_values=True))
        return _from_query(query) if query.get("X-Amz-Algorithm") == ALGORITHM else None
    except (KeyError, ValueError):
        raise BadCredentials("IncompleteSignatureException", "The signature of the request cannot be read.") from None


def _from_header(authorization: str, headers: Mapping[str, str]) -> Signed:
    fields = dict(part.strip().split("=", 1) for part in authorization[len(ALGORITHM) :].split(","))
    access_key, date, region, service, _ = fields["Credential"].split("/")
    return Signed(
        access_key,
        headers.get("x-amz-security-token", ""),
        Scope(date, region, service),
        tuple(fields["SignedHeaders"].split(";")),
        fields["Signature"],
        headers["x-amz-date"],
        SKEW,
        presigned=False,
    )


def _from_query(query: Mapping[str, str]) -> Signed:
    access_key, date, region, service, _ = query["X-Amz-Credential"].split("/")
    return Signed(
        access_key,
        query.get("X-Amz-Security-Token", ""),
        Scope(date, region, service),
        tuple(query["X-Amz-SignedHeaders"].split(";")),
        query["X-Amz-Signature"],
        query["X-Amz-Date"],
        timedelta(seconds=int(query["X-Amz-Expires"])),
        presigned=True,
    )


def verify(
    signed: Signed, *, method: str, raw_target: str, headers: Mapping[str, str], body: bytes,
    sessions: Sessions, now: datetime,
) -> Principal:  # fmt: skip
    """The principal whose secret made the signature. Raises BadCredentials."""
    secret, principal = sessions.find(signed.access_key, signed.token, now=now)
    age = now - datetime.strptime(signed.stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if not -SKEW <= age <= signed.valid_for:
        raise BadCredentials(
            "SignatureDoesNotMatch", f"Signature expired: made at {signed.stamp}, now {now:%Y%m%dT%H%M%SZ}"
        )
    if "host" not in signed.names:
        raise BadCredentials("SignatureDoesNotMatch", "The signature must cover the host header.")
    canonical = canonical_request(
        method,
        raw_target,
        headers=[(name, headers.get(name, "")) for name in signed.names],
        payload_hash=_payload_hash(signed, headers, body),
        service=signed.scope.service,
    )
    expected = signature(secret, signed.scope, stamp=signed.stamp, canonical=canonical)
    if not hmac.compare_digest(expected, signed.signature):
        raise BadCredentials(
            "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided."
        )
    return principal


def _payload_hash(signed: Signed, headers: Mapping[str, str], body: bytes) -> str:
    """What was signed about the body: for S3 what its header says, checked; else the hash of the body."""
    if signed.presigned:
        return _UNSIGNED if signed.scope.service == "s3" else hashlib.sha256(body).hexdigest()
    actual = hashlib.sha256(body).hexdigest()
    said = headers.get("x-amz-content-sha256", actual)
    if signed.scope.service == "s3" and (said == _UNSIGNED or said.startswith("STREAMING-")):
        return said
    if said != actual:
        raise BadCredentials("XAmzContentSHA256Mismatch", "The x-amz-content-sha256 header does not match the body.")
    return actual
