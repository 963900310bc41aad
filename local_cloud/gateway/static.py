"""Static files of the portal: from the built folder if it is there, else from the bucket behind the door."""

import mimetypes
import re
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from aiohttp import web

from local_cloud.service_client import Reply

# A name with a hash of the content (`floor-BezbCJpV.js`) never changes its file.
HASHED = re.compile(r"-[A-Za-z0-9_-]{8}\.\w+$")
IMMUTABLE, SHORT = "public, max-age=31536000, immutable", "public, max-age=300"


class Bucket(Protocol):
    """S3 behind the door."""

    async def call(self, service: str, method: str, path: str) -> Reply: ...


class StaticFiles:
    """`folder` may not exist; then only the bucket answers."""

    def __init__(self, folder: Path, objects: Bucket) -> None:
        self.folder, self.objects = folder.resolve(), objects

    async def handle(self, request: web.Request, bucket: str) -> web.StreamResponse:
        """aiohttp's FileResponse picks a `.br` or `.gz` beside the file by Accept-Encoding."""
        if request.method not in ("GET", "HEAD"):
            return web.json_response({"message": "Method Not Allowed"}, status=405)
        path = request.path.lstrip("/")
        caching = IMMUTABLE if HASHED.search(path) else SHORT
        fields = {"Cache-Control": caching, "X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}
        local = self._local(path)
        if local is not None:
            return web.FileResponse(local, headers=fields)
        reply = await self.objects.call("s3", "GET", f"/{bucket}/{quote(path)}")
        if reply.status != 200:
            return web.Response(status=404, text="not found", headers={"Cache-Control": "no-store"})
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        return web.Response(body=reply.body, headers={**fields, "Content-Type": kind})

    def _local(self, path: str) -> Path | None:
        if "\0" in path or ".." in path.split("/"):
            return None  # to S3 these are letters of a key
        found = (self.folder / path).resolve()
        return found if found.is_relative_to(self.folder) and found.is_file() else None
