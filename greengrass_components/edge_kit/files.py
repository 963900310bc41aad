"""Files that are whole or absent after a power cut, and documents that know when they are damaged."""

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnc.domain.base.errors import MalformedMessage
from cnc.domain.telemetry.wire import dumps, loads


def write_atomic(path: Path, data: bytes) -> None:
    """Replace `path` by `data`, durable when this returns. Raises OSError; the old content then stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
    finally:
        os.close(handle)
    fresh.replace(path)
    sync_folder(path.parent)


def sealed(document: dict[str, Any]) -> bytes:
    """A document of version 1 with its checksum in it."""
    return dumps({**document, "crc": zlib.crc32(dumps(document))})


def opened(data: bytes, *, limit: int) -> dict[str, Any]:
    """The document of `sealed`, or one of before there were checksums. Raises MalformedMessage."""
    document: dict[str, Any] = loads(data, limit=limit)
    crc = document.pop("crc", None)
    if crc is not None and crc != zlib.crc32(dumps(document)):
        raise MalformedMessage(seen="a checksum that does not fit", expected=f"{crc}")
    return document


def write_kept(path: Path, data: bytes) -> None:
    """As `write_atomic`; the content before stays beside it, for the case that the new one is damaged."""
    fresh = path.with_name(path.name + ".fresh")
    write_atomic(fresh, data)
    if path.exists():
        path.replace(_old(path))
    fresh.replace(path)
    sync_folder(path.parent)


def kept(path: Path, *, limit: int) -> Iterator[dict[str, Any]]:
    """What `write_kept` wrote of `sealed` documents: the newest first, without those that cannot be read."""
    for each in (path, _old(path)):
        try:
            yield opened(each.read_bytes(), limit=limit)
        except (OSError, MalformedMessage):
            continue


def _old(path: Path) -> Path:
    return path.with_name(path.name + ".old")


def sync_folder(folder: Path) -> None:
    """Make names that were created, replaced or removed in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def os_boot() -> str:
    """A name of this run of the operating system: pages written by a killed process survive until it ends.

    Where the system has none (macOS), the time of its start.
    """
    linux = Path("/proc/sys/kernel/random/boot_id")
    if linux.exists():
        return linux.read_text().strip()
    return os.popen("sysctl -n kern.boottime").read().strip()  # noqa: S605  a constant command
