"""A simulator's port that somebody else has taken between two starts: the machine moves and is read again.

Two starts of the product, so it is one of `make kill`; what is decided and told is tests/cli/test_relocation.py.
"""

import json
import socket
from pathlib import Path

import pytest

from tests.product.running import Product, free_port, running, until

pytestmark = [pytest.mark.slow, pytest.mark.cloud, pytest.mark.timeout(600)]
OPTIONS = ("--machines", "1", "--no-portal")


def test_a_machine_whose_port_was_taken_between_two_starts_is_read_at_another(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, *OPTIONS, "--no-simulators", port=port) as product:
        held = json.loads((product.data / "demo.json").read_bytes())["machines"]
        taken = held[0]["serve"][0]["port"]
    with socket.socket() as other:
        other.bind(("127.0.0.1", taken))
        other.listen()
        with running(tmp_path, *OPTIONS, port=port) as product:
            until(lambda: seen(product, held[0]["id"]), within_s=60, what="a reading of the machine")
            ports = {row["machine"]: row["port"] for row in product.endpoints["simulators"]}
            assert ports[held[0]["id"]] != taken


def seen(product: Product, machine: str) -> bool:
    return any(one["id"] == machine and one["lastSeen"] for one in product.machines())
