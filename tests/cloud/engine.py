"""The real DynamoDB engine for tests: one dynoxide process per test session, fresh tables per test."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

import botocore.session
from botocore.config import Config

ROOT = Path(__file__).parents[2]
_PLACES = (
    ROOT / "local_cloud/engines/node_modules",
    ROOT / ".local/engines/node_modules",
    ROOT / ".cache/engines/node_modules",
)
START_TIMEOUT_S = 20


def binary() -> Path | None:
    """The engine's binary where it is installed on this machine."""
    for place in _PLACES:
        for found in sorted(place.glob("@dynoxide/*/dynoxide")):
            return found
    on_path = shutil.which("dynoxide")
    return Path(on_path) if on_path else None


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Start the engine on a free port and answer its URL; it ends with the block."""
    given = os.environ.get("CNC_TEST_DYNAMODB_URL")
    if given:  # `make test-ddb-local` names another engine
        yield given
        return
    program = binary()
    assert program is not None, f"dynoxide is in none of {[str(place) for place in _PLACES]}"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(program), "serve", "-p", str(port), "--db-path", str(folder / "tables.db")]
    with (folder / "engine.log").open("wb") as log:
        child = subprocess.Popen(command, stdout=log, stderr=log, env={"PATH": os.environ["PATH"]})
        try:
            _wait_for(port, child)
            yield f"http://127.0.0.1:{port}"
        finally:
            child.kill()
            child.wait(timeout=10)


def _wait_for(port: int, child: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        assert child.poll() is None, f"the engine ended with {child.returncode}"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"the engine did not listen on {port} within {START_TIMEOUT_S} s")


def client_of(url: str) -> Any:
    """A DynamoDB client with credentials of its own, for looking behind the product's back."""
    session = botocore.session.Session()
    session.set_credentials("test", "test")
    return session.create_client(
        "dynamodb", region_name="eu-central-1", endpoint_url=url, config=Config(retries={"total_max_attempts": 2})
    )


def make_table(client: Any, noun: str, *, sort_key: bool = True) -> str:
    """An empty table with the product's keys, under a name of its own."""
    name = f"cnc-test-{noun}-{token_hex(4)}"
    keys = ["p", "s"] if sort_key else ["p"]
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)],
    )
    return name
