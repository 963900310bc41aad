"""Contents of programs and tables by digest: `kind=program/sha256=<hex>` under the tenant's prefix."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256 as sha256_of
from typing import Any

from botocore.exceptions import ClientError

from cnc.cloud.tenancy import current

#: Who may not list a bucket is told 403 for an object that is not there.
_ABSENT = frozenset({"NoSuchKey", "404", "403", "AccessDenied"})
LINK_S = 60
UPLOAD_S = 600
MOST_BYTES = 64 * 1024 * 1024


class ContentStore:
    """Bytes that are what their key says; others are as if they were not there."""

    def __init__(self, s3: Callable[[], Any], *, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def put(self, sha256: str, body: bytes, /) -> None:
        self._s3().put_object(**self._at(sha256), Body=body, ChecksumSHA256=_checksum(sha256))

    def get(self, sha256: str, /) -> bytes | None:
        try:
            answer = self._s3().get_object(**self._at(sha256))
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise
        body: bytes = answer["Body"].read(MOST_BYTES + 1)
        return body if sha256_of(body).hexdigest() == sha256 else None

    def has(self, sha256: str, /) -> bool:
        try:
            self._s3().head_object(**self._at(sha256))
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return False
            raise
        return True

    def remove(self, sha256: str, /) -> None:
        self._s3().delete_object(**self._at(sha256))

    def link(self, sha256: str, /) -> str:
        signed: str = self._s3().generate_presigned_url("get_object", Params=self._at(sha256), ExpiresIn=LINK_S)
        return signed

    def upload_link(self, sha256: str, /) -> str:
        """S3 itself refuses a body with another checksum: the header is part of what is signed."""
        params = {**self._at(sha256), "ChecksumSHA256": _checksum(sha256)}
        signed: str = self._s3().generate_presigned_url("put_object", Params=params, ExpiresIn=UPLOAD_S)
        return signed

    def _at(self, sha256: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": current().content_key("program", sha256=sha256)}


def _checksum(sha256: str) -> str:
    return b64encode(bytes.fromhex(sha256)).decode()
