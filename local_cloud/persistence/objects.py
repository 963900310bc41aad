"""S3 objects, kept as they are: per object one file of content and one of what S3 knows about it.

Of a versioned object the newest version is kept, with its id; older versions do not survive a restart.
"""

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from local_cloud.cloud import write_private
from local_cloud.door import asks_s3
from local_cloud.door.calls import Call

_ACCOUNT = "123456789012"


class Objects:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, call: Call) -> None:
        """Write the state of every object that the call may have changed."""
        if call.method in ("GET", "HEAD"):
            return
        bucket, _, key = call.path.lstrip("/").partition("/")
        if call.method == "POST" and "delete" in call.query and not key:
            for one in asks_s3.deleted_keys(call.body):
                self._keep(bucket, one)
        elif key:
            self._keep(bucket, key)

    def restore(self) -> None:
        """Put every kept object back into the buckets that the template still has."""
        for path in sorted(self._folder.glob("*/*.json")):
            said = json.loads(path.read_bytes())
            backend = _backend()
            if said["bucket"] not in backend.buckets:
                continue
            value = path.with_suffix(".bin").read_bytes()
            made = backend.put_object(said["bucket"], said["key"], value, disable_notification=True)
            made._metadata.update(said["metadata"])
            made._version_id, made._etag = said["version_id"], said["etag"]
            made.last_modified = datetime.fromisoformat(said["last_modified"])

    def _keep(self, bucket: str, key: str) -> None:
        backend = _backend()
        found = backend.buckets[bucket].keys.get(key) if bucket in backend.buckets else None
        name = hashlib.sha256(key.encode()).hexdigest()
        path = self._folder / bucket / f"{name}.json"
        if found is None or not hasattr(found, "value"):
            path.unlink(missing_ok=True)
            path.with_suffix(".bin").unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        said = {
            "bucket": bucket,
            "key": key,
            "version_id": found._version_id,
            "etag": found._etag,
            "last_modified": found.last_modified.isoformat(),
            "metadata": dict(found._metadata),
        }
        write_private(path.with_suffix(".bin"), found.value)
        write_private(path, json.dumps(said).encode())


def _backend() -> Any:
    from moto.s3.models import s3_backends

    return s3_backends[_ACCOUNT]["aws"]
