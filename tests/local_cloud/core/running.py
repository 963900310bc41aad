"""The sample assembly, running: one local cloud per test session, without broker, rules and http."""

import itertools
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import boto3
from botocore.config import Config

from local_cloud.cloud import Chaos, Credentials
from local_cloud.supervisor import LocalCloud
from tests.local_cloud.core import sample

ROOT = Path(__file__).resolve().parents[3]
WITHOUT = frozenset({"broker", "rules", "http"})
Found = TypeVar("Found")
_numbers = itertools.count(1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Running:
    """A started local cloud and clients for it."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.folder = folder
        self.lines: list[str] = []
        self.seen: list[dict[str, int]] = []
        self.changed = threading.Event()
        sample.write(folder / "assembly")
        self.cloud = LocalCloud(
            folder / "assembly",
            folder / "data",
            port or free_port(),
            ROOT,
            on_processes=self.seen.append,
            progress=self.lines.append,
            chaos=Chaos(duplicate=0.0, reorder=0.0),
            without=WITHOUT,
        )
        self.cloud.start()

    def client(self, service: str, credentials: Credentials | None = None, *, attempts: int = 6) -> Any:
        own = credentials or self.cloud.outputs.admin
        return boto3.client(
            service,
            endpoint_url=self.cloud.outputs.aws_url,
            region_name="us-east-1",
            aws_access_key_id=own.access_key_id,
            aws_secret_access_key=own.secret_access_key,
            aws_session_token=own.session_token or None,
            config=Config(
                retries={"total_max_attempts": attempts, "mode": "standard"},
                read_timeout=20,
                signature_version="s3v4" if service == "s3" else None,
            ),
        )

    def tenant(self, tenant: str) -> Credentials:
        """A session of the tenant role."""
        answer = self.client("sts").assume_role(
            RoleArn="arn:aws:iam::123456789012:role/sample-tenant",
            RoleSessionName="test",
            Tags=[{"Key": "tenant", "Value": tenant}],
        )["Credentials"]
        return Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])

    @property
    def bucket(self) -> str:
        return self.cloud.outputs.parameters["/sample/bucket"]

    def queue(self, name: str) -> str:
        return str(self.client("sqs").get_queue_url(QueueName=name)["QueueUrl"])

    def stop(self) -> None:
        self.cloud.stop()


def unique(prefix: str) -> str:
    return f"{prefix}-{next(_numbers)}"


def until(probe: Callable[[], Found], *, within_s: float = 20.0, what: str = "") -> Found:
    """The first truthy answer of `probe`; fails after the deadline with the last one."""
    deadline = time.monotonic() + within_s
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s: {what or probe}; last answer {found!r}")
        time.sleep(0.05)
