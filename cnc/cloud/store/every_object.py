"""Every object below the prefix of the tenant acted for, and archives that are put there in pieces."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from cnc.cloud.tenancy import current
from cnc.services.privacy.ports import Uploaded

_ABSENT = frozenset({"NoSuchKey", "NoSuchUpload", "404", "403", "AccessDenied"})
#: A link ends with the session that signed it, at the latest after an hour.
LINK_S = 600


@dataclass(frozen=True, slots=True)
class EveryObject:
    """`s3` makes the client, which signs for the tenant acted for."""

    s3: Callable[[], Any]
    bucket: str

    def keys(self, kind: str, *, after: str = "") -> Iterator[tuple[str, int]]:
        """Key and size in bytes, by key, those after `after`."""
        call: dict[str, Any] = {"Bucket": self.bucket, "Prefix": f"tenant={current().tenant}/kind={kind}/"}
        if after:
            call["StartAfter"] = after
        while True:
            page = self.s3().list_objects_v2(**call)
            yield from ((one["Key"], one["Size"]) for one in page.get("Contents", ()))
            if not page.get("IsTruncated"):
                return
            call["ContinuationToken"] = page["NextContinuationToken"]

    def read(self, key: str) -> bytes:
        """Raises what S3 says when it is not there."""
        body: bytes = self.s3().get_object(Bucket=self.bucket, Key=_own(key))["Body"].read()
        return body

    def find(self, key: str) -> bytes | None:
        """None when there is none."""
        try:
            return self.read(key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise

    def remove(self, key: str) -> None:
        self.s3().delete_object(Bucket=self.bucket, Key=_own(key))

    def erase(self, key: str) -> None:
        """Remove every version of one object."""
        page = self.s3().list_object_versions(Bucket=self.bucket, Prefix=_own(key))
        for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            if one["Key"] == key:
                self.s3().delete_object(Bucket=self.bucket, Key=key, VersionId=one["VersionId"])

    def wipe(self) -> int:
        """Delete one page of versions, markers and unfinished uploads of this tenant; how many. 0: none is left."""
        prefix = f"tenant={current().tenant}/"
        page = self.s3().list_object_versions(Bucket=self.bucket, Prefix=prefix)
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        for one in found:
            self.s3().delete_object(Bucket=self.bucket, Key=_own(one["Key"]), VersionId=one["VersionId"])
        return len(found)


@dataclass(frozen=True, slots=True)
class ArchiveStore:
    """Archives `kind=export`, uploaded in parts, with the state between two parts beside them."""

    s3: Callable[[], Any]
    bucket: str

    def begin(self, name: str, *, at: datetime) -> str:
        """The upload's id."""
        made = self.s3().create_multipart_upload(**self._at(name, at), ContentType="application/zip")
        upload: str = made["UploadId"]
        return upload

    def part(self, name: str, body: bytes, *, at: datetime, upload: str, number: int) -> str:
        """The part's ETag; a part of the same number takes the place of the one before. Number 1 is the first."""
        made = self.s3().upload_part(**self._at(name, at), UploadId=upload, PartNumber=number, Body=body)
        tag: str = made["ETag"]
        return tag

    def finish(self, name: str, *, at: datetime, upload: str, tags: list[str]) -> None:
        """Again is the same: an upload that is gone was finished when its object is there."""
        parts = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, start=1)]
        try:
            self.s3().complete_multipart_upload(**self._at(name, at), UploadId=upload, MultipartUpload={"Parts": parts})
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchUpload" or self.size(name, at=at) is None:
                raise

    def abort(self, name: str, *, at: datetime, upload: str) -> None:
        try:
            self.s3().abort_multipart_upload(**self._at(name, at), UploadId=upload)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _ABSENT:
                raise

    def size(self, name: str, *, at: datetime) -> int | None:
        try:
            size: int = self.s3().head_object(**self._at(name, at))["ContentLength"]
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise
        return size

    def keep(self, state: Uploaded, *, at: datetime, name: str) -> None:
        """Where an upload stands; a state takes the place of the one before."""
        self.s3().put_object(**self._at(f"{name}.state", at), Body=state.packed())

    def kept(self, name: str, *, at: datetime) -> Uploaded | None:
        try:
            body = self.s3().get_object(**self._at(f"{name}.state", at))["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise
        return Uploaded.unpacked(json.loads(body))

    def forget(self, name: str, *, at: datetime) -> None:
        """Remove the state; the archive stays."""
        self.s3().delete_object(**self._at(f"{name}.state", at))

    def remove(self, name: str, *, at: datetime) -> None:
        self.s3().delete_object(**self._at(name, at))

    def link(self, name: str, *, at: datetime, file_name: str) -> str:
        """An address from which the archive can be fetched for ten minutes."""
        params = {**self._at(name, at), "ResponseContentDisposition": f'attachment; filename="{file_name}"'}
        signed: str = self.s3().generate_presigned_url("get_object", Params=params, ExpiresIn=LINK_S)
        return signed

    def _at(self, name: str, at: datetime) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": current().object_key("export", at=at, name=name)}


def _own(key: str) -> str:
    """A key below the tenant's prefix, or nothing is done. Raises ValueError."""
    if not key.startswith(f"tenant={current().tenant}/"):
        raise ValueError(f"saw {key!r}, expected a key of {current().tenant}")
    return key
