"""Where the suite runs: the same names and roles, deployed by different hands."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from local_cloud.cloud import Credentials
from tests.local_cloud.core.running import Running


class Target(Protocol):
    """A cloud in which the sample template is deployed."""

    def client(self, service: str, credentials: Credentials | None = None, *, attempts: int = 6) -> Any: ...

    def tenant(self, tenant: str) -> Credentials: ...

    def queue(self, name: str) -> str: ...


@dataclass(frozen=True)
class Names:
    """Physical names of the sample template, equal in every target."""

    table: str = "sample-rows"
    function: str = "sample-tricks"
    work: str = "sample-work"
    dead: str = "sample-dead"


@contextmanager
def local(folder: Path) -> Iterator[Target]:
    """The local cloud, started for the session."""
    running = Running(folder)
    try:
        yield running
    finally:
        running.stop()


TARGETS = {"local": local}
