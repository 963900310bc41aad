"""The whole product as a user has it: started by its command, known through its endpoints file alone."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[2]
START_WITHIN_S = 240
STOP_WITHIN_S = 30
Found = TypeVar("Found")


class Refused(Exception):
    """The API answered with an error status; holds status and body."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"{status}: {body[:500]}")
        self.status = status
        self.body = body


@dataclass
class Product:
    """A running product."""

    process: "subprocess.Popen[bytes]"
    endpoints_path: Path
    data: Path

    @property
    def endpoints(self) -> dict[str, Any]:
        """Read anew each time: processes come and go."""
        found: dict[str, Any] = json.loads(self.endpoints_path.read_bytes())
        return found

    def tenants(self) -> list[str]:
        return [key["tenant"] for key in self.endpoints["api_keys"]]

    def key(self, tenant: int = 0) -> str:
        secret: str = self.endpoints["api_keys"][tenant]["key"]
        return secret

    def graphql(self, document: str, *, tenant: int = 0, **variables: object) -> dict[str, Any]:
        """The `data` of an answer without errors."""
        answer = self.ask({"query": document, "variables": variables}, tenant=tenant)
        assert not answer.get("errors"), answer
        data: dict[str, Any] = answer["data"]
        return data

    def ask(self, body: object, *, tenant: int = 0, credential: str | None = None) -> dict[str, Any]:
        """The whole answer to a GraphQL request. Raises Refused."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {credential or self.key(tenant)}"}
        request = urllib.request.Request(self.endpoints["graphql"], json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(error.code, error.read().decode()) from None

    def machines(self, *, tenant: int = 0) -> list[dict[str, Any]]:
        document = "{ machines { id name kind execution simulated lastSeen } }"
        found: list[dict[str, Any]] = self.graphql(document, tenant=tenant)["machines"]
        return found

    def aws(self, service: str) -> Any:
        """A boto3 client with the operator's credentials."""
        import boto3

        aws = self.endpoints["aws"]
        return boto3.client(
            service,
            endpoint_url=aws["url"],
            region_name=aws["region"],
            aws_access_key_id=aws["access_key_id"],
            aws_secret_access_key=aws["secret_access_key"],
        )


@contextmanager
def running(folder: Path, *options: str, port: int | None = None) -> Iterator[Product]:
    """Start the product in `folder`, and end it afterwards with everything it started."""
    endpoints = folder / "endpoints.json"
    log = (folder / "up.log").open("ab")
    command = [sys.executable, "-m", "cli.main", "up", "--data", str(folder / "data"), "--endpoints", str(endpoints)]
    command += ["--port", str(port or free_port()), *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
    try:
        started(process, endpoints, folder / "up.log")
        yield Product(process, endpoints, folder / "data")
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_WITHIN_S)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            log.close()


def started(process: "subprocess.Popen[bytes]", endpoints: Path, log: Path) -> None:
    """Wait until the endpoints file is there; fail with the log otherwise."""
    until(lambda: endpoints.is_file() or process.poll() is not None, within_s=START_WITHIN_S, what="endpoints.json")
    assert process.poll() is None, log.read_text()


def until(ask: Callable[[], Found], *, within_s: float, what: str, every_s: float = 0.5) -> Found:
    """The first answer that is true; fails when there is none in time."""
    deadline = time.monotonic() + within_s
    while True:
        found = ask()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(every_s)


def ago(seconds: float) -> str:
    """RFC 3339 with milliseconds and Z."""
    return stamp(datetime.now(UTC) - timedelta(seconds=seconds))


def stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
