"""Gets the uv binary without pip: the wheel of this platform from the package index, checked by its hash."""

import hashlib
import io
import json
import os
import platform
import stat
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

VERSION = "0.13.9"
_TIMEOUT_S = 60
_TAGS = {
    ("Linux", "x86_64"): "manylinux_2_17_x86_64",
    ("Linux", "aarch64"): "manylinux_2_17_aarch64",
    ("Darwin", "x86_64"): "macosx_10_12_x86_64",
    ("Darwin", "arm64"): "macosx_11_0_arm64",
}


class Unavailable(Exception):
    """This machine cannot be made ready; the message is one sentence for its owner."""


def fetch_uv(folder: Path) -> Path:
    """Path of uv, downloaded into `folder` unless it is there. Raises Unavailable."""
    binary = folder / f"uv-{VERSION}" / "uv"
    if binary.is_file():
        return binary
    wheel = _wheel()
    data = _download(wheel["url"])
    seen = hashlib.sha256(data).hexdigest()
    expected = wheel["hashes"]["sha256"]
    if seen != expected:
        raise Unavailable(f"the download of uv is broken: SHA-256 {seen[:12]}… instead of {expected[:12]}…: try again")
    binary.parent.mkdir(parents=True, exist_ok=True)
    partial = binary.with_suffix(".part")
    partial.write_bytes(_member(data))
    partial.chmod(partial.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    partial.replace(binary)
    return binary


def _wheel() -> dict[str, Any]:
    here = (platform.system(), platform.machine())
    tag = _TAGS.get(here)
    if tag is None:
        raise Unavailable(f"{here[0]} on {here[1]} is not supported: expected one of {sorted(_TAGS)}")
    listing = json.loads(_download(f"{_index()}/uv/", accept="application/vnd.pypi.simple.v1+json"))
    for wheel in listing["files"]:
        name = wheel["filename"]
        if name.startswith(f"uv-{VERSION}-") and tag in name:
            return _absolute(wheel)
    raise Unavailable(f"the package index has no uv {VERSION} for {tag}")


def _absolute(wheel: dict[str, Any]) -> dict[str, Any]:
    return wheel | {"url": urllib.parse.urljoin(f"{_index()}/uv/", wheel["url"])}


def _index() -> str:
    named = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple"
    return named.rstrip("/")


def _download(url: str, *, accept: str = "*/*") -> bytes:
    if not url.startswith("https://"):
        raise Unavailable(f"the package index is {url.split('/')[0]}…, expected https")
    headers = {"Accept": accept, "User-Agent": f"cnc-install/{sys.version_info[0]}"}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - https was checked above
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
            data: bytes = answer.read()
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        raise Unavailable(f"the package index did not answer ({error}): check the network and try again") from error
    return data


def _member(wheel: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        name = next((name for name in archive.namelist() if name.endswith("/scripts/uv")), None)
        if name is None:
            raise Unavailable(f"the wheel of uv {VERSION} holds no scripts/uv")
        return archive.read(name)
