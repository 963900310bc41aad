"""Anchors in a bucket of their own with object lock: `tenant=<id>/anchor/<999,999,999,999 - seq>.json`.

The newest comes first in a listing. An object is put only where none is; of a key that has several versions, which
only somebody with power over the bucket itself could bring about, the first one counts, whatever was put on top of it.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from botocore.exceptions import ClientError

from cnc.cloud.tenancy import current
from cnc.domain.audit.anchor import SignedAnchor

_HIGHEST: Final = 999_999_999_999
#: What S3 answers when the place is taken, or was being taken at the same time.
_TAKEN: Final = {"PreconditionFailed", "ConditionalRequestConflict"}
MOST_BYTES: Final = 4096


class AnchorStore:
    def __init__(self, client: Callable[[], Any], *, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, signed: SignedAnchor, /) -> bool:
        """Whether the place was still free."""
        try:
            self._client().put_object(
                Bucket=self._bucket,
                Key=f"{_prefix()}{_HIGHEST - signed.anchor.seq:012d}.json",
                Body=signed.pack(),
                ContentType="application/json",
                IfNoneMatch="*",
                ChecksumAlgorithm="SHA256",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _TAKEN:
                return False
            raise
        return True

    def newest(self) -> SignedAnchor | None:
        return next(self._anchors(page_keys=1), None)

    def all(self) -> Iterator[SignedAnchor]:
        """Newest first."""
        return self._anchors(page_keys=1000)

    def some(self, most: int, /) -> list[SignedAnchor]:
        """Newest first: at most so many, the newest and the oldest among them, the others at even distances."""
        every = list(self._first_versions(1000))
        if len(every) > most:
            every = [every[index * (len(every) - 1) // (most - 1)] for index in range(most)]
        return [self._read(*one) for one in every]

    def _anchors(self, *, page_keys: int) -> Iterator[SignedAnchor]:
        return (self._read(*one) for one in self._first_versions(page_keys))

    def _read(self, key: str, version: str) -> SignedAnchor:
        found = self._client().get_object(Bucket=self._bucket, Key=key, VersionId=version)
        return SignedAnchor.unpack(found["Body"].read(MOST_BYTES))

    def _first_versions(self, page_keys: int) -> Iterator[tuple[str, str]]:
        """Key and id of the oldest version: a listing has the newest version of a key first."""
        call: dict[str, Any] = {"Bucket": self._bucket, "Prefix": _prefix(), "MaxKeys": page_keys}
        held: tuple[str, str] | None = None
        while True:
            page = self._client().list_object_versions(**call)
            for version in page.get("Versions", []):
                if held is not None and version["Key"] != held[0]:
                    yield held
                held = version["Key"], version["VersionId"]
            if not page.get("IsTruncated"):
                break
            call |= {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page.get("NextVersionIdMarker", "")}
            if not call["VersionIdMarker"]:
                del call["VersionIdMarker"]
        if held is not None:
            yield held


def _prefix() -> str:
    return f"tenant={current().tenant}/anchor/"
