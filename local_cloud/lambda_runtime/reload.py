"""Notices that sources changed, so that workers with the old code go."""

import asyncio
from collections.abc import Callable
from pathlib import Path

FOLDERS = ("functions", "cnc", "graphql", "marketplace")
POLL_S = 2.0
_SUFFIXES = {".py", ".toml", ".graphql", ".html"}


def fingerprint(root: Path) -> int:
    """Changes when a source file of a function does, comes or goes."""
    seen = []
    for folder in FOLDERS:
        for path in (root / folder).rglob("*"):
            if path.suffix in _SUFFIXES and path.is_file():
                seen.append((str(path), path.stat().st_mtime_ns))
    return hash(tuple(sorted(seen)))


async def watch(root: Path, *, on_change: Callable[[], None]) -> None:
    """Runs until cancelled."""
    before = await asyncio.to_thread(fingerprint, root)
    while True:
        await asyncio.sleep(POLL_S)
        try:
            now = await asyncio.to_thread(fingerprint, root)
        except FileNotFoundError:
            continue  # a file went away while being looked at; the next look sees the rest
        if now != before:
            before = now
            on_change()
